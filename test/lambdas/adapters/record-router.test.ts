import {
  ChangeResourceRecordSetsCommand,
  GetHealthCheckCommand,
  InvalidChangeBatch,
  ListResourceRecordSetsCommand,
  PriorRequestNotComplete,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { RecordRouter, RecordsUnfitError, WeightsChangedError } from '../../../lambdas/adapters/record-router.ts';
import { planInput } from '../../fixtures/plan.ts';

const route53 = mockClient(Route53Client);
const plan = Plan.parse(planInput({ record: { hostedZoneId: 'Z0123456789ABCDEFGHIJ', name: 'shop.example.com', types: ['A', 'AAAA'] } }));
const router = new RecordRouter();

const set = (Type: 'A' | 'AAAA', SetIdentifier: string, Weight: number, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: 'shop.example.com.',
  Type,
  SetIdentifier,
  Weight,
  TTL: 60,
  ResourceRecords: [{ Value: Type === 'A' ? '192.0.2.1' : '2001:db8::1' }],
  HealthCheckId: `check-${SetIdentifier}`,
  ...more,
});
const standing = (primary: number, standby: number) => [
  set('A', 'shop-primary', primary),
  set('A', 'shop-standby', standby),
  set('AAAA', 'shop-primary', primary),
  set('AAAA', 'shop-standby', standby),
];
const answer = (...pages: ResourceRecordSet[][]) => {
  const command = route53.on(ListResourceRecordSetsCommand);
  for (const sets of pages) command.resolvesOnce({ ResourceRecordSets: sets, IsTruncated: false, MaxItems: 300 });
};
const changed = () => route53.commandCalls(ChangeResourceRecordSetsCommand)[0]?.args[0].input.ChangeBatch?.Changes ?? [];

beforeEach(() => {
  attachToClients(undefined);
  route53.reset();
});
afterEach(() => attachToClients(undefined));

describe('reading the records', () => {
  it('gives weights and health checks of both sides', async () => {
    answer([...standing(100, 0), set('A', 'other', 5, { Name: 'www.example.com.' })]);
    expect(await router.read(plan)).toMatchObject({
      weights: { primary: 100, standby: 0 },
      healthCheckIds: { primary: 'check-shop-primary', standby: 'check-shop-standby' },
    });
  });

  it('follows pages until another name comes', async () => {
    const [first, ...rest] = standing(100, 0);
    route53
      .on(ListResourceRecordSetsCommand)
      .resolvesOnce({
        ResourceRecordSets: first ? [first] : [],
        IsTruncated: true,
        MaxItems: 1,
        NextRecordName: 'shop.example.com.',
        NextRecordType: 'A',
        NextRecordIdentifier: 'shop-standby',
      })
      .resolvesOnce({ ResourceRecordSets: rest, IsTruncated: false, MaxItems: 300 });
    expect((await router.read(plan)).sets).toHaveLength(4);
    expect(route53.commandCalls(ListResourceRecordSetsCommand)[1]?.args[0].input).toMatchObject({ StartRecordIdentifier: 'shop-standby' });
  });

  it.each([
    ['a missing record', standing(100, 0).slice(0, 3), /there is no AAAA record .* of set 'shop-standby'/],
    ['a record that is not weighted', standing(100, 0).map(({ Weight: _, ...rest }) => rest), /is not weighted/],
    ['a record without a health check', standing(100, 0).map(({ HealthCheckId: _, ...rest }) => rest), /has no health check/],
    ['types with different weights', [...standing(100, 0).slice(0, 2), ...standing(90, 0).slice(2)], /different weights/],
  ])('refuses %s', async (_what, sets, message) => {
    answer(sets);
    const read = router.read(plan);
    await expect(read).rejects.toBeInstanceOf(RecordsUnfitError);
    await expect(read).rejects.toThrow(message);
  });
});

describe('setting weights', () => {
  it('deletes what stands and creates it anew, all types and both sides in one batch, with everything but the weight kept', async () => {
    answer(standing(100, 0));
    route53.on(ChangeResourceRecordSetsCommand).resolves({ ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: new Date(0) } });
    expect(await router.setWeights(plan, { primary: 100, standby: 0 }, { primary: 90, standby: 10 })).toBe('/change/C1');
    expect(changed()).toHaveLength(8);
    expect(changed().slice(0, 2)).toEqual([
      { Action: 'DELETE', ResourceRecordSet: set('A', 'shop-primary', 100) },
      { Action: 'CREATE', ResourceRecordSet: set('A', 'shop-primary', 90) },
    ]);
  });

  it('changes nothing when the weights are set already: the answer of the first attempt was lost', async () => {
    answer(standing(90, 10));
    expect(await router.setWeights(plan, { primary: 100, standby: 0 }, { primary: 90, standby: 10 })).toBeUndefined();
    expect(changed()).toEqual([]);
  });

  it('stops when somebody else changed the weights', async () => {
    answer(standing(70, 30));
    await expect(router.setWeights(plan, { primary: 100, standby: 0 }, { primary: 90, standby: 10 })).rejects.toBeInstanceOf(WeightsChangedError);
    expect(changed()).toEqual([]);
  });

  it('stops when somebody else changes them between the read and the write', async () => {
    answer(standing(100, 0), standing(70, 30));
    route53.on(ChangeResourceRecordSetsCommand).rejects(new InvalidChangeBatch({ message: 'not found', $metadata: {} }));
    await expect(router.setWeights(plan, { primary: 100, standby: 0 }, { primary: 90, standby: 10 })).rejects.toBeInstanceOf(WeightsChangedError);
  });

  it('accepts that a concurrent retry of the same step won', async () => {
    answer(standing(100, 0), standing(90, 10));
    route53.on(ChangeResourceRecordSetsCommand).rejects(new InvalidChangeBatch({ message: 'not found', $metadata: {} }));
    expect(await router.setWeights(plan, { primary: 100, standby: 0 }, { primary: 90, standby: 10 })).toBeUndefined();
  });

  it('leaves throttling to the state machine, under its own name', async () => {
    answer(standing(100, 0));
    route53.on(ChangeResourceRecordSetsCommand).rejects(new PriorRequestNotComplete({ message: 'one at a time', $metadata: {} }));
    await expect(router.setWeights(plan, { primary: 100, standby: 0 }, { primary: 90, standby: 10 })).rejects.toMatchObject({
      name: 'PriorRequestNotComplete',
    });
  });
});

describe('the endpoint check of a record', () => {
  const check = (Type: 'HTTPS' | 'CALCULATED' | 'CLOUDWATCH_METRIC', ChildHealthChecks?: string[]) => ({
    HealthCheck: { Id: 'x', CallerReference: 'x', HealthCheckVersion: 1, HealthCheckConfig: { Type, ...(ChildHealthChecks ? { ChildHealthChecks } : {}) } },
  });

  it('is found beside the evacuation check', async () => {
    route53.on(GetHealthCheckCommand, { HealthCheckId: 'both' }).resolves(check('CALCULATED', ['alarm', 'endpoint']));
    route53.on(GetHealthCheckCommand, { HealthCheckId: 'alarm' }).resolves(check('CLOUDWATCH_METRIC'));
    route53.on(GetHealthCheckCommand, { HealthCheckId: 'endpoint' }).resolves(check('HTTPS'));
    expect(await router.endpointCheck('both')).toBe('endpoint');
  });

  it('may be absent', async () => {
    route53.on(GetHealthCheckCommand).resolves(check('CLOUDWATCH_METRIC'));
    expect(await router.endpointCheck('alarm')).toBeUndefined();
  });
});
