// Reads what stands at the end of a run beside the records' own words.
import { latchSubject } from '../../core/contracts/names.ts';
import type { RehearsalRuntime } from '../runtime/runtime.ts';
import { sides } from './routing.ts';
import type { Standing } from './truth.ts';

/** Which sides the evacuation checks are told to keep away, and which failovers the account's list calls running. */
export async function standingOf({ items }: Pick<RehearsalRuntime, 'items'>): Promise<Pick<Standing, 'latches' | 'running'>> {
  const resources = await items('resources');
  const list = (await items('failovers')).find(({ failoverId }) => failoverId === '#running');
  return {
    latches: sides.filter((side) => resources.some(({ subjectId }) => subjectId === latchSubject(side))),
    running: Object.keys(list?.['zones'] ?? {}),
  };
}
