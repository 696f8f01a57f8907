// Route 53: atomic batches, compare-and-set, propagation, order of listing.
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHostedZoneCommand,
  InvalidChangeBatch,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { noon, type TestAccount, testAccount } from './account.ts';

const zone = 'Z0123456789ABCDEFGHIJ';
const record = (side: string, weight: number, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: 'shop.example.com',
  Type: 'A',
  SetIdentifier: side,
  Weight: weight,
  TTL: 60,
  ResourceRecords: [{ Value: side === 'primary' ? '192.0.2.1' : '192.0.2.2' }],
  ...more,
});
const move = (from: ResourceRecordSet, to: ResourceRecordSet): Change[] => [
  { Action: 'DELETE', ResourceRecordSet: from },
  { Action: 'CREATE', ResourceRecordSet: to },
];

let account: TestAccount;
let client: Route53Client;
const change = (...changes: Change[]) => client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes: changes } }));
const weights = () =>
  Object.fromEntries(account.cloud.effectiveRecords(zone, 'shop.example.com').map(({ setIdentifier, weight }) => [setIdentifier ?? '', weight]));

beforeEach(async () => {
  account = testAccount();
  account.cloud.physical.addHostedZone({ id: zone, name: 'example.com' });
  const setUp = account.cloud.client(Route53Client, 'us-east-1');
  await setUp.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: { Changes: [record('primary', 100), record('standby', 0)].map((set) => ({ Action: 'CREATE', ResourceRecordSet: set })) },
    }),
  );
  client = account.own(Route53Client, 'us-east-1');
});

