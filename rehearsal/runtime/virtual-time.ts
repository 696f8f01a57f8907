// Virtual time: timers, Date and randomness belong to the rehearsal; time moves only when nothing is in flight.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';
import { type Draws, sequenceOf } from '../cloud/draw.ts';
import type { VirtualClock } from './runtime.ts';

const realSetImmediate = setImmediate;
const turn = () => new Promise<void>((resolve) => realSetImmediate(resolve));
const nodeCrypto: { randomUUID: () => string } = createRequire(import.meta.url)('node:crypto');

/** Longest delay of a timer (a little less than 25 days). */
export const longestDelayMs = 2 ** 31 - 2;

/** The clock of one rehearsal. Only one may exist in a thread. */
export class VirtualTime implements VirtualClock {
  readonly #clock: ReturnType<typeof FakeTimers.install>;
  readonly #restore: (() => void)[] = [];
  readonly #fatal: (error: Error) => void;
  #inFlight = 0;

  /**
   * Stops time at `startAt` (ms since the epoch) and seeds `Math.random` and `crypto.randomUUID`.
   * @param fatal is told of errors in actions of the clock
   */
  constructor(startAt: number, seed: number, draws: Draws, fatal: (error: Error) => void) {
    this.#fatal = fatal;
    this.#clock = FakeTimers.install({
      now: startAt,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
      shouldClearNativeTimers: true,
    });
    this.#replaceRandomness(seed, draws);
    this.#replaceAbortTimeout();
    // Named imports of node:timers and node:crypto follow their modules only when told.
    syncBuiltinESMExports();
  }

  #replaceRandomness(seed: number, draws: Draws): void {
    const { random } = Math;
    Math.random = sequenceOf(seed);
    this.#restore.push(() => {
      Math.random = random;
    });
    let count = 0;
    const uuid = (): `${string}-${string}-${string}-${string}-${string}` => {
      count++;
      const digits = draws.hex(32, 'uuid', count);
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
    };
    const real = { web: globalThis.crypto.randomUUID, node: nodeCrypto.randomUUID };
    Object.defineProperty(globalThis.crypto, 'randomUUID', { value: uuid, configurable: true, writable: true });
    nodeCrypto.randomUUID = uuid;
    this.#restore.push(() => {
      Object.defineProperty(globalThis.crypto, 'randomUUID', { value: real.web, configurable: true, writable: true });
      nodeCrypto.randomUUID = real.node;
    });
  }

  /** `AbortSignal.timeout` counts real time inside Node. */
  #replaceAbortTimeout(): void {
    const { timeout } = AbortSignal;
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
      return controller.signal;
    };
    this.#restore.push(() => {
      AbortSignal.timeout = timeout;
    });
  }

  now(): number {
    return this.#clock.now;
  }

  /** Counts work that does not wait for a timer: while any is under way, time stands still. */
  readonly busy = {
    enter: (): void => {
      this.#inFlight++;
    },
    leave: (): void => {
      this.#inFlight--;
    },
  };

  /** Time stands still while the promise is pending. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    this.busy.enter();
    try {
      return await work;
    } finally {
      this.busy.leave();
    }
  }

  #guard(action: () => void | Promise<void>): void {
    const failed = (error: unknown) => this.#fatal(error instanceof Error ? error : new Error(String(error)));
    try {
      const pending = action();
      if (pending instanceof Promise) pending.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  at(time: number, action: () => void | Promise<void>): () => void {
    const arm = (): ReturnType<typeof setTimeout> => {
      const delay = Math.max(0, time - this.now());
      if (delay <= longestDelayMs) return setTimeout(() => this.#guard(action), delay);
      return setTimeout(() => {
        timer = arm();
      }, longestDelayMs);
    };
    let timer = arm();
    return () => clearTimeout(timer);
  }

  every(ms: number, action: () => void | Promise<void>, offsetMs = 0): () => void {
    let next = Math.ceil((this.now() - offsetMs) / ms) * ms + offsetMs;
    let cancel = () => {};
    const arm = () => {
      cancel = this.at(next, () => {
        next += ms;
        arm();
        return action();
      });
    };
    arm();
    return () => cancel();
  }

  /** Waits until nothing can go on without time moving: two turns of the real event loop with nothing in flight. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet = this.#inFlight === 0 ? quiet + 1 : 0) await turn();
  }

  /** Lets time pass until `time`, timer by timer. `check` runs after each and may throw. */
  async runUntil(time: number, check: () => void): Promise<void> {
    let reached = false;
    await this.settle();
    check();
    const cancel = this.at(time, () => {
      reached = true;
    });
    try {
      while (!reached) {
        this.#clock.next();
        await this.settle();
        check();
      }
      // What else is due at this very moment.
      this.#clock.tick(0);
      await this.settle();
      check();
    } finally {
      cancel();
    }
  }

  close(): void {
    for (const restore of this.#restore.reverse()) restore();
    this.#clock.uninstall();
    syncBuiltinESMExports();
  }
}
