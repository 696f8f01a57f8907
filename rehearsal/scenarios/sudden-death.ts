// The primary dies without warning and comes back after a while.
import { minute } from '../world/faults.ts';
import { minutes, type Scenario, shortTick } from './scenario.ts';

export const suddenDeath: Scenario = {
  name: 'sudden-death',
  summary: 'the primary dies without warning, and comes back',
  primaryFails: true,
  tick: shortTick,
  tell({ draws, onset }) {
    const mode = draws.pick('what dies', ['hosts', 'everything']);
    const back = onset + minutes(draws.uniform('minutes until it is back', 20, 60));
    return {
      end: Math.ceil(back / minute) * minute + 60 * minute,
      description: `${mode === 'hosts' ? 'All hosts die' : 'The whole side is gone'} at once; it is back after ${((back - onset) / minute).toFixed(0)} minutes.`,
      faults: [{ kind: 'death', label: mode === 'hosts' ? 'all hosts dead' : 'the side is gone', side: 'primary', from: onset, until: back, mode }],
    };
  },
};
