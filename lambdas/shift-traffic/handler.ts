// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { shiftTraffic } from './shift-traffic.ts';

export const handler = taskHandler('shift-traffic', shiftTraffic);
