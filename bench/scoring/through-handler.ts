// A fleet through the real functions on the simulated cloud: dispatch-scoring each minute, the queue, score-risk, its tables and CloudWatch.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { defaultTableName, functions as deployed } from '../../core/contracts/deployment.ts';
import { subjectKey } from '../../core/contracts/names.ts';
import type { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { Usage } from '../../core/cost/prices.ts';
import { gigabyteSeconds } from '../../core/cost/units.ts';
import { nextDueAt } from '../../lambdas/score-risk/cadence.ts';
import { parseState, type ScoringState } from '../../lambdas/score-risk/scoring-state.ts';
import { createRuntime, type RehearsalRuntime } from '../../rehearsal/runtime/runtime.ts';
import { askConsumed, type Counts, countInto, fixedUsage, noCounts, usageOf } from './counting.ts';
import { fleetOf, pointsOf, profileOf, regions } from './fleet.ts';
import { type Learned, learnedUntil, seconds } from './pure.ts';

const minute = 60_000;
/** Of one call on AWS, beside computing: GetMetricData and a few rounds of DynamoDB, seconds. Not measured: there is no AWS here. */
export const waiting = { 'score-risk': 0.6, 'dispatch-scoring': 0.1 } as const;
export interface FleetRun {
  readonly services: number;
  readonly each: number;
  readonly minutes: number;
  /** Factor on the latency of every entry: above 1, services are uneasy. */
  readonly latency: number;
}

export interface FleetResult {
  readonly counts: Counts;
  /** resources scored, each time counted */
  readonly scored: number;
  /** of the computing in this process, the simulated cloud's included, seconds */
  readonly processorSeconds: number;
  /** seconds that score-risk computed itself: what the cloud beside it took is subtracted as far as it can be told */
  readonly invocations: number;
  readonly batches: number;
  readonly metricsAResourceDay: number;
  /** of all that was counted, a day */
  readonly usage: Usage;
  /** of what a Region has once, a day */
  readonly fixed: Usage;
  /** of resources as they are stored at the end, bytes */
  readonly stateBytes: { readonly median: number; readonly largest: number };
}

/** `scoring`: milliseconds of computing that score-risk needs for one resource, for the bill of Lambda. */
export async function runFleet(run: FleetRun, resources: readonly Learned[], entries: readonly Learned[], scoring: number): Promise<FleetResult> {
  const startAt = learnedUntil + 4 * minute;
  const runtime = await createRuntime({
    ...{ seed: 1, startAt, regions: [regions.primary, regions.standby], controlRegion: regions.control, duplicateShare: 0, schedules: false },
    fetch: () => Promise.resolve(new Response('ok')),
  });
  try {
    runtime.cloud.physical.serveMetrics(({ metricName, dimensions, periodSeconds, from, to }) => {
      const name = dimensions['InstanceId'] ?? dimensions['LoadBalancer'] ?? dimensions['HealthCheckId'];
      const factor = metricName === 'TargetResponseTime' ? run.latency : 1;
      return name === undefined ? undefined : pointsOf(profileOf(name), metricName, periodSeconds, from, to, factor);
    });
    await fill(runtime, run, resources, entries, startAt);
    return await play(runtime, run, startAt, scoring);
  } finally {
    await runtime.close();
  }
}

/** What an eight-day-old fleet has stored. A subject's next reading is where its cadence puts it. */
async function fill(
  runtime: RehearsalRuntime,
  { services, each }: FleetRun,
  resources: readonly Learned[],
  entries: readonly Learned[],
  startAt: number,
): Promise<void> {
  const client = DynamoDBDocumentClient.from(runtime.cloud.client(DynamoDBClient, regions.control), { marshallOptions: { removeUndefinedValues: true } });
  const stateOf = ({ kind, subjectId, metrics }: SubjectRecord): string => {
    const dimension = metrics[0]?.dimensions ?? {};
    const profile = profileOf(dimension['InstanceId'] ?? dimension['LoadBalancer'] ?? subjectId);
    const learned = (kind === 'entry' ? entries : resources).find((one) => one.profile === profile);
    if (learned === undefined) throw new Error(`nothing was learned for profile ${profile}`);
    return learned.stored;
  };
  const dueOf = (service: ServiceRecord, subject: SubjectRecord): string =>
    nextDueAt(service, subject, parseState(subject.detectorState), undefined, startAt - minute);
  for (const { record, subjects } of fleetOf(services, each, stateOf, dueOf)) {
    const checks = { primary: `check-${record.serviceId}-00000001`, standby: `check-${record.serviceId}-00000002`, readAt: startAt };
    const items = [
      { table: defaultTableName('services'), Item: record },
      ...subjects.map((Item) => ({
        table: defaultTableName('resources'),
        Item: Item.subjectId === 'entry#primary' ? { ...Item, healthChecks: checks } : Item,
      })),
    ];
    for (let start = 0; start < items.length; start += 25) {
      const RequestItems = Object.fromEntries(
        [...Map.groupBy(items.slice(start, start + 25), ({ table }) => table)].map(([table, some]) => [
          table,
          some.map(({ Item }) => ({ PutRequest: { Item } })),
        ]),
      );
      await client.send(new BatchWriteCommand({ RequestItems }));
    }
  }
}

async function play(runtime: RehearsalRuntime, { services, each, minutes }: FleetRun, startAt: number, scoring: number): Promise<FleetResult> {
  const counts = noCounts();
  runtime.cloud.intercept(askConsumed);
  runtime.cloud.onCall(countInto(counts));
  const failures: Error[] = [];
  let batches = 0;
  let dispatches = 0;
  runtime.onInvocation(({ functionName, error }) => {
    if (functionName === 'score-risk') batches += 1;
    else if (functionName === 'dispatch-scoring') dispatches += 1;
    if (error) failures.push(error);
  });
  runtime.clock.every(minute, async () => {
    await runtime.invoke('dispatch-scoring', {});
  });
  const before = process.cpuUsage();
  const began = seconds();
  await runtime.runUntil(startAt + minutes * minute - 1);
  const used = process.cpuUsage(before);
  const elapsed = seconds() - began;
  if (failures[0]) throw failures[0];
  const items = (await runtime.items('resources')) as unknown as readonly SubjectRecord[];
  const stored = items.filter(({ kind }) => kind !== 'entry').map(({ detectorState }) => Buffer.byteLength(detectorState ?? ''));
  if (items.some((item) => !isCurrent(item))) throw new Error('a state was not kept: the detector refused what it wrote');
  stored.sort((a, b) => a - b);
  const resourceReads = counts.resourceMetrics / 8;
  const computing = (scoring / 1e3) * resourceReads;
  const memory = (name: keyof typeof waiting) => deployed[name].memoryMb;
  return {
    counts,
    scored: resourceReads,
    processorSeconds: Math.min(elapsed, (used.user + used.system) / 1e6),
    invocations: batches + dispatches,
    batches,
    metricsAResourceDay: ((counts.resourceMetrics / services / each) * 1440) / minutes,
    usage: usageOf(
      counts,
      { invocations: batches, gigabyteSeconds: gigabyteSeconds(memory('score-risk'), computing, batches * waiting['score-risk']) },
      batches,
      minutes,
    ),
    fixed: fixedUsage(gigabyteSeconds(memory('dispatch-scoring'), 0.02, waiting['dispatch-scoring'])),
    stateBytes: { median: stored[Math.floor(stored.length / 2)] ?? 0, largest: stored.at(-1) ?? 0 },
  };
}

function isCurrent({ detectorState, serviceId, subjectId }: SubjectRecord): boolean {
  const state: ScoringState = parseState(detectorState);
  if (state.last === null) throw new Error(`${subjectKey(serviceId, subjectId)} has no assessment`);
  return state.observedUntil !== null;
}
