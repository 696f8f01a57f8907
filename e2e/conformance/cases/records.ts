// Route 53: hosted zones, record sets and changes.
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { type Case, moto, route53Region, type Stage, suite } from '../case.ts';

interface Kit {
  readonly zone: string;
  change: string;
}

const absentZone = 'Z0000000000000000000';
const client = (stage: Stage) => stage.client(Route53Client, route53Region);
const record = (side: string, weight: number, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: 'shop.example.com',
  Type: 'A',
  SetIdentifier: side,
  Weight: weight,
  TTL: 60,
  ResourceRecords: [{ Value: side === 'primary' ? '192.0.2.1' : '192.0.2.2' }],
  ...more,
});
const create = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet });
const upsert = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet });
const remove = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet });
const simple = (Name: string, Value: string, Type: ResourceRecordSet['Type'] = 'A'): ResourceRecordSet => ({
  Name,
  Type,
  TTL: 60,
  ResourceRecords: [{ Value }],
});

async function setUp(stage: Stage): Promise<Kit> {
  const { HostedZone } = await client(stage).send(new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'conformance' }));
  const zone = HostedZone?.Id ?? '';
  await stage.pass(10);
  const { ChangeInfo } = await client(stage).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: [create(record('primary', 100)), create(record('standby', 0)), create(simple('*.example.com', '192.0.2.3'))],
      },
    }),
  );
  await stage.pass(60);
  return { zone, change: ChangeInfo?.Id ?? '' };
}

const changing = (name: string, changes: readonly Change[], rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'route53:ChangeResourceRecordSets',
  name,
  async call(stage, { zone }) {
    const output = await client(stage).send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Comment: 'conformance', Changes: [...changes] } }),
    );
    await stage.pass(60);
    return output;
  },
  ...rest,
});
const list = (name: string, more: Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'>, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'route53:ListResourceRecordSets',
  name,
  call: (stage, { zone }) => client(stage).send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...more })),
  ...rest,
});
const everything = ['Name', 'Type', 'SetIdentifier', 'Weight', 'TTL', 'ResourceRecords[].Value'].map((member) => `ResourceRecordSets[].${member}`);

