// Facts that hold after more than one ending.
import type { SideName } from '../../core/contracts/plan.ts';
import type { Weights } from '../../core/contracts/records.ts';
import type { Check } from '../check.ts';
import { sdkInputOf } from '../gateway/sdk-input.ts';
import { descendants, type Observed } from './observed.ts';

/** A check that tells what it found when it does not hold. */
export const check = (name: string, ok: boolean, found: () => unknown): Check => {
  if (ok) return { name, ok };
  const detail = found();
  return { name, ok, detail: typeof detail === 'string' ? detail : (JSON.stringify(detail) ?? 'nothing') };
};

export const equals = (name: string, found: unknown, expected: unknown): Check =>
  check(name, JSON.stringify(found) === JSON.stringify(expected), () => `expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);

/** Route 53 has these weights in every record of the service, and the health checks that were there before. */
export function recordChecks({ account: { records }, context: { plan, healthChecks } }: Observed, weights: Weights): Check[] {
  const of = <Value>(value: (record: (typeof records)[number]) => Value) =>
    plan.record.types.flatMap((type) =>
      (['primary', 'standby'] as const).map(
        (side) =>
          `${type} ${side} ${records
            .filter((one) => one.type === type && one.side === side)
            .map(value)
            .join('+')}`,
      ),
    );
  const expected = (value: Readonly<Record<SideName, unknown>>) =>
    plan.record.types.flatMap((type) => (['primary', 'standby'] as const).map((side) => `${type} ${side} ${value[side]}`));
  return [
    equals(
      `Route 53 has the weights ${weights.primary}/${weights.standby}`,
      of(({ weight }) => weight),
      expected(weights),
    ),
    equals(
      'both records still have their health checks',
      of(({ healthCheckId }) => healthCheckId),
      expected(healthChecks),
    ),
  ];
}

const onInstances = ['StartInstances', 'StopInstances', 'TerminateInstances', 'RebootInstances', 'CreateTags', 'DeleteTags', 'ModifyInstanceAttribute'];

/** The primary's instances exist, carry nothing of the product's, and no call of its functions named them but to snapshot them. */
export function untouchedPrimary({ account: { primaryInstances }, context }: Observed): Check[] {
  const existing = primaryInstances.filter(({ state }) => state !== 'terminated' && state !== 'shutting-down');
  const marked = primaryInstances.filter(({ tags }) => Object.keys(tags).some((key) => key.startsWith('forestall:')));
  const touching = context.calls.filter(
    ({ caller, operation, input }) =>
      caller.startsWith('forestall-') && onInstances.includes(operation) && context.primaryInstances.some((id) => JSON.stringify(input).includes(id)),
  );
  return [
    equals("the primary's instances still exist", existing.map(({ id }) => id).sort(), context.primaryInstances.toSorted()),
    check("the primary's instances carry no tag of the product's", marked.length === 0, () => marked),
    check("no call of the product's functions changed the primary's instances", touching.length === 0, () =>
      touching.map(({ caller, operation }) => `${caller}: ${operation}`),
    ),
  ];
}

/** Lock released, active side and latches as told. */
export function serviceChecks({ run: { service, latches }, failover }: Observed, active: SideName, latched: readonly SideName[]): Check[] {
  return [
    equals(`the active side is ${active}`, service.activeSide, active),
    check('the lock is released', service.lock === undefined, () => service.lock),
    equals(`latched: ${latched.join(', ') || 'none'}`, Object.keys(service.latched).sort(), latched),
    equals(
      'dispatch-scoring repeats the same latches',
      latches.filter((subject) => subject.startsWith('latch#')),
      latched.map((side) => `latch#${side}`),
    ),
    equals('the service remembers its last failover', service.lastFailover?.failoverId, failover?.failoverId),
  ];
}

/** One record and one execution for the decision, all of it succeeded. `nested`: machines that have to be among those nested in it. */
export function executionChecks({ run, roots, failover, context }: Observed, nested: readonly string[]): Check[] {
  const [root] = roots;
  const tree = root === undefined ? [] : descendants(root, run.executions);
  const failed = tree.filter(({ status }) => status !== 'SUCCEEDED');
  return [
    check('there is one failover', failover !== undefined, () => run.failovers.map(({ failoverId, outcome }) => `${failoverId}: ${outcome}`)),
    equals(
      'the decision started exactly one execution',
      roots.map(({ machine, name }) => `${machine} ${name}`),
      [`fail-over ${failover?.failoverId}`],
    ),
    check('start-workflow asked for it', startsOf(context, failover?.failoverId) > 0, () => 'no accepted StartExecution has its name'),
    check('it succeeded, with everything nested in it', tree.length > 0 && failed.length === 0, () =>
      failed.map(({ machine, name, status }) => `${machine} ${name}: ${status}`),
    ),
    check(
      `nested in it: ${nested.join(', ')}`,
      nested.every((machine) => tree.some((execution) => execution.machine === machine)),
      () => tree.map(({ machine }) => machine),
    ),
  ];
}

/** How often StartExecution was accepted under the name of a decision. Twice is no fault: asked again with the same input, Step Functions tells of the execution that runs. */
export function startsOf({ calls }: Observed['context'], decisionId: string | undefined): number {
  return calls.filter(
    (call) => call.operation === 'StartExecution' && call.caller.startsWith('forestall-') && call.status < 400 && sdkInputOf(call).input['name'] === decisionId,
  ).length;
}

/** The record has its ending and says why; the story goes through the phases in this order. */
export function recordedEnding({ failover, story }: Observed, outcome: string, phases: readonly string[]): Check[] {
  const told = story.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
  const silent = story.filter(({ phase, verdict, reasons }) => (phase === 'opened' || phase === 'closed' || verdict !== undefined) && reasons.length === 0);
  return [
    equals(`the record ended as ${outcome}`, failover?.outcome, outcome),
    check('the record says when it ended and why', failover?.endedAt !== undefined && failover.reasons.length > 0, () => failover),
    equals('its story goes through the phases', told, phases),
    check('every verdict, the beginning and the end have reasons', story.length > 0 && silent.length === 0, () => silent.map(({ entry }) => entry)),
  ];
}
