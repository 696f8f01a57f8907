// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { haltFailover } from './halt-failover.ts';

export const handler = taskHandler('halt-failover', haltFailover);
