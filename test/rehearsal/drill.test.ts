// Moves that the plan itself asks for, played: drills, and the way home by itself after trouble that has passed.
import { describe, expect, it, vi } from 'vitest';
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { badStandby } from '../../rehearsal/scenarios/bad-standby.ts';
import { drill } from '../../rehearsal/scenarios/drill.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { hour, minute } from '../../rehearsal/world/faults.ts';
import { shop } from './plan.ts';

vi.setConfig({ testTimeout: 120_000 });

const play = async (scenario: Scenario, seed: number, changes: Partial<PlanInput> = {}) => {
  const run = drawRun(scenario, seed, Plan.parse({ ...shop, ...changes }));
  const { result, report, notes } = await rehearse(run, null);
  expect(report.violations).toEqual([]);
  return { run, arms: result.arms, notes, failovers: report.forestall.failovers, weights: report.forestall.weights, mirroring: report.forestall.mirroring };
};
const everyDay = { window: { days: ['mon' as const], from: '00:00', until: '23:59' }, everyDays: 1 };

describe('a drill', () => {
  it.each([1, 2])('of seed %d takes all traffic to the standby and home, and no request fails by it', async (seed) => {
    const { arms, failovers, notes, weights } = await play(drill, seed);
    expect(failovers.map(({ kind, drill: of, outcome }) => [kind, of, outcome])).toEqual([
      ['drill', 'failover', 'failed-over'],
      ['fail-back', 'failover', 'failed-over'],
    ]);
    expect(arms.none.failed).toBe(0);
    expect(arms.forestall).toMatchObject({ failed: 0, finalWeights: { primary: 100, standby: 0 } });
    expect(weights.some(({ primary, standby }) => primary === 0 && standby === 100)).toBe(true);
    const [there, home] = failovers;
    expect((home?.startedAt ?? 0) - (there?.endedAt ?? 0)).toBeGreaterThanOrEqual(10 * minute);
    expect((home?.startedAt ?? 0) - (there?.endedAt ?? 0)).toBeLessThanOrEqual(16 * minute);
    for (const way of failovers) expect(way.measurements).toMatchObject({ movedAt: expect.any(String), secondsToMoved: expect.any(Number) });
    expect(notes.at(-1)).toMatch(/^Requests that failed with Forestall and not without: 0 of/);
  });

  it('of a service of which nothing runs on the standby warms it, and takes its instances away only when nobody comes any more', async () => {
    const { arms, failovers, mirroring } = await play(drill, 1, { criticality: 'standard' });
    expect(failovers.map(({ outcome }) => outcome)).toEqual(['failed-over', 'failed-over']);
    expect(arms.forestall.failed).toBe(0);
    const last = mirroring.at(-1);
    expect(last?.readyInstances).toBe(0);
    expect((last?.at ?? 0) - (failovers[1]?.endedAt ?? 0)).toBeGreaterThanOrEqual(hour);
  });

  it('of the canary alone warms and judges the standby, moves nobody, and gives back what it has warmed', async () => {
    const { sides } = shop;
    const { arms, failovers, weights, mirroring } = await play(drill, 2, {
      sides: { ...sides, standby: { ...sides.standby, instances: { partial: 1, full: 4 } } },
      drills: { ...everyDay, scope: 'canary' },
    });
    expect(failovers.map(({ outcome }) => outcome)).toEqual(['validated']);
    expect(weights).toHaveLength(1);
    expect(arms.forestall.failed).toBe(0);
    expect(Math.max(...mirroring.map(({ readyInstances }) => readyInstances))).toBe(4);
    expect(mirroring.at(-1)).toMatchObject({ level: 'partial', readyInstances: 1 });
  });

  it('finds a standby that is bad before any user does, and is over with that', async () => {
    const bad: Scenario = {
      ...drill,
      tell: (setting) => ({ ...drill.tell(setting), faults: badStandby.tell(setting).faults.filter((fault) => 'side' in fault && fault.side === 'standby') }),
    };
    const { arms, failovers } = await play(bad, 1);
    expect(failovers.map(({ kind, outcome }) => [kind, outcome])).toEqual([['drill', 'rolled-back']]);
    expect(arms.forestall).toMatchObject({ failed: 0, finalWeights: { primary: 100, standby: 0 }, firstShiftAt: null });
  });

  it('goes home at once when the standby begins to fail under it', async () => {
    const first = await play(drill, 1);
    const turnsAt = (first.failovers[0]?.endedAt ?? 0) + minute;
    const failing: Scenario = {
      ...drill,
      tell: (setting) => ({
        ...drill.tell(setting),
        faults: [
          {
            ...{ kind: 'degradation', label: 'the standby fails', side: 'standby', from: turnsAt, until: null, seenByChecks: true },
            ...{ latency: [[turnsAt, 4]], errors: [[turnsAt, 0.2]] },
          },
        ],
      }),
    };
    const { failovers, arms } = await play(failing, 1, { drills: { ...everyDay, scope: 'failover', stayMinutes: 60 } });
    expect(failovers.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['drill', 'failed-over'],
      ['fail-back', 'failed-over'],
    ]);
    expect((failovers[1]?.startedAt ?? 0) - turnsAt).toBeLessThan(20 * minute);
    expect(arms.forestall.finalWeights).toEqual({ primary: 100, standby: 0 });
  });

  it('costs users no more than the health checkers need to notice when the standby dies under it', async () => {
    const first = await play(drill, 1);
    const diesAt = Math.ceil(((first.failovers[0]?.endedAt ?? 0) + minute) / minute) * minute;
    const dying: Scenario = {
      ...drill,
      tell: (setting) => ({
        ...drill.tell(setting),
        faults: [{ kind: 'death', label: 'the standby is gone', side: 'standby', from: diesAt, until: null, mode: 'everything' }],
      }),
    };
    const { failovers, arms, run } = await play(dying, 1);
    expect(failovers[0]).toMatchObject({ kind: 'drill', outcome: 'failed-over' });
    // Two checks 30 s apart, the TTL, and connections that are broken at once.
    const perSecond = arms.forestall.requests / ((run.end - run.start) / 1000);
    expect(arms.forestall.failed).toBeLessThan(150 * perSecond);
    expect(arms.forestall.finalWeights).toEqual({ primary: 100, standby: 0 });
  });
});

