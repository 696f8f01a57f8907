// The primary looks as if it were failing, and recovers; the standby passes its health checks and fails real requests.
import { minutes, type Scenario, shortTick } from '../../rehearsal/scenarios/scenario.ts';
import { minute } from '../../rehearsal/world/faults.ts';

const standbyErrors = 0.05;

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
      faults: [
        {
          kind: 'degradation',
          label: `latency x${latency.toFixed(1)}, recovers`,
          side: 'primary',
          from: onset,
          until: recovers,
          latency: [
            [onset, 1],
            [onset + ramp, latency],
            [recovers - ramp, latency],
            [recovers, 1],
          ],
          errors: [
            [onset, 0],
            [onset + ramp, errors],
            [recovers - ramp, errors],
            [recovers, 0],
          ],
          seenByChecks: true,
        },
        {
          kind: 'degradation',
          label: 'the standby fails 5 % of real requests',
          side: 'standby',
          from: onset,
          until: null,
          latency: [[onset, 1]],
          errors: [[onset, standbyErrors]],
          seenByChecks: false,
        },
      ],
    };
  },
};
