// One recorded call as the steps that a trace compares: operation and key parameters, with everything left out that only time decides.
import { detailType } from '../../core/contracts/events.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import { changesOf, documentOf } from './document.ts';
import type { Names } from './names.ts';
import type { TracedCall } from './run-record.ts';
import { recordSteps } from './weights.ts';

/**
 * Where a step belongs. `failover`: in the order of the failover, under its phase. The others are worked on beside it by workflows of their own, so that only
 * their own order counts: each mirror instance and each resource whose volumes are copied is a thread; `workflows` is what was started, in any order.
 */
export type Thread = 'failover' | 'workflows' | 'canary' | `mirror ${string}` | `snapshots of ${string}`;

export interface TracedStep {
  readonly thread: Thread;
  readonly text: string;
  /** The failover that it names, if it names one. */
  readonly failoverId?: string;
  /** The phase that the failover's record is in from this step on. */
  readonly phase?: string;
}

/** A call of an operation that the trace has no rule for: it may change something, so it is not passed over. */
export class UntracedCallError extends Error {
  override readonly name = 'UntracedCallError';
}

const reads = /^(Get|Describe|List|Query$|Scan$)/;

/** Answers that changed nothing and were followed by another attempt, or that only say that it was done before. */
const withoutEffect =
  /ConditionalCheckFailed|Throttl|RequestLimitExceeded|PriorRequestNotComplete|ServiceUnavailable|Internal(Error|Failure|Server)|Timeout|ExecutionAlreadyExists|status 50\d/;

interface Context {
  readonly plan: Plan;
  readonly names: Names;
}
type Rule = (call: TracedCall, context: Context) => readonly TracedStep[];

const mirroringEvents: readonly string[] = [detailType.levelChanged, detailType.mirroringDue];
const json = (value: unknown): string => JSON.stringify(value);
const sideOf = ({ sides }: Plan, region: string): string =>
  region === sides.primary.region ? 'primary' : region === sides.standby.region ? 'standby' : region;

/** One step for each id: how many are named in one call is a matter of which were ready when. */
const eachId =
  (idsOf: (input: TracedCall['input']) => readonly unknown[]): Rule =>
  ({ operation, input, region }, { plan, names }) =>
    idsOf(input).map((id) => ({ thread: `mirror ${names.of(String(id))}`, text: `${operation} in ${sideOf(plan, region)}: ${names.of(String(id))}` }));

const targetIds = (input: TracedCall['input']) => ((input['Targets'] ?? []) as readonly { readonly Id?: unknown }[]).map(({ Id }) => Id);
const instanceIds = (input: TracedCall['input']) => (input['InstanceIds'] ?? []) as readonly unknown[];

/** The whole input, named. */
const whole =
  (thread: (input: TracedCall['input'], names: Names) => Thread): Rule =>
  ({ operation, input, region }, { plan, names }) => [
    { thread: thread(input, names), text: `${operation} in ${sideOf(plan, region)} ${json(names.inValue(input))}` },
  ];

const plainName = (name: string) => name.replace(/^<|>$/g, '');
const sourceOfCopy = (input: TracedCall['input'], names: Names) =>
  plainName(names.of(String(input['SourceSnapshotId']))).replace(/^(snapshot|copy) \d+ of /, '');

