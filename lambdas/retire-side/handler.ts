// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { retireSide } from './retire-side.ts';

export const handler = taskHandler('retire-side', retireSide);
