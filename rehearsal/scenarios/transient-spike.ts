// A burst of load that passes, in part of the seeds with a blip after it. Nothing may move.
import { type Fault, minute } from '../world/faults.ts';
import { minutes, type Scenario, shortTick } from './scenario.ts';

export const transientSpike: Scenario = {
  name: 'transient-spike',
  summary: 'a burst of load that passes: nothing may move',
  primaryFails: false,
  tick: shortTick,
  tell({ draws, onset }) {
    const factor = draws.uniform('load factor', 1.5, 3);
    const ramp = minutes(draws.uniform('minutes until that load', 1, 3));
    const over = onset + ramp + minutes(draws.uniform('minutes of that load', 3, 20));
    const faults: Fault[] = [
      {
        kind: 'burst',
        label: `load x${factor.toFixed(1)}`,
        from: onset,
        until: over + ramp,
        factor: [
          [onset, 1],
          [onset + ramp, factor],
          [over, factor],
          [over + ramp, 1],
        ],
      },
    ];
    const blip = draws.chance('a blip follows', 0.4);
    if (blip) {
      const from = over + ramp + minutes(draws.uniform('minutes until the blip', 5, 30));
      const latency = draws.uniform('latency factor of the blip', 2, 4);
      const errors = draws.uniform('errors of the blip', 0.01, 0.1);
      faults.push({
        kind: 'degradation',
        label: `blip: latency x${latency.toFixed(1)}, ${(100 * errors).toFixed(0)} % errors`,
        side: 'primary',
        from,
        until: from + minutes(draws.uniform('minutes of the blip', 1, 3)),
        latency: [[from, latency]],
        errors: [[from, errors]],
        seenByChecks: true,
      });
    }
    return {
      end: onset + 90 * minute,
      description: `Load rises to ${factor.toFixed(1)} times the usual for ${((over - onset - ramp) / minute).toFixed(0)} minutes${blip ? '; later a short blip' : ''}.`,
      faults,
    };
  },
};