const rules: Readonly<Record<string, Rule>> = {
  'ec2:RunInstances': ({ operation, input, region }, { plan, names }) => {
    // Service, place and generation: `shop-0-1`.
    const slot = /-(\d+)-\d+$/.exec(String(input['ClientToken']))?.[1] ?? '?';
    return [{ thread: `mirror <mirror ${slot}>`, text: `${operation} in ${sideOf(plan, region)} ${json(names.inValue(input))}` }];
  },
  'ec2:StartInstances': eachId(instanceIds),
  'ec2:StopInstances': eachId(instanceIds),
  'ec2:TerminateInstances': eachId(instanceIds),
  'ec2:CreateTags': whole(() => 'failover'),
  'elasticloadbalancing:RegisterTargets': eachId(targetIds),
  'elasticloadbalancing:DeregisterTargets': eachId(targetIds),
  'elasticloadbalancing:ModifyRule': whole(() => 'failover'),
  'elasticloadbalancing:ModifyListener': whole(() => 'failover'),
  'ssm:PutParameter': whole(() => 'failover'),
  'appconfig:StartDeployment': whole(() => 'failover'),
  'arc-zonal-shift:StartZonalShift': whole(() => 'failover'),
  'arc-zonal-shift:CancelZonalShift': whole(() => 'failover'),
  // How often a shift is prolonged is a matter of how long the run went on.
  'arc-zonal-shift:UpdateZonalShift': () => [],
  'ec2:CreateSnapshots': whole((input, names) => {
    const { InstanceId } = (input['InstanceSpecification'] ?? {}) as { readonly InstanceId?: string };
    return `snapshots of ${plainName(names.of(String(InstanceId)))}`;
  }),
  'ec2:CopySnapshot': whole((input, names) => `snapshots of ${sourceOfCopy(input, names)}`),
  // How many sets are old enough to be retired is a matter of how long the run went on.
  'ec2:DeleteSnapshot': () => [],
  'route53:ChangeResourceRecordSets': ({ operation, input }) => recordSteps(input).map((text) => ({ thread: 'failover', text: `${operation} ${text}` })),
  'cloudwatch:PutMetricData': ({ operation, input }) =>
    ((input['MetricData'] ?? []) as readonly Readonly<Record<string, unknown>>[]).map((datum) => ({
      thread: 'failover',
      text: `${operation} ${String(input['Namespace'])} ${String(datum['MetricName'])} of ${((datum['Dimensions'] ?? []) as readonly { Value?: string }[]).map(({ Value }) => Value).join(', ')}: ${String(datum['Value'])}`,
    })),
  'sns:Publish': ({ operation, input }, { names }) => {
    const severity = (input['MessageAttributes'] as { readonly severity?: { readonly StringValue?: string } } | undefined)?.severity?.StringValue;
    // Mirroring's own canary, beside the failover's: perhaps before it has ended, perhaps after.
    if (/: the standby did not pass its canary$/.test(String(input['Subject']))) return [];
    const failoverId = /^failover (\S+)$/m.exec(String(input['Message']))?.[1];
    return [
      {
        thread: failoverId === undefined ? 'workflows' : 'failover',
        text: `${operation} ${severity}: ${names.inText(String(input['Subject']))}`,
        ...(failoverId && { failoverId }),
      },
    ];
  },
  'states:StartExecution': ({ operation, input }, { names }) => [
    { thread: 'workflows', text: `${operation} ${String(input['stateMachineArn']).split(':').at(-1)} ${names.inText(String(input['name']))}` },
  ],
  'events:PutEvents': ({ operation, input }) =>
    ((input['Entries'] ?? []) as readonly { readonly DetailType?: string }[]).map(({ DetailType = '' }) => ({
      thread: 'workflows',
      text: `${operation} ${mirroringEvents.includes(DetailType) ? '<mirroring>' : DetailType}`,
    })),
  // What is due is a matter of the minute.
  'sqs:SendMessageBatch': () => [],
  'dynamodb:PutItem': (call, context) => writeSteps(call, documentOf(call.input['Item']), undefined, context),
  'dynamodb:DeleteItem': (call, context) => writeSteps(call, documentOf(call.input['Key']), undefined, context),
  'dynamodb:UpdateItem': (call, context) => writeSteps(call, documentOf(call.input['Key']), call.input, context),
  // Assessments: one for each minute.
  'dynamodb:BatchWriteItem': () => [],
};

/** Whether the call only reads, or was refused without effect and tried again. */
export const changesNothing = ({ operation, error }: TracedCall): boolean => reads.test(operation) || withoutEffect.test(error ?? '');

/** The call's steps, or none when it only reads, was without effect, or is periodic. Throws UntracedCallError. */
export function stepsOf(call: TracedCall, context: Context): readonly TracedStep[] {
  if (changesNothing(call)) return [];
  const rule = rules[`${call.service}:${call.operation}`];
  if (rule === undefined)
    throw new UntracedCallError(
      `${call.service}:${call.operation} changes something and has no rule in e2e/differential/steps.ts: say there which parameters count`,
    );
  const steps = rule(call, context);
  return call.error === undefined ? steps : steps.map((step) => ({ ...step, text: `${step.text} refused: ${call.error}` }));
}

/** Fields whose values are the workflow's own decisions; of the others it counts that they are written. */
const telling = [
  'phase',
  'outcome',
  'kind',
  'from',
  'to',
  'profile',
  'pointOfNoReturn',
  'weights',
  'intended',
  'weightsAtStart',
  'verdict',
  'status',
  'level',
  'activeSide',
  'mode',
];

const written = (fields: Readonly<Record<string, unknown>>): string =>
  Object.keys(fields)
    .sort()
    .map((field) => (telling.includes(field) ? `${field}=${json(fields[field])}` : field))
    .join(', ');

