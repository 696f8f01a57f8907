// Reads what a run left in the emulated account, through the public API alone: tables, executions and their histories.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, GetCommand, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import { defaultTableName, type StateMachineName, stateMachineNamePrefix, stateMachines, type TableName } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import { FailoverEvent, FailoverRecord, MirrorRecord, ServiceRecord, SnapshotRecord } from '../../core/contracts/records.ts';
import type { TracedExecution } from '../differential/run-record.ts';
import { EmulatorClients } from '../world/clients.ts';

/** One task state that was entered, and what came of its attempts. */
export interface Attempts {
  readonly state: string;
  /** How often the task was begun. */
  readonly begun: number;
  /** Errors of the attempts that failed. */
  readonly failures: readonly string[];
  /** Whether the last attempt succeeded. */
  readonly succeeded: boolean;
}

export interface CollectedExecution extends TracedExecution {
  /** ms since the epoch */
  readonly endedAt: number | undefined;
  readonly attempts: readonly Attempts[];
}

/** A claim on a decision: what `start-workflow` wrote when its event came first. */
export interface Claim {
  readonly decisionId: string;
  readonly started: boolean;
}

/** Everything of one service. */
export interface CollectedRun {
  readonly plan: Plan;
  readonly service: ServiceRecord;
  readonly failovers: readonly FailoverRecord[];
  readonly events: readonly FailoverEvent[];
  readonly claims: readonly Claim[];
  readonly mirrors: readonly MirrorRecord[];
  readonly snapshots: readonly SnapshotRecord[];
  /** Subjects `latch#<side>` and `released#<side>`. */
  readonly latches: readonly string[];
  readonly executions: readonly CollectedExecution[];
}

/** The emulator does not have what the run should have left there. */
export class CollectionError extends Error {
  override readonly name = 'CollectionError';
}

type Item = Readonly<Record<string, unknown>>;

/** @param endpoint of the emulator or its gateway. Throws CollectionError, and ZodError on an item that is not what its contract says. */
export async function collectRun(endpoint: string, controlRegion: string, plan: Plan): Promise<CollectedRun> {
  return withClients(endpoint, async (clients) => {
    const tables = DynamoDBDocumentClient.from(clients.client(DynamoDBClient, controlRegion));
    const { Item } = await tables.send(new GetCommand({ TableName: defaultTableName('services'), Key: { serviceId: plan.service }, ConsistentRead: true }));
    if (Item === undefined) throw new CollectionError(`the table ${defaultTableName('services')} of ${controlRegion} has no service '${plan.service}'`);
    const resources = await subjects(tables, plan.service);
    const named = (prefix: string) => resources.filter(({ subjectId }) => String(subjectId).startsWith(prefix));
    return {
      plan,
      service: ServiceRecord.parse(Item),
      ...failoversIn(await scan(tables, 'failovers'), plan),
      mirrors: named('mirror#').map((item) => MirrorRecord.parse(item)),
      snapshots: named('snapshot#').map((item) => SnapshotRecord.parse(item)),
      latches: [...named('latch#'), ...named('released#')].map(({ subjectId }) => String(subjectId)).sort(),
      executions: await executionsOf(clients.client(SFNClient, controlRegion), plan.service),
    };
  });
}

/** Failovers alone, with their stories: one scan, for whoever waits for an ending. */
export async function collectFailovers(endpoint: string, controlRegion: string, plan: Plan): Promise<Pick<CollectedRun, 'failovers' | 'events' | 'claims'>> {
  return withClients(endpoint, async (clients) =>
    failoversIn(await scan(DynamoDBDocumentClient.from(clients.client(DynamoDBClient, controlRegion)), 'failovers'), plan),
  );
}

async function withClients<Value>(endpoint: string, read: (clients: EmulatorClients) => Promise<Value>): Promise<Value> {
  const clients = new EmulatorClients(endpoint);
  try {
    return await read(clients);
  } finally {
    clients.close();
  }
}

