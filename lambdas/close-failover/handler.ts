// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { closeFailover } from './close-failover.ts';

export const handler = taskHandler('close-failover', closeFailover);
