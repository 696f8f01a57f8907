// Watches the Forestall arm of a run for its safety invariants.
import type { Companion, ForestallArm } from '../arms/forestall.ts';
import type { Run } from '../world/run.ts';
import { type SafetyReport, type SafetyWatch, watchSafety } from './safety-watch.ts';

export interface SafetyCompanion extends Companion {
  /** What was found. Throws before the run has ended. */
  report(): SafetyReport;
}

/**
 * From this share of failed requests on a side is lost, as health checkers see it (three failed checks in a row, by more than 82 % of them).
 * What fails fewer is degraded: that no invariant can promise to see it in 100 s is why there is prediction, and what it costs is in the figures.
 */
const lost = 0.9;

/** A companion that evaluates I1-I8 on the arm that it accompanies. */
export function safetyCompanion(run: Run): SafetyCompanion {
  let watch: SafetyWatch | undefined;
  let found: SafetyReport | undefined;
  return {
    begin(arm) {
      const now = () => arm.runtime.clock.now();
      watch = watchSafety(arm.runtime, run.plan, {
        sideHealthy(side) {
          const { reachable, failure } = arm.world.moment(side);
          return reachable && failure < lost;
        },
        readyInstances: (side) => arm.readyInstances(side, now()),
        demandRps: () => arm.world.load(now()),
        routedTo(side) {
          const { answer } = arm.routing(now());
          return side === 'primary' ? answer : 1 - answer;
        },
      });
    },
    tick(_arm: ForestallArm, at: number) {
      watch?.tick(at);
    },
    async end(arm) {
      found = watch?.end(arm.runtime.clock.now());
    },
    report() {
      if (!found) throw new Error('the run has not ended: its invariants are not known yet');
      return found;
    },
  };
}
