// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { checkApproval } from './check-approval.ts';

export const handler = taskHandler('check-approval', checkApproval);
