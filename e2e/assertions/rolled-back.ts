// After a failover that was rolled back: users are where they were, and the record says why.
import type { FailoverEvent } from '../../core/contracts/records.ts';
import type { Check } from '../check.ts';
import type { AssertionContext } from './context.ts';
import { type Observed, observe } from './observed.ts';
import { check, equals, executionChecks, recordChecks, serviceChecks, untouchedPrimary } from './shared-checks.ts';

/** For a service whose failover has ended as `rolled-back`. Throws CollectionError. */
export async function assertRolledBack(context: AssertionContext): Promise<Check[]> {
  return rolledBackChecks(await observe(context));
}

export function rolledBackChecks(observed: Observed): Check[] {
  const { failover, story, changes, account } = observed;
  const back = changes.at(-1)?.left;
  return [
    ...recordChecks(observed, { primary: 100, standby: 0 }),
    // A standby that is found out before anybody was sent to it is never given a weight.
    check('every share that was given to the standby was taken back', back === undefined || (back.primary === 100 && back.standby === 0), () => changes),
    ...untouchedPrimary(observed),
    ...serviceChecks(observed, 'primary', []),
    equals('the record ended as rolled-back', failover?.outcome, 'rolled-back'),
    equals('the failover is before its point of no return', failover?.pointOfNoReturn, false),
    check('the record says when it ended', failover?.endedAt !== undefined, () => failover),
    check('a line of its story tells why', story.some(tellsWhy), () => story.map(({ entry, reasons }) => `${entry}: ${reasons.join('; ')}`)),
    check('its story does not tell of a hand-over', !story.some(({ phase }) => phase === 'hand-over'), () => story.map(({ entry }) => entry)),
    equals('the service remembers how it ended', observed.run.service.lastFailover?.outcome, 'rolled-back'),
    ...executionChecks(observed, ['roll-back']),
    check('no side was ever reported as evacuated', !Object.values(account.evacuated).some((minutes) => [...minutes.values()].includes(1)), () =>
      Object.values(account.evacuated).map((minutes) => [...minutes]),
    ),
  ];
}

/** A verdict against the standby, or a step that failed: that the weights are as before is no reason. */
const tellsWhy = ({ entry, phase, verdict, reasons }: FailoverEvent): boolean =>
  reasons.length > 0 &&
  (verdict === 'fail' || verdict === 'no-evidence' || phase === 'roll-back' || entry === 'event#075-failed' || entry.endsWith('target-hold'));