describe('ChangeResourceRecordSets', () => {
  it('is a compare-and-set by DELETE and CREATE in one batch', async () => {
    await change(...move(record('primary', 100), record('primary', 90)), ...move(record('standby', 0), record('standby', 10)));
    account.clock.now += 60_000;
    expect(weights()).toEqual({ primary: 90, standby: 10 });
  });

  it('changes nothing when one DELETE does not match every value', async () => {
    const stale = change(...move(record('primary', 100), record('primary', 50)), ...move(record('standby', 1), record('standby', 50)));
    await expect(stale).rejects.toBeInstanceOf(InvalidChangeBatch);
    await expect(stale).rejects.toThrow('values provided do not match the current values');
    account.clock.now += 60_000;
    expect(weights()).toEqual({ primary: 100, standby: 0 });
  });

  it.each<[string, Partial<ResourceRecordSet>]>([
    ['TTL', { TTL: 61 }],
    ['value', { ResourceRecords: [{ Value: '192.0.2.9' }] }],
    ['weight', { Weight: 99 }],
  ])('does not delete a record whose %s differs', async (_what, difference) => {
    await expect(change({ Action: 'DELETE', ResourceRecordSet: record('primary', 100, difference) })).rejects.toThrow('do not match');
  });

  it.each<[string, ResourceRecordSet, string]>([
    ['a weight above 255', record('third', 256), 'Weight'],
    ['an address that is none', record('third', 1, { ResourceRecords: [{ Value: 'nowhere' }] }), 'not a valid address'],
    ['a name of another zone', record('third', 1, { Name: 'shop.example.org' }), 'not permitted in zone'],
    ['a simple record beside weighted ones', { Name: 'shop.example.com', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.3' }] }, 'non-weighted'],
    ['a record that exists', record('primary', 5), 'already exists'],
  ])('refuses to create %s', async (_what, set, message) => {
    await expect(change({ Action: 'CREATE', ResourceRecordSet: set })).rejects.toThrow(message);
  });

  it.each<[string, Change[]]>([
    ['a weight above 255', [{ Action: 'UPSERT', ResourceRecordSet: record('standby', 256) }]],
    ['a weight without an identifier', [{ Action: 'CREATE', ResourceRecordSet: record('third', 1, { SetIdentifier: undefined }) }]],
    ['two routing policies', [{ Action: 'CREATE', ResourceRecordSet: record('third', 1, { Failover: 'PRIMARY' }) }]],
    ['no TTL', [{ Action: 'CREATE', ResourceRecordSet: record('third', 1, { TTL: undefined }) }]],
    ['neither values nor an alias', [{ Action: 'CREATE', ResourceRecordSet: record('third', 1, { ResourceRecords: undefined }) }]],
    ['an unknown action', [{ Action: 'REPLACE' as never, ResourceRecordSet: record('primary', 1) }]],
    ['no change', []],
  ])('calls %s an invalid input: the batch is not even looked at', async (_what, changes) => {
    await expect(change(...changes)).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('wants one TTL for all weighted records of a name and type', async () => {
    await expect(change({ Action: 'UPSERT', ResourceRecordSet: record('standby', 0, { TTL: 30 }) })).rejects.toThrow('same TTL');
    await change(...['primary', 'standby'].map((side): Change => ({ Action: 'UPSERT', ResourceRecordSet: record(side, 1, { TTL: 30 }) })));
  });

  it('tells the comment of a change', async () => {
    const { ChangeInfo } = await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: zone,
        ChangeBatch: { Comment: 'why', Changes: [{ Action: 'UPSERT', ResourceRecordSet: record('standby', 1) }] },
      }),
    );
    expect(ChangeInfo).toMatchObject({ Comment: 'why', Status: 'PENDING' });
  });

  it('refuses a health check that does not exist', async () => {
    await expect(change({ Action: 'UPSERT', ResourceRecordSet: record('primary', 100, { HealthCheckId: 'absent' }) })).rejects.toMatchObject({
      name: 'NoSuchHealthCheck',
    });
  });

  it('shows a change to resolvers when it is in sync, 10 to 40 seconds later', async () => {
    const { ChangeInfo } = await change({ Action: 'UPSERT', ResourceRecordSet: record('standby', 10) });
    const status = async () => (await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
    account.clock.now = noon + 9_000;
    expect([await status(), weights()['standby']]).toEqual(['PENDING', 0]);
    account.clock.now = noon + 40_000;
    expect([await status(), weights()['standby']]).toEqual(['INSYNC', 10]);
  });

  it('refuses a change while the last one is processed, and tries again as the SDK does', async () => {
    await change({ Action: 'UPSERT', ResourceRecordSet: record('standby', 10) });
    await expect(change({ Action: 'UPSERT', ResourceRecordSet: record('standby', 11) })).rejects.toMatchObject({ name: 'PriorRequestNotComplete' });
    expect(account.cloud.counts['route53:ChangeResourceRecordSets']).toBe(5);
    account.clock.now += 2_500;
    await expect(change({ Action: 'UPSERT', ResourceRecordSet: record('standby', 11) })).resolves.toBeDefined();
  });

  it('keeps the last accepted weights, whatever is tried', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ from: fc.integer({ min: 0, max: 3 }), to: fc.integer({ min: 0, max: 3 }) }), { maxLength: 12 }), async (moves) => {
        let standing =
          (await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }))).ResourceRecordSets?.find(
            ({ SetIdentifier }) => SetIdentifier === 'standby',
          )?.Weight ?? -1;
        for (const { from, to } of moves) {
          account.clock.now += 10_000;
          const accepted = await change(...move(record('standby', from), record('standby', to))).then(
            () => true,
            () => false,
          );
          expect(accepted).toBe(from === standing);
          if (accepted) standing = to;
        }
        account.clock.now += 120_000;
        expect(weights()['standby']).toBe(standing);
      }),
      { numRuns: 25 },
    );
  });
});