export const records = suite<Kit>(setUp, [
  {
    operation: 'route53:CreateHostedZone',
    name: 'new',
    on: moto,
    same: ['HostedZone.Name', 'HostedZone.ResourceRecordSetCount', 'HostedZone.Config.PrivateZone'],
    call: (stage) => client(stage).send(new CreateHostedZoneCommand({ Name: 'example.net', CallerReference: 'another' })),
  },
  {
    operation: 'route53:CreateHostedZone',
    name: 'caller reference in use',
    call: (stage) => client(stage).send(new CreateHostedZoneCommand({ Name: 'example.net', CallerReference: 'another' })),
  },
  {
    operation: 'route53:GetHostedZone',
    name: 'known',
    same: ['HostedZone.Name', 'HostedZone.Config.PrivateZone', 'HostedZone.ResourceRecordSetCount'],
    call: (stage, { zone }) => client(stage).send(new GetHostedZoneCommand({ Id: zone })),
  },
  { operation: 'route53:GetHostedZone', name: 'absent', call: (stage) => client(stage).send(new GetHostedZoneCommand({ Id: absentZone })) },
  list('all', {}, { same: everything.filter((path) => !path.includes('Value')) }),
  list('from a name', { StartRecordName: 'shop.example.com' }, { same: everything }),
  list(
    'a page of one',
    { StartRecordName: 'shop.example.com', MaxItems: 1 },
    { same: ['NextRecordName', 'NextRecordType', 'NextRecordIdentifier', 'MaxItems'] },
  ),
  list('from an identifier', { StartRecordName: 'shop.example.com', StartRecordType: 'A', StartRecordIdentifier: 'standby' }, { same: everything }),
  list('from a type without a name', { StartRecordType: 'A' }, { on: moto }),
  {
    operation: 'route53:ListResourceRecordSets',
    name: 'of an absent zone',
    call: (stage) => client(stage).send(new ListResourceRecordSetsCommand({ HostedZoneId: absentZone })),
  },
  changing('delete and create with the standing values', [
    remove(record('primary', 100)),
    create(record('primary', 90)),
    remove(record('standby', 0)),
    create(record('standby', 10)),
  ]),
  changing('a name with capitals', [create(simple('Mixed.Example.com.', '192.0.2.3'))]),
  list('after the change', { StartRecordName: 'shop.example.com' }, { same: everything }),
  changing('delete with another weight', [remove(record('primary', 100)), create(record('primary', 50))]),
  changing('delete with another TTL', [remove(record('primary', 90, { TTL: 61 }))]),
  changing('delete with another value', [remove(record('primary', 90, { ResourceRecords: [{ Value: '192.0.2.9' }] }))]),
  changing('delete what is absent', [remove(record('third', 1))]),
  changing('create what exists', [create(record('primary', 90))]),
  changing('a good and a bad change', [upsert(record('standby', 77)), create(record('primary', 90))]),
  list('after the refused changes', { StartRecordName: 'shop.example.com' }, { same: everything }),
  changing('upsert', [upsert(record('standby', 11))], { same: ['ChangeInfo.Status', 'ChangeInfo.Comment'] }),
  changing('upsert with another TTL than its sibling', [upsert(record('standby', 11, { TTL: 30 }))]),
  changing('a name of another zone', [create(simple('shop.example.org', '192.0.2.3'))], { on: moto }),
  changing('a simple record beside weighted ones', [create(simple('shop.example.com', '192.0.2.3'))]),
  changing('a CNAME beside other types', [create(simple('shop.example.com', 'www.example.net', 'CNAME'))]),
  changing('weight above 255', [upsert(record('standby', 256))]),
  changing('negative weight', [upsert(record('standby', -1))]),
  changing('weight without an identifier', [create({ ...simple('new1.example.com', '192.0.2.3'), Weight: 1 })]),
  changing('identifier without a routing policy', [create({ ...simple('new2.example.com', '192.0.2.3'), SetIdentifier: 'one' })]),
  changing('two routing policies', [create({ ...record('one', 1), Name: 'new3.example.com', Failover: 'PRIMARY' })]),
  changing('neither values nor alias', [create({ Name: 'new4.example.com', Type: 'A', TTL: 60 })]),
  changing('values without a TTL', [create({ Name: 'new5.example.com', Type: 'A', ResourceRecords: [{ Value: '192.0.2.3' }] })]),
  changing('an address that is none', [create(simple('new6.example.com', 'nowhere'))]),
  changing('the same value twice', [create({ ...simple('new7.example.com', '192.0.2.3'), ResourceRecords: [{ Value: '192.0.2.3' }, { Value: '192.0.2.3' }] })]),
  changing('unknown type', [create(simple('new8.example.com', '192.0.2.3', 'B' as never))]),
  changing('unknown action', [{ Action: 'REPLACE' as never, ResourceRecordSet: record('primary', 90) }]),
  changing('absent health check', [upsert(record('standby', 11, { HealthCheckId: '00000000-0000-0000-0000-000000000000' }))]),
  changing('no changes', []),
  {
    operation: 'route53:ChangeResourceRecordSets',
    name: 'in an absent zone',
    call: (stage) =>
      client(stage).send(new ChangeResourceRecordSetsCommand({ HostedZoneId: absentZone, ChangeBatch: { Changes: [upsert(record('primary', 90))] } })),
  },
  {
    operation: 'route53:GetChange',
    name: 'a minute later',
    on: moto,
    same: ['ChangeInfo.Status'],
    async call(stage, { change }) {
      await stage.pass(60);
      return client(stage).send(new GetChangeCommand({ Id: change }));
    },
  },
  { operation: 'route53:GetChange', name: 'absent', call: (stage) => client(stage).send(new GetChangeCommand({ Id: 'C0000000000000000000' })) },
]);
