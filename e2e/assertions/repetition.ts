// What a repeated event and a crashed function must not change: everything is done once.
import { executionName } from '../../core/contracts/names.ts';
import type { Check } from '../check.ts';
import { documentOf } from '../differential/document.ts';
import { sdkInputOf } from '../gateway/sdk-input.ts';
import type { CollectedExecution } from './collect-run.ts';
import type { AssertionContext } from './context.ts';
import { descendants, type Observed, observe } from './observed.ts';
import { check, equals, startsOf } from './shared-checks.ts';

/** For a service of which the event of one decision was delivered more than once. `failoverId` of the context says which. Throws CollectionError. */
export async function assertDuplicateHandled(context: AssertionContext): Promise<Check[]> {
  return duplicateChecks(await observe(context));
}

export function duplicateChecks({ context, run, roots, failover, changes }: Observed): Check[] {
  const decisionId = failover?.failoverId ?? '';
  const claims = claimsOf(context, decisionId);
  const accepted = claims.filter(({ status }) => status < 400);
  const refused = claims.filter(({ errorCode = '' }) => errorCode.startsWith('ConditionalCheckFailed'));
  return [
    check('there is one failover', failover !== undefined, () => run.failovers.map(({ failoverId, outcome }) => `${failoverId}: ${outcome}`)),
    check('the decision was claimed more than once', claims.length > 1, () => `${claims.length} claims of ${decisionId}`),
    equals('one claim was accepted', accepted.length, 1),
    equals('all others were refused', refused.length, claims.length - 1),
    equals(
      'one claim stands, of a workflow that was started',
      run.claims.filter((claim) => claim.decisionId === decisionId).map(({ started }) => started),
      [true],
    ),
    check('start-workflow asked for it', startsOf(context, executionName(decisionId)) > 0, () => 'no accepted StartExecution has its name'),
    equals(
      'there is one execution',
      roots.map(({ name }) => name),
      [executionName(decisionId)],
    ),
    equals('there is one record', run.failovers.filter(({ failoverId }) => failoverId === decisionId).length, 1),
    changedOnce(changes),
  ];
}

/** Attempts of start-workflow to claim the decision. */
const claimsOf = ({ calls }: AssertionContext, decisionId: string) =>
  calls.filter((call) => {
    if (call.service !== 'dynamodb' || call.operation !== 'PutItem' || !call.caller.startsWith('forestall-')) return false;
    const { failoverId, entry } = documentOf(sdkInputOf(call).input['Item']);
    return failoverId === decisionId && entry === 'claim';
  });

/** For a service of which one function crashed once while it worked for the failover. `functionName`: with prefix, e.g. `forestall-shift-traffic`. */
export async function assertCrashSurvived(context: AssertionContext, functionName: string): Promise<Check[]> {
  return crashChecks(await observe(context), functionName);
}

export function crashChecks({ context, run, roots, changes }: Observed, functionName: string): Check[] {
  const tree = roots.flatMap((root) => descendants(root, run.executions));
  const retried = tree.flatMap((execution) => execution.attempts.filter(isRetried).map((attempts) => ({ execution, ...attempts })));
  return [
    check('the execution succeeded, with everything nested in it', tree.length > 0 && tree.every(({ status }) => status === 'SUCCEEDED'), () =>
      tree.map(({ machine, status }) => `${machine}: ${status}`),
    ),
    check('its history shows a failed attempt at a state, and one that succeeded', retried.length > 0, () =>
      tree.map(({ machine, attempts }) => ({ machine, attempts })),
    ),
    check(
      `${functionName} called the cloud`,
      context.calls.some(({ caller }) => caller === functionName),
      () => [...new Set(context.calls.map(({ caller }) => caller))],
    ),
    changedOnce(changes),
  ];
}

const isRetried = ({ begun, failures, succeeded }: CollectedExecution['attempts'][number]): boolean =>
  succeeded && failures.length > 0 && begun > failures.length;

/** No change left the weights as it found them, and none was made from weights that had been left already. */
function changedOnce(changes: Observed['changes']): Check {
  const ways = changes.map(({ found, left }) => `${found.primary}/${found.standby} -> ${left.primary}/${left.standby}`);
  return check('each weight was set once', ways.length > 0 && new Set(ways).size === ways.length, () => ways);
}
