// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { copySnapshots } from './copy-snapshots.ts';

export const handler = taskHandler('copy-snapshots', copySnapshots);