function failoversIn(items: readonly Item[], { service }: Plan): Pick<CollectedRun, 'failovers' | 'events' | 'claims'> {
  const own = items.filter(({ failoverId }) => String(failoverId).startsWith(`${service}.`));
  const entries = (prefix: string) => own.filter(({ entry }) => String(entry).startsWith(prefix));
  return {
    failovers: entries('record').map((item) => FailoverRecord.parse(item)),
    events: entries('event#').map((item) => FailoverEvent.parse(item)),
    claims: entries('claim').map(({ failoverId, started }) => ({ decisionId: String(failoverId), started: started === true })),
  };
}

async function scan(client: DynamoDBDocumentClient, table: TableName): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName: defaultTableName(table), ConsistentRead: true })) items.push(...(page.Items ?? []));
  return items;
}

async function subjects(client: DynamoDBDocumentClient, service: string): Promise<Item[]> {
  const items: Item[] = [];
  const query = {
    TableName: defaultTableName('resources'),
    KeyConditionExpression: 'serviceId = :service',
    ExpressionAttributeValues: { ':service': service },
    ConsistentRead: true,
  };
  for await (const page of paginateQuery({ client }, query)) items.push(...(page.Items ?? []));
  return items;
}

async function executionsOf(client: SFNClient, service: string): Promise<CollectedExecution[]> {
  const found: CollectedExecution[] = [];
  for await (const { stateMachines: page = [] } of paginateListStateMachines({ client }, {}))
    for (const { stateMachineArn, name = '' } of page) {
      const machine = stateMachines.find((one) => name === `${stateMachineNamePrefix}${one}`);
      if (machine === undefined || stateMachineArn === undefined) continue;
      for await (const { executions = [] } of paginateListExecutions({ client }, { stateMachineArn }))
        for (const { executionArn = '' } of executions) {
          const execution = await describe(client, machine, executionArn);
          if (fieldOf(execution.input, 'serviceId') === service) found.push(await withHistory(client, execution));
        }
    }
  return found.sort((a, b) => a.startedAt - b.startedAt);
}

type Described = Omit<CollectedExecution, 'states' | 'attempts'>;

async function describe(client: SFNClient, machine: StateMachineName, executionArn: string): Promise<Described> {
  const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
  const input: unknown = JSON.parse(execution.input ?? '{}');
  const parent = fieldOf(input, 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID');
  return {
    arn: executionArn,
    machine,
    name: execution.name ?? '',
    parent: typeof parent === 'string' ? parent : undefined,
    status: execution.status ?? 'unknown',
    startedAt: execution.startDate?.getTime() ?? 0,
    endedAt: execution.stopDate?.getTime(),
    input,
  };
}

async function withHistory(client: SFNClient, execution: Described): Promise<CollectedExecution> {
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory({ client }, { executionArn: execution.arn, maxResults: 1000 })) events.push(...(page.events ?? []));
  return { ...execution, ...readHistory(events) };
}

/** States in the order in which they were entered, and the attempts at each task. Events of tasks belong to the state that was entered last: nothing runs in parallel. */
export function readHistory(events: readonly HistoryEvent[]): Pick<CollectedExecution, 'states' | 'attempts'> {
  const states: string[] = [];
  const attempts: { state: string; begun: number; failures: string[]; succeeded: boolean }[] = [];
  for (const { type = '', stateEnteredEventDetails, taskFailedEventDetails, lambdaFunctionFailedEventDetails } of events) {
    if (stateEnteredEventDetails?.name !== undefined) {
      states.push(stateEnteredEventDetails.name);
      if (type === 'TaskStateEntered') attempts.push({ state: stateEnteredEventDetails.name, begun: 0, failures: [], succeeded: false });
    }
    const current = attempts.at(-1);
    if (current === undefined) continue;
    if (type === 'TaskScheduled' || type === 'LambdaFunctionScheduled') current.begun++;
    if (type === 'TaskFailed' || type === 'TaskTimedOut' || type === 'LambdaFunctionFailed' || type === 'LambdaFunctionTimedOut')
      current.failures.push((taskFailedEventDetails ?? lambdaFunctionFailedEventDetails)?.error ?? type);
    if (type === 'TaskSucceeded' || type === 'LambdaFunctionSucceeded') current.succeeded = true;
  }
  return { states, attempts };
}

const fieldOf = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? (value as Item)[name] : undefined);
