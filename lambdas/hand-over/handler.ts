// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { handOver } from './hand-over.ts';

export const handler = taskHandler('hand-over', handOver);
