// The whole differential test, with a run of the simulated cloud in the place of the emulator's.
import { beforeAll, expect, it } from 'vitest';
import type { CollectedRun } from '../../../e2e/assertions/collect-run.ts';
import { checkDifferential, type PlayedOnEmulator } from '../../../e2e/differential/differential.ts';
import type { RunRecord } from '../../../e2e/differential/run-record.ts';
import { SimulationError, simulate } from '../../../e2e/differential/simulate.ts';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';
import { badStandby } from '../../../e2e/scenarios/bad-standby.ts';
import { compressedRun } from '../../../e2e/scenarios/compressed.ts';
import { grayFailure } from '../../../e2e/scenarios/gray-failure.ts';
import { planOf } from '../../../e2e/world/plan.ts';
import type { Scenario } from '../../../rehearsal/scenarios/scenario.ts';
import type { Run } from '../../../rehearsal/world/run.ts';
import { overTheWire } from '../gateway/over-the-wire.ts';

const balancer = (region: string, name: string) => ({
  dimension: `app/${name}/50dc6c495c0c9188`,
  targetGroupArn: `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/${name}/6d0ecf831eec9f09`,
});
const plan = (service: string) =>
  planOf({
    service,
    hostedZoneId: `Z${service.toUpperCase()}00000000`,
    recordName: `www.${service}.example.com`,
    origins: { primary: 'http://127.0.0.1:8081', standby: 'http://127.0.0.1:8082' },
    loadBalancers: { primary: balancer('eu-west-1', `${service}-primary`), standby: balancer('eu-central-1', `${service}-standby`) },
    launchTemplateId: 'lt-0a1b2c3d4e5f60718',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  });

const start = Date.UTC(2026, 10, 21, 3, 10);
const run = (scenario: Scenario, service: string, at = start): Run => compressedRun(scenario, 1, plan(service), at);
const collected = (record: RunRecord): CollectedRun => ({
  ...record,
  executions: record.executions.map((execution) => ({ ...execution, endedAt: undefined, attempts: [] })),
  ...{ claims: [], mirrors: [], snapshots: [], latches: [] },
});

let played: PlayedOnEmulator[];
let calls: GatewayRecord[];
beforeAll(async () => {
  // What stands for the emulator was played at another time of the day.
  const gray = await simulate(run(grayFailure, 'gray', start + 7_260_000));
  const bad = await simulate(run(badStandby, 'bad', start - 3_600_000));
  played = [
    { run: run(grayFailure, 'gray'), collected: collected(gray) },
    { run: run(badStandby, 'bad'), collected: collected(bad) },
  ];
  calls = await overTheWire([...gray.calls, ...bad.calls].sort((a, b) => a.at - b.at));
});

it('finds the same way in both', async () => {
  const checks = await checkDifferential(played, calls, new Set(['gray', 'bad']), []);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks).toHaveLength(13);
  expect(checks.map(({ name }) => name)).toContain('gray: the weights are those of the simulated cloud (100/0, 90/10, 50/50, 0/100)');
});

it('tells where they part, and which known differences do not show', async () => {
  const known = [{ id: 'never-seen', kind: 'workflow', shows: { lines: ['+ nothing'] } }];
  const without = calls.filter(({ operation }) => operation !== 'RegisterTargets');
  const failed = (await checkDifferential(played, without, new Set(['gray']), known)).filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual([
    'gray: so are the mutating calls and their parameters, phase by phase',
    'the known difference never-seen still shows',
  ]);
  expect(failed[0]?.detail).toContain('gray / thread mirror <mirror 0>\n  - RegisterTargets in standby: <mirror 0>');
});

it('fails when a service that should be compared was not played', async () => {
  const failed = (await checkDifferential(played, calls, new Set(['other']), [])).filter(({ ok }) => !ok);
  expect(failed).toEqual([{ name: 'both clouds played', ok: false, detail: '0 of 1 services were compared' }]);
});

it('says which run the simulated cloud could not play', async () => {
  await expect(simulate({ ...run(grayFailure, 'gray'), scenario: 'unheard-of' })).rejects.toThrow(SimulationError);
  await expect(simulate({ ...run(grayFailure, 'gray'), scenario: 'unheard-of' })).rejects.toThrow(/gray \(unheard-of, seed 1\)/);
});
