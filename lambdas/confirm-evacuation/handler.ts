// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { confirmEvacuation } from './confirm-evacuation.ts';

export const handler = taskHandler('confirm-evacuation', confirmEvacuation);
