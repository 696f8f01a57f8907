// The primary looks risky and recovers; the standby passes its health checks and fails real requests. It must be found out.
import { type Degradation, minute } from '../world/faults.ts';
import { minutes, type Scenario, shortTick } from './scenario.ts';

const standbyErrors = 0.05;

export const badStandby: Scenario = {
  name: 'bad-standby',
  summary: 'the primary looks risky but recovers; the standby is secretly bad',
  primaryFails: false,
  tick: shortTick,
  tell({ draws, start, onset }) {
    const latency = draws.uniform('latency factor', 2, 3);
    const ramp = minutes(draws.uniform('minutes until that latency', 2, 5));
    const errors = draws.uniform('errors', 0.001, 0.008);
    const recovers = onset + minutes(draws.uniform('minutes until it recovers', 15, 40));
    return {
      end: onset + 120 * minute,
      description: `Latency grows to ${latency.toFixed(1)} times the usual with ${(100 * errors).toFixed(1)} % errors and recovers after ${((recovers - onset) / minute).toFixed(0)} minutes; the standby fails 5 % of real requests.`,
      faults: [recovering({ onset, ramp, latency, errors, recovers }), failingUnseen(start)],
    };
  },
};

/** The primary's trouble, as latency factor and share of errors, which ends by itself. Times in ms. */
export const recovering = ({
  onset,
  ramp,
  latency,
  errors,
  recovers,
}: Readonly<Record<'onset' | 'ramp' | 'latency' | 'errors' | 'recovers', number>>): Degradation => ({
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
});

/** The standby fails requests that health checks do not make. */
export const failingUnseen = (from: number): Degradation => ({
  kind: 'degradation',
  label: 'the standby fails 5 % of real requests',
  side: 'standby',
  from,
  until: null,
  latency: [[from, 1]],
  errors: [[from, standbyErrors]],
  seenByChecks: false,
});
