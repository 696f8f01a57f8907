// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { openFailover } from './open-failover.ts';

export const handler = taskHandler('open-failover', openFailover);
