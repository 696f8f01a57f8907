// Every alarm that Forestall raises about itself, in one list: the stack makes them, the runbooks explain them.
import type { FunctionName, StateMachineName } from '../core/contracts/deployment.ts';

/** page: somebody is woken. ticket: within a working day. */
export type Severity = 'page' | 'ticket';

export interface AlarmText {
  readonly severity: Severity;
  /** One sentence: what it means to the services that are protected. */
  readonly meaning: string;
  /** Heading in docs/runbooks.md. */
  readonly runbook: string;
}

export const alarmTexts = {
  'scoring-stopped': {
    severity: 'page',
    meaning: 'Nothing has been scored for three minutes: failures are no longer predicted and latches are no longer repeated.',
    runbook: 'Scoring has stopped',
  },
  'scoring-errors': {
    severity: 'page',
    meaning: 'dispatch-scoring fails: services may not be scored, and latches may not be repeated.',
    runbook: 'Dispatching fails',
  },
  'scoring-late': {
    severity: 'ticket',
    meaning: 'Services wait more than five minutes for their score.',
    runbook: 'Scoring is late',
  },
  'dead-letters': {
    severity: 'ticket',
    meaning: 'An event or a message could not be handled and was put aside.',
    runbook: 'Dead letters',
  },
  'workflow-failed': {
    severity: 'page',
    meaning: 'A workflow failed, timed out or was aborted: a failover, an evacuation or a mirror may be incomplete.',
    runbook: 'An execution failed',
  },
  throttled: {
    severity: 'ticket',
    meaning: 'AWS throttles the functions that a move depends on.',
    runbook: 'Functions are throttled',
  },
  'tables-throttled': {
    severity: 'ticket',
    meaning: 'DynamoDB throttles reads or writes of the state.',
    runbook: 'Tables are throttled',
  },
} as const satisfies Record<string, AlarmText>;
export type AlarmName = keyof typeof alarmTexts;

/** Alarms without a text above: the evacuation alarms of the plans, which Route 53 reads. */
export const latchRunbook = 'A side is latched';

/** The anchor that a Markdown heading gets. */
export const anchorOf = (heading: string): string =>
  `docs/runbooks.md#${heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')}`;

/** Functions whose throttling delays a move; an alarm takes ten metrics at most. */
export const watchedForThrottling = [
  'dispatch-scoring',
  'score-risk',
  'start-workflow',
  'settle-execution',
  'check-target',
  'probe-sides',
  'shift-traffic',
  'roll-back',
  'latch-side',
  'close-failover',
] as const satisfies readonly FunctionName[];

/** A failed run of these concerns traffic; the others are nested in them or concern mirrors only, and fail through them. */
export const alarmedMachines = ['adjust-mirroring', 'fail-over', 'evacuate'] as const satisfies readonly StateMachineName[];
