// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { latchSide } from './latch-side.ts';

export const handler = taskHandler('latch-side', latchSide);
