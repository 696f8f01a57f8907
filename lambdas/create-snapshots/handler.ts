// Called by Step Functions.
import { taskHandler } from '../task-handler.ts';
import { createSnapshots } from './create-snapshots.ts';

export const handler = taskHandler('create-snapshots', createSnapshots);
