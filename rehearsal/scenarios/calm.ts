// Thirty ordinary days with deployments and load peaks. Nothing may move.
import { drawOrdinaryLife } from '../world/environment.ts';
import { day } from '../world/faults.ts';
import { longTick, type Scenario } from './scenario.ts';

export const calm: Scenario = {
  name: 'calm',
  summary: '30 ordinary days: nothing may move',
  primaryFails: false,
  tick: longTick,
  tell({ seed, start }) {
    const faults = drawOrdinaryLife(seed, 'calm', start, start + 30 * day);
    const deployments = faults.filter(({ kind }) => kind === 'deployment').length;
    return {
      end: start + 30 * day,
      onset: null,
      description: `30 ordinary days with ${deployments} deployments and ${faults.length - deployments} load peaks.`,
      faults,
    };
  },
};