function writeSteps(
  call: TracedCall,
  item: Readonly<Record<string, unknown>>,
  update: TracedCall['input'] | undefined,
  { names }: Context,
): readonly TracedStep[] {
  const table = String(call.input['TableName']).replace(/^forestall-/, '');
  const changes = update && changesOf(update);
  const fields: Readonly<Record<string, unknown>> = changes?.set ?? item;
  const what = changes
    ? `${written(changes.set)}${changes.removed.length > 0 ? ` without ${changes.removed.map((path) => names.inText(path)).join(', ')}` : ''}`
    : written(item);
  const text = (key: string) => `${call.operation} ${table}${key === '' ? '' : ` ${key}`}${call.operation === 'DeleteItem' ? '' : `: ${what}`}`;
  if (table === 'failovers') return failoverSteps(String(item['failoverId']), String(item['entry']), fields, text);
  if (table === 'services') return serviceSteps(fields, changes?.removed ?? [], documentOf(update?.['ExpressionAttributeValues']), text);
  if (table === 'resources') return resourceSteps(String(item['subjectId']), fields, text, names);
  throw new UntracedCallError(`a write to the table '${table}' has no rule in e2e/differential/steps.ts`);
}

function failoverSteps(failoverId: string, entry: string, fields: Readonly<Record<string, unknown>>, text: (key: string) => string): readonly TracedStep[] {
  const kind = /\.(critical|unhealthy|fail-back)\./.exec(failoverId)?.[1];
  if (entry === 'claim') return [{ thread: 'workflows', text: text('claim') }];
  // Lists of failovers of every service.
  if (failoverId.startsWith('#')) return [];
  // Probes of a mirror that is only validated.
  if (kind === undefined) return [];
  if (isPreparation(entry, fields)) return [];
  const key = entry.replace(/^event#020-target-(canary|shift)$/, 'event#020-target-fit').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
  return [{ thread: 'failover', text: text(key), failoverId, ...(typeof fields['phase'] === 'string' ? { phase: fields['phase'] } : {}) }];
}

/**
 * Lines that say how the standby was made fit and proved: mirroring does the same beside the failover, and which of them comes first is a matter of seconds.
 * That it was done is in the threads of the mirrors and of the canary. A verdict against the standby decides, and stays. A step that waits for capacity or
 * evidence says so as often as it waits.
 */
const isPreparation = (entry: string, { verdict }: Readonly<Record<string, unknown>>): boolean =>
  entry === 'event#020-target-warm' ||
  entry.startsWith('event#040-capacity-') ||
  entry.startsWith('probe#') ||
  verdict === 'no-evidence' ||
  (entry.startsWith('event#030-canary') && verdict === 'pass');

function serviceSteps(
  fields: Readonly<Record<string, unknown>>,
  removed: readonly string[],
  values: Readonly<Record<string, unknown>>,
  text: (key: string) => string,
): readonly TracedStep[] {
  // plan:apply, and what mirroring notes of itself: a snapshot each so many minutes, a level when it is reached.
  if ('plan' in fields || 'lastSnapshotAt' in fields || 'level' in fields) return [];
  if ('canary' in fields) return [{ thread: 'canary', text: `${text('')} ${json((fields['canary'] as { readonly verdict?: unknown }).verdict)}` }];
  const holder = values[':holder'];
  // The lease is renewed by each step.
  if (Object.keys(fields).length === 1 && 'lock.expiresAt' in fields) return [];
  return [{ thread: 'failover', text: text(''), ...(typeof holder === 'string' && (removed.length > 0 || 'lock' in fields) ? { failoverId: holder } : {}) }];
}

/** Whether copies are complete is looked at each five minutes, and what is old enough to be retired when a newer set is there: a matter of how long the run went on. */
const looked = ['copied', 'retired'];

function resourceSteps(subjectId: string, fields: Readonly<Record<string, unknown>>, text: (key: string) => string, names: Names): readonly TracedStep[] {
  const [type = '', second = ''] = subjectId.split('#');
  if (type === 'mirror') return [{ thread: `mirror <mirror ${Number(second)}>`, text: text('mirror') }];
  if (type === 'snapshot')
    return looked.includes(String(fields['status'])) ? [] : [{ thread: `snapshots of ${plainName(names.of(second))}`, text: text('snapshot') }];
  if (type === 'latch' || type === 'released') return [{ thread: 'failover', text: text(subjectId) }];
  // Scoring: each minute.
  return [];
}
