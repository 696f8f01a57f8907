// What the calls of a run are billed as, counted where the simulated cloud answers them.
import type { Usage } from '../../core/cost/prices.ts';
import { indexUnits } from '../../core/cost/units.ts';
import type { CallInterceptor, CallListener } from '../../rehearsal/cloud/call.ts';

/** As the simulated DynamoDB states it when it is asked: units of the table, without its index. */
interface Consumed {
  readonly CapacityUnits?: number;
}

/** Totals of a run so far. */
export interface Counts {
  metrics: number;
  /** metrics requested, by CloudWatch namespace and, for those of instances, how many instances were read */
  resourceMetrics: number;
  readonly calls: Record<string, number>;
  readUnits: number;
  writeUnits: number;
  messages: number;
  queueRequests: number;
  events: number;
}

export const noCounts = (): Counts => ({ metrics: 0, resourceMetrics: 0, calls: {}, readUnits: 0, writeUnits: 0, messages: 0, queueRequests: 0, events: 0 });

const isRead = (operation: string) => operation === 'Query' || operation === 'GetItem';

/** Makes DynamoDB say what each call consumed. */
export const askConsumed: CallInterceptor = ({ service, input }) => {
  if (service === 'dynamodb') Object.assign(input, { ReturnConsumedCapacity: 'TOTAL' });
  return undefined;
};

interface Queries {
  readonly MetricDataQueries?: readonly { readonly MetricStat?: { readonly Metric?: { readonly Dimensions?: readonly { readonly Name?: string }[] } } }[];
}

/** Adds Forestall's calls to `counts`. */
export const countInto =
  (counts: Counts): CallListener =>
  ({ caller, service, operation, input, output }) => {
    if (caller !== 'forestall') return;
    const name = `${service}:${operation}`;
    counts.calls[name] = (counts.calls[name] ?? 0) + 1;
    if (name === 'cloudwatch:GetMetricData') {
      const queries = (input as Queries).MetricDataQueries ?? [];
      counts.metrics += queries.length;
      counts.resourceMetrics += queries.filter(({ MetricStat }) => MetricStat?.Metric?.Dimensions?.some(({ Name }) => Name === 'InstanceId')).length;
    }
    if (name === 'sqs:SendMessageBatch') {
      counts.messages += (input['Entries'] as readonly unknown[]).length;
      counts.queueRequests += 1;
    }
    if (name === 'events:PutEvents') counts.events += (input['Entries'] as readonly unknown[]).length;
    if (service !== 'dynamodb' || output === undefined) return;
    const consumed = output['ConsumedCapacity'] as Consumed | readonly Consumed[] | undefined;
    const units = (Array.isArray(consumed) ? (consumed as readonly Consumed[]) : [(consumed ?? {}) as Consumed]).reduce(
      (sum, { CapacityUnits = 0 }) => sum + CapacityUnits,
      0,
    );
    if (isRead(operation)) counts.readUnits += units;
    else counts.writeUnits += units + indexUnits(operation === 'UpdateItem' && /\bnextDueAt\b/.test(String(input['UpdateExpression'])));
  };

/** Lambda's five pollers ask an empty queue each 20 seconds. */
const emptyPollsADay = (5 * 86_400) / 20;

/** Of an invocation: what Lambda itself writes, and a line of our own. */
const logGigabytes = 900 / 1e9;

export interface Functions {
  /** of score-risk */
  readonly invocations: number;
  readonly gigabyteSeconds: number;
}

/**
 * A day of it, from a run of so many minutes: the batches of the queue are received and deleted in one request each. What a Region has once, however
 * many services there are (the schedule, and polling an empty queue), is in `fixedUsage`.
 */
export function usageOf(counts: Counts, functions: Functions, batches: number, minutes: number): Usage {
  const daily = 1440 / minutes;
  return {
    metricRead: counts.metrics * daily,
    readUnit: counts.readUnits * daily,
    writeUnit: counts.writeUnits * daily,
    queueRequest: (counts.queueRequests + 2 * batches) * daily,
    invocation: functions.invocations * daily,
    gigabyteSecond: functions.gigabyteSeconds * daily,
    trace: functions.invocations * daily,
    busEvent: counts.events * daily,
    logGigabyte: functions.invocations * logGigabytes * daily,
  };
}

/** A day of dispatching each minute, whatever there is to dispatch. */
export function fixedUsage(dispatchSeconds: number): Usage {
  const dispatches = 1440;
  return {
    queueRequest: emptyPollsADay,
    scheduled: dispatches,
    invocation: dispatches,
    trace: dispatches,
    gigabyteSecond: dispatches * dispatchSeconds,
    logGigabyte: dispatches * logGigabytes,
  };
}
