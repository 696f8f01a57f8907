// One rehearsal: the product's own functions and state machines on a simulated cloud, in virtual time.
import { type FunctionName, type StateMachineName, schedules, type TableName } from '../../core/contracts/deployment.ts';
import { attachToClients } from '../../lambdas/adapters/clients.ts';
import { resetServices } from '../../lambdas/services.ts';
import { createAccount } from '../cloud/account.ts';
import type { SimulatedCloud } from '../cloud/cloud.ts';
import { drawsOf, sequenceOf } from '../cloud/draw.ts';
import type { ExecutionFacts } from '../cloud/states.ts';
import { Bus, type DeliveryOptions } from './bus.ts';
import { Functions, fromLambdas, type HandlerSource, handlersFrom } from './functions.ts';
import type { Interference } from './interference.ts';
import { fromStateMachines, Machines } from './machines.ts';
import { busNames, namesIn } from './names.ts';
import { QueueMapping } from './queue.ts';
import { type ItemChange, Tables } from './tables.ts';
import { VirtualTime } from './virtual-time.ts';

export interface RuntimeOptions {
  readonly seed: number;
  /** ms since the epoch */
  readonly startAt: number;
  readonly regions: readonly string[];
  readonly controlRegion: string;
  /** Answers the prober's HTTP requests. It may wait in virtual time. */
  readonly fetch: typeof fetch;
  /** Share of events and queue messages that are delivered a second time. Default: 0.1. */
  readonly duplicateShare?: number;
  /** Whether the schedules run. Default: true. */
  readonly schedules?: boolean;
  /** Log level of the handlers (Powertools). Default: SILENT. */
  readonly logLevel?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'SILENT';
  /** What goes wrong with Step Functions, Lambda and EventBridge. Default: nothing. */
  readonly interference?: Interference;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionView {
  readonly arn: string;
  readonly machine: StateMachineName;
  readonly name: string;
  /** ARN of the execution that started it as a nested one. */
  readonly parent: string | undefined;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** States entered, in order. */
  readonly history: readonly { readonly state: string; readonly at: number; readonly inputBytes: number }[];
}

/** One delivery of an event or a queue message to a function. */
export interface Delivery {
  readonly at: number;
  readonly kind: 'event' | 'message';
  readonly to: FunctionName;
  /** The event's or message's id; the same for its duplicates. */
  readonly id: string;
  readonly duplicate: boolean;
  readonly payload: unknown;
}

export interface InvocationRecord {
  readonly at: number;
  readonly functionName: FunctionName;
  readonly requestId: string;
  readonly error: Error | undefined;
}

export interface VirtualClock {
  /** ms since the epoch */
  now(): number;
  /** Runs once at a moment (at once if it is past). The returned function cancels. */
  at(time: number, action: () => void | Promise<void>): () => void;
  /** Runs every `ms`, first at the next multiple of `ms` since the epoch plus `offsetMs`. The returned function cancels. */
  every(ms: number, action: () => void | Promise<void>, offsetMs?: number): () => void;
}

export interface RehearsalRuntime {
  readonly clock: VirtualClock;
  readonly cloud: SimulatedCloud;
  /** `service:Operation` of everything that the cloud answers. */
  readonly answers: readonly string[];
  /**
   * Lets time pass until `time` (ms since the epoch), including what is due at that moment.
   * Throws what failed the rehearsal: NotSimulatedError, MalformedInputError, or an error of an action of the world.
   */
  runUntil(time: number): Promise<void>;
  /** Invokes a function as Lambda does. Rejects with the handler's error (its name kept), or `Sandbox.Timedout`. */
  invoke(functionName: FunctionName, event: unknown): Promise<unknown>;
  /** Starts a state machine by name, as StartExecution does; resolves with its ARN. */
  startExecution(machine: StateMachineName, input: unknown, name?: string): string;
  /** Stops a running execution, as StopExecution does. */
  stopExecution(arn: string): void;
  executions(): readonly ExecutionView[];
  /** State transitions of all executions so far (what Step Functions bills). */
  readonly stateTransitions: number;
  /** Puts an event on a bus, from outside of Forestall (duplicates may follow). `bus`: default `forestall`. `region`: where it arose; default: the control Region. */
  deliverEvent(event: {
    readonly source: string;
    readonly detailType: string;
    readonly detail: unknown;
    readonly bus?: 'forestall' | 'default';
    readonly region?: string;
    readonly resources?: readonly string[];
  }): void;
  /** Is told of each delivery of an event or message, just before the function is invoked. */
  onDelivery(listener: (delivery: Delivery) => void): () => void;
  onInvocation(listener: (record: InvocationRecord) => void): () => void;
  /** Is told of each item that Forestall wrote, before the writer knows. */
  onItem(listener: (change: ItemChange) => void): () => void;
  /** Items of a table in native form, read beside the API (not counted). */
  items(table: TableName): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Events and messages that were given up after their retries. */
  readonly deadLetters: readonly Delivery[];
  /** Ends the rehearsal: restores time, randomness, environment and clients. Another may follow in this process. */
  close(): Promise<void>;
}

/** Places of the handlers and machines; a test may put its own there. */
export interface RuntimeSources {
  readonly handlers: HandlerSource;
  readonly machines: (name: StateMachineName) => string | undefined;
}

/** Builds the account, wires the functions as core/contracts/deployment.ts says, and stops the clock at `startAt`. */
export async function createRuntime(
  options: RuntimeOptions,
  sources: RuntimeSources = { handlers: fromLambdas, machines: fromStateMachines },
): Promise<RehearsalRuntime> {
  const { seed, startAt, controlRegion, duplicateShare = 0.1 } = options;
  const draws = drawsOf(seed);
  const names = namesIn(controlRegion);
  const restoreEnvironment = setEnvironment({
    ...names.environment,
    POWERTOOLS_LOG_LEVEL: options.logLevel ?? 'SILENT',
    AWS_LAMBDA_FUNCTION_NAME: 'forestall',
    // As Lambda gives them; with them requests are signed that no SDK client makes.
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
  });
  const tables = new Tables();
  // Loading modules and creating tables takes real time: before the clock stops.
  await tables.createAll();
  const loaded = await handlersFrom(sources.handlers);
  // The logger goes back to the level that it was loaded with: not before the environment says which.
  const { logger } = await import('../../lambdas/logger.ts');
  const time = new VirtualTime(startAt, seed, draws, (error) => {
    account.log.fatal(error);
  });
  const deliveries = { events: new Set<(delivery: Delivery) => void>(), dead: [] as Delivery[] };
  const fatal = (error: Error) => account.log.fatal(error);
  const functions = new Functions(names, loaded, time, draws, fatal, options.interference);
  const delivery: DeliveryOptions = {
    time,
    draws,
    functions,
    duplicateShare,
    onDelivery: (one) => {
      for (const listener of deliveries.events) listener(one);
    },
    onDead: (one) => deliveries.dead.push(one),
    interference: options.interference,
  };
  const bus = new Bus(delivery, new QueueMapping('record-evidence', names.evidenceQueueArn, delivery));
  const queue = new QueueMapping('score-risk', names.queueArn, delivery);
  const machines = new Machines(
    functions,
    names,
    time,
    draws,
    {
      fatal,
      onStatus: (execution) => bus.accept(busNames.default, statusEvent(execution, controlRegion)),
    },
    options.interference,
  );
  const account = createAccount({
    draws,
    now: () => time.now(),
    jitter: sequenceOf(seed + 1),
    regions: [...options.regions, controlRegion],
    busy: time.busy,
    buses: Object.values(busNames),
    queueUrls: [names.queueUrl],
    topicArns: [names.topicArn],
    onEvent: (name, event) => bus.accept(name, event),
    onMessage: (_queueUrl, message) => queue.accept(message),
    executions: machines,
    dynamodb: tables.service,
  });
  try {
    machines.load(sources.machines);
  } catch (error) {
    time.close();
    restoreEnvironment();
    throw error;
  }
  attachToClients({
    customiser: (client, region) => account.cloud.attach(client, region, 'forestall'),
    fetch: (...request) => account.fetch(...request) ?? options.fetch(...request),
  });
  resetServices();
  logger.setLogLevel(options.logLevel ?? 'SILENT');
  if (options.schedules ?? true) startSchedules(time, functions, controlRegion);
  const check = () => {
    const [first] = account.log.fatals;
    if (first) throw first;
  };
  return {
    clock: time,
    cloud: account.cloud,
    answers: account.answers,
    runUntil: (until) => time.runUntil(until, check),
    invoke: (name, event) => functions.invoke(name, event),
    startExecution: (machine, input, name) => machines.start(names.stateMachineArn(machine), name, JSON.stringify(input)).arn,
    stopExecution: (arn) => machines.stop(arn, 'Stopped', 'stopped from outside'),
    executions: () => machines.views(),
    get stateTransitions() {
      return machines.transitions;
    },
    deliverEvent: (event) => {
      bus.accept(event.bus ?? busNames.forestall, { ...event, region: event.region ?? controlRegion });
    },
    onDelivery: (listener) => {
      deliveries.events.add(listener);
      return () => deliveries.events.delete(listener);
    },
    onInvocation: (listener) => functions.onInvocation(listener),
    onItem: (listener) =>
      tables.onItem((change) => {
        try {
          listener(change);
        } catch (error) {
          // What a listener cannot bear is not the writer's fault.
          fatal(error instanceof Error ? error : new Error(String(error)));
        }
      }),
    items: (table) => time.during(tables.items(table)),
    deadLetters: deliveries.dead,
    close: async () => {
      await time.settle();
      attachToClients(undefined);
      resetServices();
      time.close();
      restoreEnvironment();
      await tables.close();
    },
  };
}

function setEnvironment(values: Readonly<Record<string, string>>): () => void {
  const before = new Map(Object.keys(values).map((name) => [name, process.env[name]] as const));
  Object.assign(process.env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** What EventBridge Scheduler sends when a schedule states no input of its own. */
function startSchedules(time: VirtualTime, functions: Functions, region: string): void {
  for (const [name, { rateMinutes }] of Object.entries(schedules))
    time.every(rateMinutes * 60_000, async () => {
      const event = {
        version: '0',
        'detail-type': 'Scheduled Event',
        source: 'aws.scheduler',
        account: '123456789012',
        time: new Date(time.now()).toISOString(),
        region,
        resources: [],
        detail: '{}',
      };
      // Lambda would try again; a minute later the schedule comes anyway.
      await functions.invoke(name as keyof typeof schedules, event).catch(() => {});
    });
}

function statusEvent(execution: ExecutionFacts, region: string) {
  const { arn, stateMachineArn, name, status, startedAt, endedAt, input, output, error, cause } = execution;
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    region,
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn,
      name,
      status,
      startDate: startedAt,
      stopDate: endedAt ?? null,
      input,
      inputDetails: { included: true },
      output: output ?? null,
      outputDetails: output === undefined ? null : { included: true },
      error: error ?? null,
      cause: cause ?? null,
    },
  };
}
