// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { recordLevel } from './record-level.ts';

export const handler = taskHandler('record-level', recordLevel);
