// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { checkStandby } from './check-standby.ts';

export const handler = taskHandler('check-standby', checkStandby);
