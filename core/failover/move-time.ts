// How long planned moves take at the longest, so that one is begun only when it also fits.
import type { Plan } from '../contracts/plan.ts';

/** Booting, checks and registration of mirrors, minutes. */
const warmingMinutes = 20;
/** A change of weights has to reach all of Route 53's servers and is judged after its bake, minutes a step. */
const stepMinutes = 1;
/** A schedule looks each five minutes: so much is lost at the beginning and before the way home. */
const scheduleMinutes = 5;

type Timed = Pick<Plan, 'approval' | 'canary' | 'drills' | 'failover' | 'record' | 'shift'>;

/** Minutes of one planned move with the calm profile, when each wait takes as long as the plan allows. The way home of a drill asks nobody. */
export function moveMinutes({ approval, canary, failover, record, shift }: Timed, kind: 'drill' | 'fail-back' | 'way-home'): number {
  const bakes = (shift.calm.steps.length * Math.max(shift.calm.bakeSeconds, record.ttlSeconds)) / 60;
  const asking = kind !== 'way-home' && approval.required.includes(kind) ? approval.timeoutMinutes : 0;
  return canary.evidenceWaitMinutes + asking + bakes + shift.calm.steps.length * stepMinutes + failover.drainMaxMinutes;
}

/** Minutes that a drill of the plan takes, the way home included; undefined: the plan has none. */
export function drillMinutes(plan: Timed): number | undefined {
  if (plan.drills === undefined) return undefined;
  if (plan.drills.scope === 'canary') return scheduleMinutes + warmingMinutes + plan.canary.evidenceWaitMinutes;
  return Math.ceil(2 * scheduleMinutes + warmingMinutes + moveMinutes(plan, 'drill') + plan.drills.stayMinutes + moveMinutes(plan, 'way-home'));
}
