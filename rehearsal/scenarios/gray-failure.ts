// The primary grows slow, then errors, then dies: what a health check sees too late.
import { type Death, type Fault, minute } from '../world/faults.ts';
import { minutes, type Scenario, shortTick } from './scenario.ts';

const growth = 40 * minute;

export const grayFailure: Scenario = {
  name: 'gray-failure',
  summary: 'latency rises, errors follow and grow, then the primary dies',
  primaryFails: true,
  tick: shortTick,
  tell({ draws, onset }) {
    const latency = draws.uniform('latency factor', 2, 4);
    const slowAfter = minutes(draws.uniform('minutes until that latency', 3, 15));
    const errorsFrom = onset + minutes(draws.uniform('minutes until errors', 0, 20));
    const errors = draws.uniform('errors at the end', 0.02, 0.2);
    const mode = draws.pick('what dies', ['hosts', 'everything']);
    const death = errorsFrom + growth;
    return {
      end: death + 60 * minute,
      description: `Latency grows to ${latency.toFixed(1)} times the usual; errors begin ${((errorsFrom - onset) / minute).toFixed(0)} minutes later and reach ${(100 * errors).toFixed(0)} %; then ${mode === 'hosts' ? 'all hosts die' : 'the whole side is gone'}.`,
      faults: failingThenDead({ onset, slowAfter, latency, errorsFrom, errors, death }, mode),
    };
  },
};

/** The primary's trouble, as latency factor and growing share of errors, up to its death. Times in ms. */
export const failingThenDead = (
  { onset, slowAfter, latency, errorsFrom, errors, death }: Readonly<Record<'onset' | 'slowAfter' | 'latency' | 'errorsFrom' | 'errors' | 'death', number>>,
  mode: Death['mode'],
): Fault[] => [
  {
    kind: 'degradation',
    label: `latency x${latency.toFixed(1)}, errors to ${(100 * errors).toFixed(0)} %`,
    side: 'primary',
    from: onset,
    until: death,
    latency: [
      [onset, 1],
      [onset + slowAfter, latency],
    ],
    errors: [
      [errorsFrom, 0],
      [death, errors],
    ],
    seenByChecks: true,
  },
  { kind: 'death', label: mode === 'hosts' ? 'all hosts die' : 'the side is gone', side: 'primary', from: death, until: null, mode },
];
