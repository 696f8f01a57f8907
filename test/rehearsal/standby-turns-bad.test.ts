// A standby that turns bad only after the first users were sent to it: the weights go forth, and back.
import { expect, it } from 'vitest';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { badStandby } from '../../rehearsal/scenarios/bad-standby.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { minute, second } from '../../rehearsal/world/faults.ts';
import { shop } from './plan.ts';

const standbyErrors = 0.05;

/** The scenario bad-standby, but the standby is well until `turnsAt` (ms); null: it stays well. */
const turning = (turnsAt: number | null): Scenario => ({
  ...badStandby,
  tell(setting) {
    const story = badStandby.tell(setting);
    const primary = story.faults.filter((fault) => !('side' in fault) || fault.side === 'primary');
    return {
      ...story,
      faults:
        turnsAt === null
          ? primary
          : [
              ...primary,
              {
                kind: 'degradation',
                label: 'the standby turns bad',
                side: 'standby',
                from: turnsAt,
                until: null,
                latency: [[turnsAt, 1]],
                errors: [[turnsAt, standbyErrors]],
                seenByChecks: false,
              },
            ],
    };
  },
});
const play = async (turnsAt: number | null) => (await rehearse(drawRun(turning(turnsAt), 1, shop), null)).report;

it('takes users back from a standby that turns bad under its first share of them', async () => {
  // Until then both runs are the same, so that the one tells when the other's first step comes.
  const well = await play(null);
  const [, firstStep] = well.forestall.weights;
  expect(well.result.arms.forestall.outcome).toBe('failed-over');
  expect(firstStep).toMatchObject({ primary: 90, standby: 10 });

  const { result, forestall, violations } = await play((firstStep?.at ?? 0) + 10 * second);
  expect(violations).toEqual([]);
  expect(result.arms.forestall).toMatchObject({ outcome: 'rolled-back', finalWeights: { primary: 100, standby: 0 }, firstShiftAt: expect.any(String) });
  expect(forestall.weights.map(({ primary, standby }) => [primary, standby])).toEqual([
    [100, 0],
    [90, 10],
    [100, 0],
  ]);
  expect(forestall.weights[1]?.at).toBe(firstStep?.at);
  expect((forestall.weights[2]?.at ?? Number.POSITIVE_INFINITY) - (firstStep?.at ?? 0)).toBeLessThan(10 * minute);
  const [failover] = forestall.failovers;
  expect(failover?.outcome).toBe('rolled-back');
  const against = failover?.events.filter(({ verdict }) => verdict === 'fail') ?? [];
  expect(against.map(({ weights }) => weights)).toEqual([{ primary: 90, standby: 10 }]);
  expect(against[0]?.reasons.join()).toMatch(/requests failed .*the objective is 1\.00 %/);
}, 120_000);
