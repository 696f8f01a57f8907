// What people are told when nothing automatic is safe any more: why, what has been switched and what has not, and where to read on.
import type { FailoverRecord } from '../../core/contracts/records.ts';

/** Only of what stopped within the hand-over: before it nothing is switched but weights, after it everything. */
export function haltReasons({ phase, pointOfNoReturn, drivers }: FailoverRecord, why: string): string[] {
  const switched = Object.entries(drivers).map(([key, { status, at }]) => `${key}: ${inWords[status]} since ${at}`);
  const between = phase === 'hand-over' && !pointOfNoReturn;
  return [why, ...switched, between ? 'see the runbook "A hand-over stopped between two drivers"' : 'see the runbook "A failover halted"'];
}

const inWords = { intended: 'asked, without an answer,', 'under-way': 'under way', done: 'done' } as const;
