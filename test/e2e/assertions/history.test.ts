// Histories of executions, read for the states that were entered and the attempts at their tasks.
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { readHistory } from '../../../e2e/assertions/collect-run.ts';

const entered = (type: 'Task' | 'Pass' | 'Choice', name: string) => ({ type: `${type}StateEntered` as const, stateEnteredEventDetails: { name } });
const event = (type: HistoryEvent['type'], rest: Partial<HistoryEvent> = {}) => ({ type, ...rest });
const numbered = (events: readonly Partial<HistoryEvent>[]) =>
  events.map((one, index) => ({ ...one, id: index + 1, timestamp: new Date(index) })) as HistoryEvent[];

it('sees a retry within one state', () => {
  const failed = event('TaskFailed', { taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'Lambda.Unknown' } });
  const read = readHistory(
    numbered([
      event('ExecutionStarted'),
      entered('Pass', 'Begin'),
      entered('Task', 'Shift traffic'),
      event('TaskScheduled'),
      failed,
      event('TaskScheduled'),
      event('TaskSucceeded'),
      event('TaskStateExited'),
      entered('Choice', 'Shifted?'),
      entered('Task', 'Shift traffic'),
      event('TaskScheduled'),
      event('TaskSucceeded'),
      event('ExecutionSucceeded'),
    ]),
  );
  expect(read.states).toEqual(['Begin', 'Shift traffic', 'Shifted?', 'Shift traffic']);
  expect(read.attempts).toEqual([
    { state: 'Shift traffic', begun: 2, failures: ['Lambda.Unknown'], succeeded: true },
    { state: 'Shift traffic', begun: 1, failures: [], succeeded: true },
  ]);
});

it('sees a task that was given up', () => {
  const read = readHistory(numbered([entered('Task', 'Open failover'), event('TaskScheduled'), event('TaskTimedOut'), event('ExecutionFailed')]));
  expect(read.attempts).toEqual([{ state: 'Open failover', begun: 1, failures: ['TaskTimedOut'], succeeded: false }]);
});
