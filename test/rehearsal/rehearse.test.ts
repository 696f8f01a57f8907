// Whole rehearsals: Forestall's own functions and state machines in the world, one seed each.
import { afterEach, describe, expect, it } from 'vitest';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { ScenarioResult } from '../../rehearsal/results.ts';
import { scenarioNamed } from '../../rehearsal/scenarios/catalogue.ts';
import { drawRun } from '../../rehearsal/scenarios/scenario.ts';
import { shop } from './plan.ts';

const play = async (name: string, seed: number, plan = shop) => {
  const scenario = scenarioNamed(name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  const { result, report } = await rehearse(drawRun(scenario, seed, plan), null);
  expect(report.violations).toEqual([]);
  expect(result.invariants.map(({ id }) => id)).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8']);
  for (const { held, checks } of result.invariants) expect({ held, checked: checks > 0 }).toEqual({ held: true, checked: true });
  return { result: ScenarioResult.parse(result), report };
};
const untouched = { primary: 100, standby: 0 };

describe('a rehearsal', () => {
  afterEach(() => {
    // The arm has put the real clock back.
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000);
  });

  it('of a gray failure moves traffic before the primary dies, and is the same when it is played again', async () => {
    const { result, report } = await play('gray-failure', 1);
    const { forestall, reactive, oracle } = result.arms;
    expect(forestall.outcome).toBe('failed-over');
    expect(forestall.finalWeights).toEqual({ primary: 0, standby: 100 });
    expect(forestall.failed).toBeLessThan(0.25 * reactive.failed);
    expect(Date.parse(forestall.detectedAt ?? '')).toBeGreaterThan(Date.parse(oracle.detectedAt ?? ''));
    expect(Date.parse(forestall.firstShiftAt ?? '')).toBeGreaterThanOrEqual(Date.parse(forestall.detectedAt ?? ''));
    expect(Date.parse(forestall.movedAt ?? '')).toBeLessThan(Date.parse(reactive.firstShiftAt ?? ''));
    expect(forestall.cost.apiCalls['route53:ChangeResourceRecordSets']).toBeGreaterThan(0);
    expect(report.forestall.failovers[0]?.events.length).toBeGreaterThan(3);
    expect(report.forestall.weights[0]).toMatchObject(untouched);

    const again = await play('gray-failure', 1);
    expect({ ...again.result, wallSeconds: 0 }).toEqual({ ...result, wallSeconds: 0 });
    expect({ ...again.report, result: 0 }).toEqual({ ...report, result: 0 });
  }, 120_000);

  it('in the mode observe says as soon when it would have moved, and changes nothing', async () => {
    const { result, report } = await play('gray-failure', 1, { ...shop, mode: 'observe' });
    const acting = await play('gray-failure', 1);
    const { detectedAt, outcome, firstShiftAt } = result.arms.forestall;
    expect({ outcome, firstShiftAt, calls: report.forestall.mutatingCalls }).toEqual({ outcome: 'no-action', firstShiftAt: null, calls: [] });
    expect(Math.abs(Date.parse(detectedAt ?? '') - Date.parse(acting.result.arms.forestall.detectedAt ?? ''))).toBeLessThan(60_000);
  }, 120_000);

  it('of a passing burst moves nothing', async () => {
    const { result, report } = await play('transient-spike', 2);
    expect(result.arms.forestall.firstShiftAt).toBeNull();
    expect(result.arms.forestall.finalWeights).toEqual(untouched);
    expect(result.arms.forestall.failed).toBe(result.arms.none.failed);
    expect(report.forestall.weights).toHaveLength(1);
    // Asked when the plan is applied, and never again: setting up is no cost of the run.
    expect(result.arms.forestall.cost.apiCalls).not.toHaveProperty('route53:GetHostedZone');
  }, 120_000);

  it('with a bad standby finds it out before any user does', async () => {
    const { result } = await play('bad-standby', 1);
    expect(result.arms.forestall).toMatchObject({ outcome: 'rolled-back', finalWeights: untouched });
    expect(result.arms.forestall.failed).toBeLessThanOrEqual(1.01 * result.arms.none.failed);
  }, 120_000);

  it.each([1, 2])(
    'of sudden death, seed %d, is as good as health checks, and traffic does not return by itself',
    async (seed) => {
      const { result } = await play('sudden-death', seed);
      expect(result.arms.forestall.outcome).toBe('evacuated');
      expect(result.arms.forestall.failed).toBeLessThanOrEqual(1.05 * result.arms.reactive.failed);
      expect(result.arms.forestall.finalWeights).toEqual({ primary: 0, standby: 100 });
      expect(result.arms.reactive.finalWeights).toEqual(untouched);
    },
    120_000,
  );
});
