// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { planMirroring } from './plan-mirroring.ts';

export const handler = taskHandler('plan-mirroring', planMirroring);