/** The primary's trouble comes and goes. */
const passing: Scenario = {
  ...badStandby,
  name: 'passing',
  tell({ onset }) {
    const until = onset + hour;
    return {
      end: onset + 8 * hour,
      description: 'The primary suffers for an hour.',
      faults: [
        {
          ...{ kind: 'degradation', label: 'suffers', side: 'primary', from: onset, until, seenByChecks: true },
          latency: [
            [onset, 1],
            [onset + 10 * minute, 4],
          ],
          errors: [
            [onset, 0],
            [onset + 30 * minute, 0.1],
          ],
        },
      ],
    };
  },
};

describe('an automatic fail-back', () => {
  it('goes home by itself when the left side has measured well for so long, and only when the plan says so', async () => {
    const left = await play(passing, 1);
    expect(left.failovers.map(({ kind }) => kind)).toEqual(['predictive']);
    expect(left.arms.forestall.finalWeights).toEqual({ primary: 0, standby: 100 });

    const { run, failovers, arms } = await play(passing, 1, { failBack: { automatic: true, afterMinutes: 60 } });
    expect(failovers.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['predictive', 'failed-over'],
      ['fail-back', 'failed-over'],
    ]);
    // The trouble lasts an hour, and then an hour of good measurements is wanted, of which the last failing probes may be a little early.
    expect((failovers[1]?.startedAt ?? 0) - (run.onset ?? 0)).toBeGreaterThan(1.75 * hour);
    expect(arms.forestall.finalWeights).toEqual({ primary: 100, standby: 0 });
  });
});
