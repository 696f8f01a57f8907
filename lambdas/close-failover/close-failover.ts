// Last step: the outcome is written, the lock released.
import { endOpened } from '../failover/ending.ts';
import type { Step } from '../task-handler.ts';

const because = {
  'failed-over': 'traffic moved and handed over',
  'rolled-back': 'the weights are what they were at the start',
  evacuated: 'Route 53 moved the traffic; the lost side is latched',
  held: 'stopped short; traffic was left where it is',
  validated: 'the standby was warmed and judged; no traffic was to move',
} as const;

export const closeFailover: Step<'close-failover'> = async ({ failoverId, outcome }, services) => {
  await endOpened(await services.failovers.get(failoverId), outcome, [because[outcome]], services);
  return { decision: 'closed' };
};
