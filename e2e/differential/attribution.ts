// Which service a recorded call is about: several are played in one account at one time.
import type { Plan } from '../../core/contracts/plan.ts';
import { documentOf } from './document.ts';
import type { TracedCall } from './run-record.ts';
import { changesNothing } from './steps.ts';

/** A call that changes something, and that none of the services is seen in. */
export class UnattributedCallError extends Error {
  override readonly name = 'UnattributedCallError';
}

type Input = TracedCall['input'];
type List = readonly Readonly<Record<string, unknown>>[];

const list = (value: unknown): List => (Array.isArray(value) ? value : []);
const field = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? (value as Input)[name] : undefined);
const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
};

/** Sorts calls by service, in their order. A call about several of them is split. Throws UnattributedCallError. */
export function callsByService(calls: readonly TracedCall[], plans: readonly Plan[]): Map<string, TracedCall[]> {
  const sorted = new Map<string, TracedCall[]>(plans.map(({ service }) => [service, []]));
  const owners = instanceOwners(calls);
  for (const call of calls) {
    if (changesNothing(call)) continue;
    const parts = plans.flatMap((plan) => {
      const input = partOf(call, plan, owners);
      return input === undefined ? [] : [[plan.service, { ...call, input }] as const];
    });
    if (parts.length === 0 && !isOfNoService(call))
      throw new UnattributedCallError(
        `${call.service}:${call.operation} is about none of ${[...sorted.keys()].join(', ')}: ${JSON.stringify(call.input).slice(0, 500)}`,
      );
    for (const [service, part] of parts) sorted.get(service)?.push(part);
  }
  return sorted;
}

/** Mirror instances by the records of their places. */
function instanceOwners(calls: readonly TracedCall[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { service, operation, input } of calls) {
    if (service !== 'dynamodb' || operation !== 'PutItem') continue;
    const { serviceId, subjectId, instanceId } = documentOf(input['Item']);
    if (String(subjectId).startsWith('mirror#') && typeof instanceId === 'string') owners.set(instanceId, String(serviceId));
  }
  return owners;
}

/** What all services share: queues, assessments of many, and the lists of failovers that run and of records that have not ended. */
const isOfNoService = ({ service, operation, input }: TracedCall): boolean =>
  service === 'sqs' ||
  operation === 'BatchWriteItem' ||
  (service === 'dynamodb' && String(documentOf(input['Key'] ?? input['Item'])['failoverId']).startsWith('#'));

/** The part of the input that is about the plan's service; undefined: it is about another one. */
function partOf({ service, operation, input }: TracedCall, plan: Plan, owners: ReadonlyMap<string, string>): Input | undefined {
  const when = (own: boolean) => (own ? input : undefined);
  const those = (member: string, isOwn: (one: Readonly<Record<string, unknown>>) => boolean) => {
    const own = list(input[member]).filter(isOwn);
    return own.length === 0 ? undefined : { ...input, [member]: own };
  };
  switch (service) {
    case 'dynamodb': {
      const { serviceId, failoverId } = documentOf(input['Key'] ?? input['Item']);
      return when(serviceId === plan.service || String(failoverId).startsWith(`${plan.service}.`));
    }
    case 'ec2': {
      const tagged = list(input['TagSpecifications']).some(({ Tags }) =>
        list(Tags).some(({ Key, Value }) => Key === 'forestall:service' && Value === plan.service),
      );
      const ids = Array.isArray(input['InstanceIds']) ? (input['InstanceIds'] as readonly unknown[]) : [];
      // Deletions of snapshots are not traced: any service will do.
      return when(tagged || ids.some((id) => owners.get(String(id)) === plan.service) || operation === 'DeleteSnapshot');
    }
    case 'elasticloadbalancing':
      return when(Object.values(plan.sides).some(({ loadBalancer }) => loadBalancer.targetGroupArn === input['TargetGroupArn']));
    case 'route53':
      return when(
        list(field(input['ChangeBatch'], 'Changes')).some(
          ({ ResourceRecordSet }) => String(field(ResourceRecordSet, 'Name')).replace(/\.$/, '') === plan.record.name,
        ),
      );
    case 'cloudwatch':
      return those('MetricData', ({ Dimensions }) => list(Dimensions).some(({ Name, Value }) => Name === 'Service' && Value === plan.service));
    case 'sns':
      return when(
        new RegExp(`^Forestall(?: PAGE)?: ${plan.service}:`).test(String(input['Subject'])) || String(input['Message']).includes(`service ${plan.service}\n`),
      );
    case 'states':
      return when(field(parsed(input['input']), 'serviceId') === plan.service);
    case 'events':
      return those('Entries', ({ Detail }) => field(parsed(Detail), 'serviceId') === plan.service);
    default:
      return undefined;
  }
}
