// A move that waits for a person: nobody is moved before the answer, and what happens while waiting is not overlooked.
import { expect, it } from 'vitest';
import type { Plan } from '../../core/contracts/plan.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { badStandby } from '../../rehearsal/scenarios/bad-standby.ts';
import { grayFailure } from '../../rehearsal/scenarios/gray-failure.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { minute } from '../../rehearsal/world/faults.ts';
import { shop } from './plan.ts';

/** Nobody answers; after a quarter of an hour the plan lets the move go on. */
const asking: Plan = { ...shop, approval: { required: ['predictive'], timeoutMinutes: 15, escalateAfterMinutes: 5, onTimeout: 'proceed' } };

/** The scenario bad-standby, but the standby is well until `turnsAt` (ms); null: it stays well. */
const turning = (turnsAt: number | null): Scenario => ({
  ...badStandby,
  tell(setting) {
    const story = badStandby.tell(setting);
    const primary = story.faults.filter((fault) => !('side' in fault) || fault.side === 'primary');
    const turns = { kind: 'degradation', label: 'the standby turns bad', side: 'standby', until: null, seenByChecks: false } as const;
    return { ...story, faults: turnsAt === null ? primary : [...primary, { ...turns, from: turnsAt, latency: [[turnsAt, 1]], errors: [[turnsAt, 0.05]] }] };
  },
});
const play = async (turnsAt: number | null) => (await rehearse(drawRun(turning(turnsAt), 1, asking), null)).report;

it('flagger#1801: a breach while approval is awaited ends the move, instead of going unnoticed until somebody approves', async () => {
  const well = await play(null);
  const events = well.forestall.failovers[0]?.events ?? [];
  const asked = events.find(({ phase }) => phase === 'approval')?.at ?? 0;
  expect(asked).toBeGreaterThan(0);
  // Without a breach the wait lasts as long as the plan says, and nobody is moved before its end.
  expect((well.forestall.weights[1]?.at ?? 0) - asked).toBeGreaterThanOrEqual(15 * minute);
  expect(well.result.arms.forestall.outcome).toBe('failed-over');

  const { result, forestall, violations } = await play(asked + 2 * minute);
  expect(violations).toEqual([]);
  expect(result.arms.forestall).toMatchObject({ outcome: 'rolled-back', firstShiftAt: null });
  expect(forestall.weights.map(({ primary, standby }) => [primary, standby])).toEqual([[100, 0]]);
  const breach = forestall.failovers[0]?.events.find(({ verdict }) => verdict === 'fail');
  expect(breach?.at).toBeLessThan(asked + 5 * minute);
}, 120_000);

it('a primary that dies while nobody answers is evacuated at once: the question gives the lock back', async () => {
  const patient: Plan = { ...asking, approval: { ...asking.approval, timeoutMinutes: 240, onTimeout: 'hold' } };
  const { report } = await rehearse(drawRun(grayFailure, 1, patient), null);
  const { result, forestall, violations } = report;
  expect(violations).toEqual([]);
  expect(result.arms.forestall.outcome).toBe('evacuated');
  const [waited, evacuation] = forestall.failovers.filter(({ outcome }) => outcome === 'held' || outcome === 'evacuated');
  expect(waited).toMatchObject({
    kind: 'predictive',
    outcome: 'held',
    reasons: expect.arrayContaining([expect.stringMatching(/an emergency waits for nobody/)]),
  });
  expect((evacuation?.startedAt ?? 0) - (waited?.endedAt ?? 0)).toBeLessThanOrEqual(minute);
}, 60_000);
