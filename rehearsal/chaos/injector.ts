// Makes faults happen: between the services and their callers, at the states, calls and events that the faults name.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { FunctionName } from '../../core/contracts/deployment.ts';
import type { CallFate, PendingCall } from '../cloud/call.ts';
import type { EventEnvelope } from '../cloud/eventbridge.ts';
import type { Interference, StateEntered, TaskAttempt } from '../runtime/interference.ts';
import { minute, second } from '../world/faults.ts';
import { apiError, isRefusal, processDied, taskError } from './errors.ts';
import { Fates } from './fates.ts';
import type { Fault } from './fault.ts';

/** A lasting fault goes on for so long after it first struck: longer than any retrier, shorter than the sweeper's patience matters. */
const lastingMs = 15 * minute;
/** So long an SDK waits for an answer. */
const answerTimeout = 6 * second;
/** A Task that waits for hours is given up sooner here; what follows is the same. */
const longestWait = 150;

interface Invocation {
  readonly name: FunctionName;
  readonly task: TaskAttempt | undefined;
  readonly timeoutSeconds: number;
  calls: number;
  /** It has answered, failed or been ended: nothing that it still does takes effect. */
  over: boolean;
  readonly kill: (error: Error) => void;
}
interface Site {
  readonly task: TaskAttempt | undefined;
  readonly invocation: Invocation | undefined;
}
interface Armed {
  readonly fault: Fault;
  strikes: number;
  since: number;
  /** Operation that a lasting fault of a numbered call has met. */
  operation: string | undefined;
}

/** What the injector needs of what surrounds it. */
export interface Surroundings {
  now(): number;
  stopExecution(arn: string): void;
  /** Something happens in the world, by a fault that is not about a call. */
  upset(fault: Fault): void;
}

/** A call that reached a service, for whoever wants to know where faults could strike. */
export interface CallSite {
  readonly machine: string | undefined;
  readonly state: string | undefined;
  readonly functionName: FunctionName;
  readonly number: number;
  readonly call: string;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const never = () => new Promise<never>(() => {});

/** One run's faults. `surroundings` must be set before time moves. */
export class Injector implements Interference {
  surroundings: Surroundings | undefined;
  /** States entered, in order. */
  readonly entries: StateEntered[] = [];
  readonly calls: CallSite[] = [];
  /** Events that rules selected. */
  readonly events: string[] = [];
  /** What is told of the strikes, as they come. */
  onStrike: (fault: Fault) => void = () => {};
  onEntry: (entered: StateEntered) => void = () => {};
  readonly #armed: readonly Armed[];
  readonly #sites = new AsyncLocalStorage<Site>();
  readonly #visits = new Map<string, number>();
  readonly #fates: Fates;
  readonly #awaited = new Map<string, () => void>();

  constructor(faults: readonly Fault[]) {
    this.#armed = faults.map((fault) => ({ fault, strikes: 0, since: 0, operation: undefined }));
    this.#fates = new Fates(faults);
  }

  /** Faults that have struck. */
  get struck(): readonly Fault[] {
    return this.#armed.filter(({ strikes }) => strikes > 0).map(({ fault }) => fault);
  }

  /** When the last fault that may still strike is over, ms; 0 when none has struck. */
  get quietFrom(): number {
    return Math.max(0, ...this.#armed.map(({ fault, strikes, since }) => (strikes === 0 ? 0 : since + (fault.lasting ? lastingMs : 0))));
  }

  /** Does something when a state is visited; `#n` after the place: for the n-th time. */
  when(place: string, action: () => void): void {
    this.#awaited.set(place.includes('#') ? place : `${place}#1`, action);
  }

  /** A fault that something else carries out has done so. */
  strike(fault: Fault): void {
    const armed = this.#armed.find((one) => one.fault === fault);
    if (armed) this.#hit(armed);
  }

  /** The running function's clock is wrong by so much, ms. */
  skew(): number {
    const invocation = this.#sites.getStore()?.invocation;
    return invocation === undefined ? 0 : this.#fates.skew(invocation.name, invocation);
  }

  get #now(): number {
    return this.surroundings?.now() ?? 0;
  }

  #hit(armed: Armed): void {
    if (armed.strikes === 0) armed.since = this.#now;
    armed.strikes++;
    this.onStrike(armed.fault);
  }

  #alive({ fault, strikes, since }: Armed): boolean {
    return strikes === 0 || (fault.lasting && this.#now - since < lastingMs);
  }

  #isAt({ place }: Fault, task: TaskAttempt | undefined, name?: FunctionName): boolean {
    if (place.type === 'function') return place.name === name && task === undefined;
    if (place.type !== 'state' || task === undefined) return false;
    return place.machine === task.machine && place.state === task.state && (this.#visits.get(`${task.machine}.${task.state}`) ?? 0) >= place.visit;
  }

