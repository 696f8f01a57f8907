// The primary has grown slow and fails more and more; it dies after the failover should be over.
import { failingThenDead } from '../../rehearsal/scenarios/gray-failure.ts';
import { minutes, type Scenario, shortTick } from '../../rehearsal/scenarios/scenario.ts';
import { minute } from '../../rehearsal/world/faults.ts';

export const grayFailure: Scenario = {
  name: 'gray-failure',
  summary: 'latency and errors grow, then the primary dies; Forestall has moved before',
  primaryFails: true,
  tick: shortTick,
  tell({ draws, start, onset }) {
    const latency = draws.uniform('latency factor', 2.5, 4);
    const slowAfter = minutes(draws.uniform('minutes until that latency', 2, 4));
    const errors = draws.uniform('errors at the end', 0.05, 0.15);
    const death = start + 25 * minute;
    return {
      end: start + 40 * minute,
      description: `Latency has grown to ${latency.toFixed(1)} times the usual, errors grow to ${(100 * errors).toFixed(0)} %; after 25 minutes all hosts die.`,
      faults: failingThenDead({ onset, slowAfter, latency, errorsFrom: onset + slowAfter, errors, death }, 'hosts'),
    };
  },
};
