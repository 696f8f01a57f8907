// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { checkDrain } from './check-drain.ts';

export const handler = taskHandler('check-drain', checkDrain);
