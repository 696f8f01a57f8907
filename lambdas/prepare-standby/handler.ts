// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { prepareStandby } from './prepare-standby.ts';

export const handler = taskHandler('prepare-standby', prepareStandby);
