// After a failover that came to its end: what the emulator's own state has to be.
import type { SideName } from '../../core/contracts/plan.ts';
import type { Check } from '../check.ts';
import { sdkInputOf } from '../gateway/sdk-input.ts';
import type { AssertionContext } from './context.ts';
import { type Observed, observe } from './observed.ts';
import { check, equals, executionChecks, recordChecks, recordedEnding, serviceChecks, untouchedPrimary } from './shared-checks.ts';

/** For a service whose failover has ended as `failed-over`, a few minutes ago at least: the latch is to be seen repeated. Throws CollectionError. */
export async function assertFailedOver(context: AssertionContext): Promise<Check[]> {
  return failedOverChecks(await observe(context));
}

export function failedOverChecks(observed: Observed): Check[] {
  return [
    ...recordChecks(observed, { primary: 0, standby: 100 }),
    stepsChecks(observed),
    ...untouchedPrimary(observed),
    ...standbyChecks(observed),
    ...snapshotChecks(observed),
    ...serviceChecks(observed, 'standby', ['primary']),
    ...recordedEnding(observed, 'failed-over', ['opened', 'target-checked', ...canaryPhase(observed), 'shift', 'drain', 'hand-over', 'closed']),
    check('the point of no return is recorded', observed.failover?.pointOfNoReturn === true, () => observed.failover),
    ...executionChecks(observed, ['shift-traffic']),
    ...latchChecks(observed),
  ];
}

/**
 * A canary that was fresh enough is not repeated, and the standby may have to be made larger first, after which the target is checked again. What may come
 * between is looked at once more before the first user is moved; the story tells of it where there was anything to say.
 */
const canaryPhase = ({ story }: Observed): string[] => {
  if (!story.some(({ phase }) => phase === 'canary')) return [];
  return story.some(({ entry }) => entry === 'event#038-allowed') ? ['canary', 'target-checked'] : ['canary'];
};

/** The weights went the way of the profile, one step after the other, each set once. */
function stepsChecks({ changes, failover, context: { plan } }: Observed): Check {
  const steps = failover === undefined ? [] : plan.shift[failover.profile].steps;
  return equals(
    'the weights went through the steps of the profile, each set once',
    changes.map(({ left }) => `${left.primary}/${left.standby}`),
    steps.map((percent) => `${100 - percent}/${percent}`),
  );
}

/** Running, tagged, registered and healthy, as many as the plan says; each has its record and nothing else runs. */
function standbyChecks({ account: { mirrors, targets }, run, context }: Observed): Check[] {
  const recorded = run.mirrors.filter(({ status }) => status !== 'terminated').flatMap(({ instanceId }) => (instanceId === undefined ? [] : [instanceId]));
  const running = mirrors.filter(({ state }) => state === 'running');
  const wanted = context.plan.sides.standby.instances.full;
  const ids = running.map(({ id }) => id).sort();
  return [
    check(`${wanted} instances with the service's tag run in the standby's Region`, running.length === wanted, () => mirrors),
    equals(
      "they are registered at the standby's balancer and healthy",
      ids.map((id) => `${id} ${targets.get(id)}`),
      ids.map((id) => `${id} healthy`),
    ),
    equals('each of them is recorded, and nothing is recorded that does not run', recorded.toSorted(), ids),
  ];
}

/**
 * Of every instance of the primary: a completed snapshot in its Region, and of that a completed copy in the standby's, asked for with the plan's key.
 * EC2 is asked; the records, which say which is a copy of which, notice some minutes later that a copy is complete.
 */
function snapshotChecks({ account: { snapshots }, run, context }: Observed): Check[] {
  const completed = (side: SideName, id: string) => snapshots[side].some((snapshot) => snapshot.id === id && snapshot.state === 'completed');
  const copied = run.snapshots.filter(({ status }) => status === 'copying' || status === 'copied');
  const of = (instanceId: string) => copied.filter(({ resourceId }) => resourceId === instanceId);
  const without = (side: SideName, ids: 'snapshotIds' | 'copyIds') =>
    context.primaryInstances.filter((instance) => !of(instance).some((set) => set[ids].length > 0 && set[ids].every((id) => completed(side, id))));
  const uneven = copied.filter(({ snapshotIds, copyIds }) => snapshotIds.length !== copyIds.length);
  const key = context.plan.sides.standby.kmsKeyArn;
  const copies = context.calls
    .filter(({ operation, caller, status }) => operation === 'CopySnapshot' && caller.startsWith('forestall-') && status < 400)
    .map((call) => sdkInputOf(call).input)
    .filter((input) => copied.some(({ snapshotIds }) => snapshotIds.includes(String(input['SourceSnapshotId']))));
  const [open, uncopied] = [without('primary', 'snapshotIds'), without('standby', 'copyIds')];
  return [
    check("each of the primary's instances has completed snapshots in the primary's Region", open.length === 0, () => ({ open, records: run.snapshots })),
    check("each has completed copies of them in the standby's Region", uncopied.length === 0 && uneven.length === 0, () => ({ uncopied, uneven })),
    check(
      "every copy was asked for with the plan's key",
      copies.length > 0 && copies.every((input) => input['Encrypted'] === true && input['KmsKeyId'] === key),
      () => copies,
    ),
  ];
}

const minute = 60_000;

/**
 * From the minute after the hand-over to the last whole one the value is 1 for the primary, and never for the standby. The emulator looks each ten seconds
 * whether a schedule is due, so that once in a while a minute is jumped over; two in a row are not.
 */
function latchChecks({ account: { evacuated, at }, story }: Observed): Check[] {
  const handedOver = story.find(({ phase }) => phase === 'hand-over');
  const first = handedOver === undefined ? at : Math.floor(Date.parse(handedOver.at) / minute) * minute;
  // The newest minute may be still to come.
  const last = Math.floor(at / minute) * minute - minute;
  const minutes = Array.from({ length: Math.max(0, Math.round((last - first) / minute)) }, (_none, index) => first + index * minute);
  const silent = minutes.filter((one) => evacuated.primary.get(one) !== 1);
  const others = [...evacuated.primary].filter(([one, value]) => one > first && value !== 1);
  const reports = [...evacuated.primary].filter(([one, value]) => one >= first && value === 1);
  return [
    check(
      'the primary is reported as evacuated each minute since it was left',
      reports.length > 1 && others.length === 0 && !silent.some((one) => silent.includes(one + minute)),
      () =>
        `${reports.length} reports in ${minutes.length} minutes; none in ${silent.map((one) => new Date(one).toISOString()).join(', ')}; others: ${others.join(' ')}`,
    ),
    check('the standby is never reported as evacuated', ![...evacuated.standby.values()].includes(1), () => [...evacuated.standby]),
  ];
}
