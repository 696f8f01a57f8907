// What a plan may say about drivers, and what is refused with which remedy.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { driverKey, isGradual, regionOfArn, TrafficDrivers } from '../../../core/contracts/plan-drivers.ts';
import { readPlan } from '../../../core/contracts/plan-source.ts';
import { configurationDriver, parameterDriver, planWith, ruleDriver, zonalDriver } from '../../fixtures/drivers.ts';
import { planInput } from '../../fixtures/plan.ts';

const always = [{ driver: 'route53-weights' }, { driver: 'health-check' }];
const refusals = (...drivers: unknown[]) =>
  (TrafficDrivers.safeParse([{ driver: 'route53-weights' }, ...drivers, { driver: 'health-check' }]).error?.issues ?? []).map(({ message }) => message);

it('without the key there are the two drivers that are always there', () => {
  expect(Plan.parse(planInput()).drivers).toEqual(always);
});

it('keeps the order that is given, and fills defaults', () => {
  const { drivers } = planWith(ruleDriver, parameterDriver, configurationDriver, zonalDriver);
  expect(drivers.map(({ driver }) => driver)).toEqual([
    'route53-weights',
    'load-balancer-weights',
    'ssm-parameter',
    'appconfig',
    'zonal-shift',
    'health-check',
  ]);
  const { deploymentStrategyId: _strategy, ...configuration } = configurationDriver;
  const { expiresHours: _hours, ...zonal } = zonalDriver;
  expect(TrafficDrivers.parse([{ driver: 'route53-weights' }, configuration, zonal, { driver: 'health-check' }]).slice(1, 3)).toEqual([
    configurationDriver,
    zonalDriver,
  ]);
  expect(drivers.filter(isGradual).map(({ driver }) => driver)).toEqual(['route53-weights', 'load-balancer-weights']);
});

it.each([
  ['us-east-1', 'use1-az6'],
  ['ap-southeast-2', 'apse2-az1'],
  ['us-gov-west-1', 'usgw1-az1'],
  ['cn-northwest-1', 'cnnw1-az2'],
])('knows how the zones of %s are called', (region, awayFrom) => {
  const loadBalancerArn = zonalDriver.loadBalancerArn.replace('eu-west-1', region);
  expect(refusals({ ...zonalDriver, loadBalancerArn, awayFrom })).toEqual([]);
});

it('names each driver by what it changes', () => {
  expect([ruleDriver, parameterDriver, configurationDriver, zonalDriver].map(driverKey)).toEqual([
    `load-balancer-weights:${ruleDriver.ruleArn}`,
    'ssm-parameter:eu-central-1:/shop/active-side',
    'appconfig:eu-central-1:app1234/env1234/pro1234',
    `zonal-shift:${zonalDriver.loadBalancerArn}`,
  ]);
  expect(regionOfArn(ruleDriver.ruleArn)).toBe('eu-west-1');
});

describe('refused', () => {
  const { ruleArn, targetGroups } = ruleDriver;
  const listenerArn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2';
  const elsewhere = targetGroups.standby.replace('eu-west-1', 'eu-central-1');
  it.each([
    ['one target twice', [parameterDriver, { ...parameterDriver, values: { primary: 'a', standby: 'b' } }], /is driven twice/],
    ['both a rule and a listener', [{ ...ruleDriver, listenerArn }], /both `ruleArn` and `listenerArn`/],
    ['neither of them', [{ driver: 'load-balancer-weights', targetGroups }], /neither `ruleArn` nor `listenerArn`/],
    ["a target group that is not in the balancer's Region", [{ ...ruleDriver, targetGroups: { ...targetGroups, standby: elsewhere } }], /Region and account/],
    ['one target group for both sides', [{ ...ruleDriver, targetGroups: { ...targetGroups, standby: targetGroups.primary } }], /the same target group/],
    ['a rule of a Network Load Balancer', [{ ...ruleDriver, ruleArn: ruleArn.replace('/app/', '/net/') }], /not the ARN of a rule/],
    ['one value for both sides', [{ ...parameterDriver, values: { primary: 'a', standby: 'a' } }], /nothing would be switched/],
    ['one version for both sides', [{ ...configurationDriver, versions: { primary: '1', standby: '1' } }], /nothing would be switched/],
    ["a parameter of AWS's", [{ ...parameterDriver, name: '/aws/service/ecs' }], /not the name of a parameter/],
    ['a version that is a label', [{ ...configurationDriver, versions: { primary: 'old', standby: '2' } }], /not the number of a hosted configuration version/],
    ["a zone's name instead of its id", [{ ...zonalDriver, awayFrom: 'eu-west-1a' }], /write its id, not its name/],
    [
      'a balancer of another kind',
      [{ ...zonalDriver, loadBalancerArn: zonalDriver.loadBalancerArn.replace('/app/', '/gwy/') }],
      /not the ARN of a load balancer/,
    ],
    ["a zone of another Region than the balancer's", [{ ...zonalDriver, awayFrom: 'euc1-az1' }], /not the id of a zone in eu-west-1/],
    ['a longer shift than there is', [{ ...zonalDriver, expiresHours: 73 }], /72/],
  ])('%s', (_what, drivers, words) => {
    expect(refusals(...drivers)).toContainEqual(expect.stringMatching(words));
  });

  it('a plan without DNS, or without the latch', () => {
    const without = (name: string) => TrafficDrivers.safeParse(always.filter(({ driver }) => driver !== name)).error?.issues.map(({ message }) => message);
    expect(without('route53-weights')).toEqual(['no driver moves the records']);
    expect(without('health-check')).toEqual(['nothing would keep the losing side away from traffic']);
  });

  it('a latch that is not the last: nobody may be kept from going back while something is still being switched', () => {
    const { error } = TrafficDrivers.safeParse([...always, parameterDriver]);
    expect(error?.issues).toMatchObject([{ path: [1], params: { remedy: 'put `- driver: health-check` last' } }]);
  });

  it('with its place in the file and what to do', () => {
    const text = readFileSync('plans/drivers.yaml', 'utf8').replace('standby: frankfurt', 'standby: ireland');
    const read = readPlan(text);
    expect(read.ok ? [] : read.problems).toEqual([
      {
        ...{ path: 'drivers.2.values.standby', problem: 'both sides have the same value: nothing would be switched' },
        ...{ line: text.split('\n').findIndex((line) => line.includes('standby: ireland')) + 1, column: expect.any(Number) },
        remedy: 'give each side its own, or leave the driver out',
      },
    ]);
  });
});
