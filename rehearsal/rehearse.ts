// Plays one run with all arms and puts the result together.
import { type ArmPlayed, playBaseline } from './arms/baseline.ts';
import { drillNotes } from './arms/drills.ts';
import { bringHome, telemetryFigures, telemetryNotes } from './arms/episodes.ts';
import { playForestall } from './arms/forestall.ts';
import { safetyCompanion } from './invariants/companion.ts';
import type { RehearsalReport, ScenarioResult } from './results.ts';
import type { Run } from './world/run.ts';

export interface Rehearsed {
  readonly result: ScenarioResult;
  readonly report: RehearsalReport;
  /** Figures beside the result, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Plays the arms one after the other. `report`: the path that the result names, null when no report is written.
 * `progress` is told the share that is done, 0 to 1.
 */
export async function rehearse(run: Run, report: string | null, progress: (share: number) => void = () => {}): Promise<Rehearsed> {
  const began = performance.now();
  const arms = { reactive: playBaseline(run, 'reactive'), none: playBaseline(run, 'none'), oracle: playBaseline(run, 'oracle') };
  const safety = safetyCompanion(run);
  const forestall = await playForestall(run, run.recording ? [safety, bringHome(run)] : [safety], progress);
  const { invariants, violations } = safety.report();
  const played: Record<keyof ScenarioResult['arms'], ArmPlayed> = { forestall, ...arms };
  const result: ScenarioResult = {
    scenario: run.scenario,
    seed: run.seed,
    simulatedSeconds: (run.end - run.start) / 1000,
    wallSeconds: Number(((performance.now() - began) / 1000).toFixed(3)),
    report,
    arms: { forestall: forestall.result, reactive: arms.reactive.result, none: arms.none.result, oracle: arms.oracle.result },
    invariants: [...invariants],
  };
  const { plan, faults, start, end } = run;
  return {
    result,
    notes: run.recording ? telemetryNotes(telemetryFigures(run, forestall.timeline.failovers, forestall.samples)) : drillNotes(forestall.timeline, result.arms),
    report: {
      result,
      description: run.description,
      parameters: run.parameters,
      faults: faults.all
        .filter(({ from }) => from >= start)
        .map(({ from, until, label }) => ({ at: from, until: until !== null && until < end ? until : null, label })),
      objective: { latencySeconds: plan.objective.latencySeconds, errorRate: plan.objective.errorRate },
      thresholds: { partial: plan.thresholds.partial, full: plan.thresholds.full, critical: plan.thresholds.critical },
      traffic: { forestall: played.forestall.samples, reactive: played.reactive.samples, none: played.none.samples, oracle: played.oracle.samples },
      metrics: forestall.metrics,
      forestall: forestall.timeline,
      violations,
    },
  };
}
