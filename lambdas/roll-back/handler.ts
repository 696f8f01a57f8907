// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { rollBack } from './roll-back.ts';

export const handler = taskHandler('roll-back', rollBack);
