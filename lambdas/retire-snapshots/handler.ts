// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { retireSnapshots } from './retire-snapshots.ts';

export const handler = taskHandler('retire-snapshots', retireSnapshots);
