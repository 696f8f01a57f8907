// A drill: nothing is wrong, and the service goes to its standby and home again because the plan wants it practised.
import { type Plan, Plan as PlanSchema } from '../../core/contracts/plan.ts';
import type { Weekday } from '../../core/contracts/plan-interlocks.ts';
import { drillMinutes } from '../../core/failover/move-time.ts';
import { day, hour, minute } from '../world/faults.ts';
import { type Scenario, shortTick } from './scenario.ts';

const weekdays: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** More than the drill needs: it may begin with the second look of the schedule as well. */
const spare = 30 * minute;
/** So long the world is watched after the window: the mirrors go back to their level. */
const afterwards = hour;

export const drill: Scenario = {
  name: 'drill',
  summary: 'nothing is wrong: all traffic goes to the standby and home again, as the plan wants it practised',
  primaryFails: false,
  tick: shortTick,
  planned(plan, onset) {
    const drills: Plan['drills'] = plan.drills ?? { scope: 'failover', window: windowAt(onset, day / 2), everyDays: 1, stayMinutes: 10 };
    // What follows a failover never follows a drill; a plan that wants more than a standby may practise the canary only.
    const { losingSide } = plan.after;
    const after = drills.scope === 'failover' && losingSide !== 'standby' ? { ...plan.after, losingSide: 'standby' as const } : plan.after;
    return PlanSchema.parse({ ...plan, after, drills: { ...drills, window: windowAt(onset, lengthOf({ ...plan, drills })) } });
  },
  tell({ plan, onset, environment }) {
    const length = lengthOf(plan);
    const scope = plan.drills?.scope === 'canary' ? 'The standby is warmed and judged' : 'All traffic goes to the standby and home again';
    const { nature } = environment;
    return {
      end: onset + length + afterwards,
      onset: null,
      description: `${scope}, in a window of ${Math.round(length / minute)} minutes. Nothing is wrong on either side.`,
      faults: [],
      // Without errors in the background every request that fails was failed by the drill.
      environment: {
        ...environment,
        nature: { primary: { ...nature.primary, backgroundErrors: 0 }, standby: { ...nature.standby, backgroundErrors: 0 } },
      },
    };
  },
};

const lengthOf = (plan: Plan): number => Math.min(day, (drillMinutes(plan) ?? 0) * minute + spare);

/** A weekly time of so many ms that begins at a moment, which is a whole minute. */
function windowAt(onset: number, length: number): NonNullable<Plan['drills']>['window'] {
  const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
  return { days: [weekdays[new Date(onset).getUTCDay()] ?? 'sun'], from: clock(onset), until: clock(onset + length), timeZone: 'UTC' };
}
