// Answers the prober's HTTP requests as the sides would answer a user's.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { stream } from '../world/random.ts';
import { latencyQuantile, type SideMoment } from '../world/side.ts';
import { sideNames } from '../world/world.ts';

/** undefined: nothing answers. */
export type Answer = { readonly status: 200 | 503; readonly afterSeconds: number } | undefined;

/** What a side answers to its next request. `momentOf` is asked at each request, and each is a draw of its own, by side and number. */
export function answersOf(seed: number, momentOf: (side: SideName) => SideMoment): (side: SideName) => Answer {
  const fates = stream(seed, 'probe/fate');
  const latencies = stream(seed, 'probe/latency');
  const sent = { primary: 0, standby: 0 };
  return (side) => {
    const number = sent[side]++;
    const moment = momentOf(side);
    const index = sideNames.indexOf(side);
    if (!moment.reachable) return undefined;
    const failed = fates.uniform(number, index) < moment.failure;
    return { status: failed ? 503 : 200, afterSeconds: failed ? 0.01 : latencyQuantile(moment, latencies.uniform(number, index)) };
  };
}

/** Answers in virtual time, in place of the network. */
export function endpointsOf(plan: Plan, seed: number, momentOf: (side: SideName) => SideMoment): typeof fetch {
  const next = answersOf(seed, momentOf);
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const side = sideNames.find((name) => new URL(plan.sides[name].endpoint.url).host === url.host);
    if (side === undefined) throw new TypeError(`nothing answers at ${url.host}`);
    const answer = next(side);
    if (answer === undefined) {
      await wait(60, init?.signal);
      throw new TypeError(`connecting to ${url.host} timed out`);
    }
    await wait(answer.afterSeconds, init?.signal);
    return new Response(null, { status: answer.status });
  };
}

/** Rejects with the signal's reason when it is aborted first. */
function wait(seconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