describe('ListResourceRecordSets', () => {
  it('lists by reversed name, type and identifier, from the start that is given, in pages', async () => {
    const simple = (Name: string, Type: 'A' | 'TXT'): Change => ({
      Action: 'CREATE',
      ResourceRecordSet: { Name, Type, TTL: 60, ResourceRecords: [{ Value: Type === 'A' ? '192.0.2.3' : '"x"' }] },
    });
    await change(simple('a.shop.example.com', 'A'), simple('zz.example.com', 'TXT'), simple('example.com', 'TXT'));
    account.clock.now += 5_000;
    const all = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
    expect(all.ResourceRecordSets?.slice(0, 3).map(({ Type }) => Type)).toEqual(['NS', 'SOA', 'TXT']);
    expect(all.ResourceRecordSets?.slice(2).map(({ Name, SetIdentifier }) => [Name, SetIdentifier])).toEqual([
      ['example.com.', undefined],
      ['shop.example.com.', 'primary'],
      ['shop.example.com.', 'standby'],
      ['a.shop.example.com.', undefined],
      ['zz.example.com.', undefined],
    ]);
    const page = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: `/hostedzone/${zone}`, StartRecordName: 'shop.example.com', StartRecordType: 'A', MaxItems: 1 }),
    );
    expect(page).toMatchObject({ IsTruncated: true, NextRecordName: 'shop.example.com.', NextRecordType: 'A', NextRecordIdentifier: 'standby' });
  });

  it('throttles at more than five requests a second', async () => {
    const list = () => client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
    for (let index = 0; index < 5; index++) await list();
    await expect(list()).rejects.toMatchObject({ name: 'Throttling' });
  });
});

describe('hosted zones', () => {
  it('begin with name servers and a start of authority, and are described with their count of records', async () => {
    const made = await client.send(new CreateHostedZoneCommand({ Name: 'Example.net', CallerReference: 'once' }));
    expect(made.HostedZone).toMatchObject({ Name: 'example.net.', CallerReference: 'once', ResourceRecordSetCount: 2, Config: { PrivateZone: false } });
    const { HostedZone, DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: made.HostedZone?.Id ?? '' }));
    expect([HostedZone, DelegationSet]).toEqual([made.HostedZone, made.DelegationSet]);
  });
});

describe('health checks', () => {
  it('are filled in with the defaults', async () => {
    const { HealthCheck } = await client.send(
      new CreateHealthCheckCommand({ CallerReference: 'plain', HealthCheckConfig: { Type: 'HTTPS', FullyQualifiedDomainName: 'primary.example.com' } }),
    );
    expect(HealthCheck?.HealthCheckConfig).toEqual({
      Type: 'HTTPS',
      FullyQualifiedDomainName: 'primary.example.com',
      Port: 443,
      RequestInterval: 30,
      FailureThreshold: 3,
      MeasureLatency: false,
      EnableSNI: true,
      Inverted: false,
      Disabled: false,
    });
  });

  it('are created once per caller reference and read back', async () => {
    const create = (port: number) =>
      client.send(
        new CreateHealthCheckCommand({
          CallerReference: 'one',
          HealthCheckConfig: { Type: 'HTTPS', FullyQualifiedDomainName: 'primary.example.com', ResourcePath: '/health', Port: port },
        }),
      );
    const { HealthCheck } = await create(443);
    expect((await create(443)).HealthCheck?.Id).toBe(HealthCheck?.Id);
    await expect(create(444)).rejects.toMatchObject({ name: 'HealthCheckAlreadyExists' });
    account.clock.now += 2_000;
    const read = await client.send(new GetHealthCheckCommand({ HealthCheckId: HealthCheck?.Id }));
    expect(read.HealthCheck?.HealthCheckConfig?.ResourcePath).toBe('/health');
    expect(account.cloud.physical.healthChecks()[0]?.url).toBe('https://primary.example.com/health');
  });

  it('of an alarm need the alarm', async () => {
    const create = client.send(
      new CreateHealthCheckCommand({
        CallerReference: 'alarm',
        HealthCheckConfig: {
          Type: 'CLOUDWATCH_METRIC',
          AlarmIdentifier: { Region: 'eu-central-1', Name: 'absent' },
          InsufficientDataHealthStatus: 'LastKnownStatus',
        },
      }),
    );
    await expect(create).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});
