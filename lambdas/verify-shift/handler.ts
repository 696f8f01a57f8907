// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { verifyShift } from './verify-shift.ts';

export const handler = taskHandler('verify-shift', verifyShift);
