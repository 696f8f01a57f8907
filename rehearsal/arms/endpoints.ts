// Answers the prober's HTTP requests as the sides would answer a user's, in virtual time.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { stream } from '../world/random.ts';
import { latencyQuantile, type SideMoment } from '../world/side.ts';
import { sideNames } from '../world/world.ts';

/** `momentOf` is asked at each request. Each request is a draw of its own, by side and number. */
export function endpointsOf(plan: Plan, seed: number, momentOf: (side: SideName) => SideMoment): typeof fetch {
  const fates = stream(seed, 'probe/fate');
  const latencies = stream(seed, 'probe/latency');
  const sent = { primary: 0, standby: 0 };
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const side = sideNames.find((name) => new URL(plan.sides[name].endpoint.url).host === url.host);
    if (side === undefined) throw new TypeError(`nothing answers at ${url.host}`);
    const number = sent[side]++;
    const moment = momentOf(side);
    const index = sideNames.indexOf(side);
    if (!moment.reachable) {
      await wait(60, init?.signal);
      throw new TypeError(`connecting to ${url.host} timed out`);
    }
    const failed = fates.uniform(number, index) < moment.failure;
    await wait(failed ? 0.01 : latencyQuantile(moment, latencies.uniform(number, index)), init?.signal);
    return new Response(null, { status: failed ? 503 : 200 });
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
