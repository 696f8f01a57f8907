// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { checkTarget } from './check-target.ts';

export const handler = taskHandler('check-target', checkTarget);
