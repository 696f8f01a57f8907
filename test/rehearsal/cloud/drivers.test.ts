// What a hand-over switches, as the simulated cloud has it, asked by the product's own adapters.
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppConfigEnvironment } from '../../../lambdas/adapters/app-config.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { ForwardWeights } from '../../../lambdas/adapters/forward-weights.ts';
import { Parameters } from '../../../lambdas/adapters/parameters.ts';
import { ZonalShifts } from '../../../lambdas/adapters/zonal-shifts.ts';
import { type TestAccount, testAccount } from './account.ts';

const region = 'eu-central-1';
const minute = 60_000;
const hour = 60 * minute;
let account: TestAccount;

beforeEach(() => {
  account = testAccount();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  attachToClients({
    customiser: (client, of) => account.cloud.attach(client, of, 'forestall'),
    fetch: (...request) => account.fetch(...request) ?? Promise.reject(new TypeError('nothing answers there')),
  });
});
afterEach(() => attachToClients(undefined));

describe('a rule', () => {
  const ruleArn = `arn:aws:elasticloadbalancing:${region}:123456789012:listener-rule/app/front/0/1/2`;
  const [first, second] = ['first', 'second'].map((name) => `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/${name}/3`) as [string, string];

  it('forwards by its weights, and keeps what it is given', async () => {
    account.cloud.physical.addForward(ruleArn, { [first]: 100, [second]: 0 });
    const weights = new ForwardWeights({ region, ruleArn });
    const standing = await weights.read();
    expect(standing?.weights).toEqual(
      new Map([
        [first, 100],
        [second, 0],
      ]),
    );
    if (standing)
      await weights.write(
        standing,
        new Map([
          [first, 30],
          [second, 10],
        ]),
      );
    expect(account.cloud.physical.forwardShare(ruleArn, second)).toBe(0.25);
    expect(account.cloud.calls.map(({ operation, mutating }) => [operation, mutating])).toEqual([['ModifyRule', true]]);
  });

  it('is in its Region only, and takes no weights beyond 999', async () => {
    account.cloud.physical.addForward(ruleArn, { [first]: 1, [second]: 0 });
    expect(await new ForwardWeights({ region: 'eu-west-1', ruleArn }).read()).toBeUndefined();
    const weights = new ForwardWeights({ region, ruleArn });
    const standing = await weights.read();
    if (!standing) throw new Error('there is no rule');
    await expect(weights.write(standing, new Map([[first, 1000]]))).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('a parameter', () => {
  it('is replaced only in the version that was read', async () => {
    account.cloud.physical.addParameter({ region, name: '/side', value: 'ireland' });
    const parameters = new Parameters(region);
    expect(await parameters.read('/side')).toEqual({ value: 'ireland', type: 'String', version: 1 });
    expect(await parameters.replace('/side', 1, 'frankfurt')).toEqual({ version: 2, overwritten: [] });
    expect(await parameters.replace('/side', 1, 'ireland')).toBeUndefined();
    expect(account.cloud.physical.parameter(region, '/side')).toBe('frankfurt');
    expect(await new Parameters('eu-west-1').read('/side')).toBeUndefined();
  });

  it('keeps its pattern and its tier through a change', async () => {
    const ssm = account.own(SSMClient, region);
    const given = { Name: '/side', Type: 'String', Tier: 'Advanced', AllowedPattern: '^[a-z]+$', Description: 'who serves' } as const;
    await ssm.send(new PutParameterCommand({ ...given, Value: 'ireland' }));
    await new Parameters(region).replace('/side', 1, 'frankfurt');
    await expect(new Parameters(region).replace('/side', 2, 'FRANKFURT')).rejects.toMatchObject({ name: 'ParameterPatternMismatchException' });
    await expect(ssm.send(new PutParameterCommand({ ...given, Tier: 'Standard', Value: 'x', Overwrite: true }))).rejects.toThrow(/advanced-parameter tier/);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/side' }));
    expect(Parameter).toMatchObject({ Value: 'frankfurt', Version: 2, ARN: `arn:aws:ssm:${region}:123456789012:parameter/side` });
  });
});

describe('an environment', () => {
  const target = { region, applicationId: 'app1234', environmentId: 'env1234' };
  const profile = { ...target, configurationProfileId: 'pro1234' };
  const second = { configurationProfileId: 'pro1234', version: '2', strategyId: 'AppConfig.AllAtOnce', description: '' };

  it('has one deployment at a time, which bakes before it is complete', async () => {
    account.cloud.physical.addConfiguration({ ...profile, version: '1' });
    const environment = new AppConfigEnvironment(target);
    expect(await environment.start(second, 1)).toBe(2);
    expect(await environment.start(second, 2)).toBeUndefined();
    expect(await environment.deployment(2)).toMatchObject({ version: '2', state: 'under-way' });
    account.clock.now += 10 * minute;
    expect((await environment.deployments(profile.configurationProfileId))?.map(({ number, state }) => [number, state])).toEqual([
      [2, 'complete'],
      [1, 'complete'],
    ]);
    expect(account.cloud.physical.configuration(profile)).toBe('2');
  });

  it('starts one only after the one that was seen last', async () => {
    account.cloud.physical.addConfiguration({ ...profile, version: '1' });
    expect(await new AppConfigEnvironment(target).start(second, 7)).toBeUndefined();
    expect(await new AppConfigEnvironment({ ...target, environmentId: 'abs1234' }).deployments(profile.configurationProfileId)).toBeUndefined();
  });
});

describe('zonal shifts', () => {
  const loadBalancerArn = `arn:aws:elasticloadbalancing:${region}:123456789012:loadbalancer/app/shop/0`;
  const shift = { loadBalancerArn, awayFrom: 'euc1-az1', expiresHours: 2, comment: 'Forestall: shop' };
  const shifts = new ZonalShifts(region);
  beforeEach(() => account.cloud.physical.enableZonalShift(loadBalancerArn));

  it('begin once, are prolonged, and end by themselves', async () => {
    const id = (await shifts.start(shift)) ?? '';
    expect(await shifts.start(shift)).toBeUndefined();
    expect(await shifts.active(loadBalancerArn)).toEqual([
      { id, awayFrom: 'euc1-az1', expiresAt: account.clock.now + 2 * hour, comment: 'Forestall: shop', manual: true },
    ]);
    account.clock.now += hour;
    await shifts.prolong(id, 2);
    account.clock.now += 2 * hour - 1;
    expect(account.cloud.physical.zonesLeft(loadBalancerArn)).toEqual(['euc1-az1']);
    account.clock.now += 1;
    expect(account.cloud.physical.zonesLeft(loadBalancerArn)).toEqual([]);
    expect(await shifts.active(loadBalancerArn)).toEqual([]);
    // Over already: no error.
    await shifts.cancel(id);
  });

  it('end when they are cancelled', async () => {
    const id = (await shifts.start(shift)) ?? '';
    await shifts.cancel(id);
    expect(await shifts.active(loadBalancerArn)).toEqual([]);
    expect(account.cloud.calls.map(({ service, operation, mutating }) => `${service}:${operation} ${mutating}`)).toEqual([
      'arc-zonal-shift:StartZonalShift true',
      'arc-zonal-shift:CancelZonalShift true',
    ]);
  });

  it('are of balancers that take part, in their own Region', async () => {
    await expect(shifts.start({ ...shift, loadBalancerArn: `${loadBalancerArn}1` })).rejects.toMatchObject({ name: 'ResourceNotFoundException', status: 404 });
    await expect(new ZonalShifts('eu-west-1').start(shift)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('can be cut off, throttled and out of order like everything else, and what passes is tried again', async () => {
    let faults = 2;
    account.cloud.intercept(({ service }) =>
      service === 'arc-zonal-shift' && faults-- > 0
        ? Object.assign(new Error('slow'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } })
        : undefined,
    );
    expect(await shifts.start(shift)).toBeDefined();
    account.cloud.physical.setOutage(region, undefined, true);
    await expect(shifts.active(loadBalancerArn)).rejects.toMatchObject({ name: 'ServiceUnavailable', status: 503 });
  });

  it('that are asked for without a signature fail the rehearsal', async () => {
    const answer = account.fetch(`https://arc-zonal-shift.${region}.amazonaws.com/zonalshifts`, { method: 'GET' });
    await expect(answer).rejects.toThrow(/is not signed for its Region and service/);
    expect(account.log.fatals).toHaveLength(1);
  });

  it('leave other hosts to others', () => {
    expect(account.fetch('https://primary.shop.example.com/health')).toBeUndefined();
  });
});