  entered(entered: StateEntered): void {
    const key = `${entered.machine}.${entered.state}`;
    const visit = (this.#visits.get(key) ?? 0) + 1;
    this.#visits.set(key, visit);
    this.entries.push(entered);
    this.onEntry(entered);
    this.#awaited.get(`${key}#${visit}`)?.();
    for (const armed of this.#armed) {
      const { fault } = armed;
      const { place, kind } = fault;
      if (place.type !== 'state' || place.machine !== entered.machine || place.state !== entered.state || place.visit !== visit || armed.strikes > 0) continue;
      if (kind === 'aborted' || kind === 'aborted-unheard') {
        this.#hit(armed);
        if (kind === 'aborted-unheard') this.#fates.silence(entered.executionArn);
        // The execution may only just be starting.
        queueMicrotask(() => this.surroundings?.stopExecution(entered.executionArn));
      } else if (!isAboutCalls(kind)) {
        this.#hit(armed);
        this.surroundings?.upset(fault);
      }
    }
  }

  async task(attempt: TaskAttempt, proceed: () => Promise<unknown>): Promise<unknown> {
    const go = () => this.#sites.run({ task: attempt, invocation: undefined }, proceed);
    const armed = this.#armed.find((one) => one.fault.part === undefined && isAboutCalls(one.fault.kind) && this.#alive(one) && this.#isAt(one.fault, attempt));
    // A function is killed by its calls.
    if (armed === undefined || (armed.fault.kind === 'killed' && !attempt.nested)) return go();
    this.#hit(armed);
    const { kind } = armed.fault;
    const { nested } = attempt;
    const wait = Math.min(longestWait, attempt.timeoutSeconds) * second;
    if (isRefusal(kind)) {
      if (kind === 'time-out') await pause(nested ? 5 * second : wait - 1);
      throw taskError(nested, kind);
    }
    if (kind === 'answer-lost') {
      await go();
      throw taskError(nested, kind);
    }
    if (kind === 'killed') return this.#killNested(attempt, go);
    // delayed: the state has given up by then.
    if (nested) {
      go().catch(() => {});
      await pause(minute);
      throw taskError(nested, 'time-out');
    }
    await pause(wait + 5 * second);
    return go();
  }

  /** The nested execution is stopped when it has come to its third state. */
  async #killNested({ executionArn }: TaskAttempt, go: () => Promise<unknown>): Promise<unknown> {
    const from = this.entries.length;
    const work = go();
    for (let waited = 0; waited < 120; waited++) {
      const child = this.entries.slice(from).filter(({ parent }) => parent === executionArn);
      const arn = child[0]?.executionArn;
      if (arn !== undefined && child.length >= 3) {
        this.surroundings?.stopExecution(arn);
        break;
      }
      await pause(second);
    }
    return work;
  }

  async invocation(name: FunctionName, timeoutSeconds: number, proceed: () => Promise<unknown>): Promise<unknown> {
    const task = this.#sites.getStore()?.task;
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {});
    const invocation: Invocation = {
      ...{ name, task, timeoutSeconds, calls: 0, over: false },
      kill: (error) => {
        invocation.over = true;
        ended.reject(error);
      },
    };
    try {
      return await Promise.race([this.#sites.run({ task, invocation }, proceed), ended.promise]);
    } finally {
      invocation.over = true;
    }
  }

  deliveries(event: EventEnvelope, to: FunctionName): readonly number[] | undefined {
    this.events.push(`${event['detail-type']} to ${to}`);
    const { delays, fault } = this.#fates.deliveries(event, this.events.length);
    if (fault) this.strike(fault);
    return delays;
  }

  /** What happens to a call of Forestall's. */
  intercept(call: PendingCall): Error | CallFate | undefined {
    const invocation = this.#sites.getStore()?.invocation;
    if (call.caller !== 'forestall' || invocation === undefined) return undefined;
    if (invocation.over) return { before: never };
    invocation.calls++;
    const operation = `${call.service}:${call.operation}`;
    const { task, name, calls: number } = invocation;
    this.calls.push({ machine: task?.machine, state: task?.state, functionName: name, number, call: operation });
    const armed = this.#armed.find((one) => this.#meets(one, invocation, operation));
    if (armed === undefined) return undefined;
    this.#hit(armed);
    armed.operation = operation;
    const { kind } = armed.fault;
    if (isRefusal(kind)) {
      if (kind !== 'time-out') return apiError(call, kind);
      return { before: () => pause(answerTimeout).then(() => Promise.reject(apiError(call, kind))) };
    }
    if (kind === 'answer-lost') return { after: () => pause(answerTimeout).then(() => Promise.reject(apiError(call, 'time-out'))) };
    if (kind === 'killed')
      return {
        after: () => {
          invocation.kill(processDied());
          return never();
        },
      };
    // delayed: the call reaches the service when its function has long been ended.
    return { before: () => pause((invocation.timeoutSeconds + 20) * second), after: never };
  }

  #meets(armed: Armed, { task, name, calls }: Invocation, operation: string): boolean {
    const { kind, part } = armed.fault;
    if (!isAboutCalls(kind) || !this.#alive(armed) || !this.#isAt(armed.fault, task, name)) return false;
    // A Task's own fault is dealt with at the Task; a function that no Task invokes has only its calls.
    if (part === undefined) return armed.fault.place.type === 'function' || (kind === 'killed' && task?.nested === false && calls === 1);
    return /^\d+$/.test(part) ? (armed.operation === undefined ? calls === Number(part) : operation === armed.operation) : part === operation;
  }
}

const isAboutCalls = (kind: string): boolean => isRefusal(kind) || ['answer-lost', 'killed', 'delayed'].includes(kind);
