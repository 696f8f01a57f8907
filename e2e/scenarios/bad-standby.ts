// The primary looks as if it were failing, and recovers; the standby passes its health checks and fails real requests.
import { failingUnseen, recovering } from '../../rehearsal/scenarios/bad-standby.ts';
import { minutes, type Scenario, shortTick } from '../../rehearsal/scenarios/scenario.ts';
import { minute } from '../../rehearsal/world/faults.ts';

export const badStandby: Scenario = {
  name: 'bad-standby',
  summary: 'the primary looks risky but recovers; the standby is secretly bad',
  primaryFails: false,
  tick: shortTick,
  tell({ draws, start, onset }) {
    const latency = draws.uniform('latency factor', 2.2, 3);
    const ramp = minutes(draws.uniform('minutes until that latency', 2, 4));
    const errors = draws.uniform('errors', 0.001, 0.008);
    const recovers = start + 20 * minute;
    return {
      end: start + 40 * minute,
      description: `Latency has grown to ${latency.toFixed(1)} times the usual with ${(100 * errors).toFixed(1)} % errors and recovers after 20 minutes; the standby fails 5 % of real requests.`,
      faults: [recovering({ onset, ramp, latency, errors, recovers }), failingUnseen(onset)],
    };
  },
};
