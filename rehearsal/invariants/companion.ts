// Watches the Forestall arm of a run for its safety invariants.
import type { Companion, ForestallArm } from '../arms/forestall.ts';
import type { Run } from '../world/run.ts';
import { type SafetyReport, type SafetyWatch, watchSafety } from './safety-watch.ts';
import { standingOf } from './standing.ts';

export interface SafetyCompanion extends Companion {
  /** What was found. Throws before the run has ended. */
  report(): SafetyReport;
}

/** From these shares of failed requests on a side is degraded, and lost. */
const degraded = 0.5;
const lost = 0.99;

/** A companion that evaluates I1-I8 on the arm that it accompanies. */
export function safetyCompanion(run: Run): SafetyCompanion {
  let watch: SafetyWatch | undefined;
  let found: SafetyReport | undefined;
  return {
    begin(arm) {
      const now = () => arm.runtime.clock.now();
      watch = watchSafety(arm.runtime, run.plan, {
        sideState(side) {
          const { reachable, failure } = arm.world.moment(side);
          if (!reachable || failure >= lost) return 'lost';
          return failure >= degraded ? 'degraded' : 'healthy';
        },
        readyInstances: (side) => arm.readyInstances(side, now()),
        demandRps: () => arm.world.load(now()),
        routedTo(side) {
          const { answer } = arm.routing(now());
          return side === 'primary' ? answer : 1 - answer;
        },
        replicationLag: () => run.faults.replicationLag(now()),
      });
    },
    tick(_arm: ForestallArm, at: number) {
      watch?.tick(at);
    },
    async end(arm) {
      found = watch?.end(arm.runtime.clock.now(), await standingOf(arm.runtime, run.plan));
    },
    report() {
      if (!found) throw new Error('the run has not ended: its invariants are not known yet');
      return found;
    },
  };
}
