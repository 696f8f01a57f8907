// Runs on the simulated cloud that the tests of traces compare: one scenario and seed, with telemetry that comes sooner or later.
import { recordOnSimulatedCloud } from '../../../e2e/differential/from-arm.ts';
import type { RunRecord, TracedCall } from '../../../e2e/differential/run-record.ts';
import { badStandby } from '../../../rehearsal/scenarios/bad-standby.ts';
import { grayFailure } from '../../../rehearsal/scenarios/gray-failure.ts';
import { drawRun, type Scenario } from '../../../rehearsal/scenarios/scenario.ts';
import { historyLength } from '../../../rehearsal/world/run.ts';
import { shop } from '../../rehearsal/plan.ts';

/** `lateness`: minutes, from-to. */
export const play = async (scenario: Scenario, seed: number, lateness?: readonly [number, number]): Promise<RunRecord> => {
  const run = drawRun(scenario, seed, shop);
  return (await recordOnSimulatedCloud(lateness ? { ...run, telemetry: { history: historyLength, lateness } } : run)).record;
};

/** The standby turns bad when the first users are on it, so that the weights go forth and back. */
export const turningBad: Scenario = {
  ...badStandby,
  tell(setting) {
    const story = badStandby.tell(setting);
    const turnsAt = setting.onset + 13 * 60_000;
    const faults = story.faults.map((fault) =>
      fault.kind === 'degradation' && fault.side === 'standby'
        ? { ...fault, from: turnsAt, latency: [[turnsAt, 1]] as const, errors: [[turnsAt, 0.05]] as const }
        : fault,
    );
    return { ...story, faults };
  },
};

export { badStandby, grayFailure };

/** The run with other calls. */
export const withCalls = (run: RunRecord, calls: readonly TracedCall[]): RunRecord => ({ ...run, calls });

/** Every text of a run through one function: names, times and identifiers wherever they are. */
export function rewritten(run: RunRecord, rewrite: (text: string) => string): RunRecord {
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return rewrite(value);
    if (value instanceof Date || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(deep);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, deep(member)]));
  };
  return deep(run) as RunRecord;
}
