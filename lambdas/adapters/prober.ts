// HTTP requests to one side's endpoint, as a user would send them, whatever the DNS weights are.
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import { latencyClass } from '../../core/canary/latencies.ts';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { httpFetch } from './clients.ts';

/** No request is begun later than this, ms: a side that times out must not take the function with it. */
const longest = 90_000;

export class Prober {
  /**
   * Sends `count` requests, `concurrency` at a time, over the side's probe paths in turn; fewer when they take longer than `withinMs`.
   * Never throws for a failing side: that is the evidence.
   */
  async probe(plan: Plan, side: SideName, count: number, concurrency: number, withinMs = longest): Promise<ProbeEvidence> {
    const until = Date.now() + withinMs;
    const { endpoint } = plan.sides[side];
    const urls = (endpoint.probePaths ?? [undefined]).map((path) => (path === undefined ? endpoint.url : new URL(path, endpoint.url).href));
    const latencies: Record<string, number> = {};
    const evidence = { requests: 0, failed: 0, slow: 0, latencies };
    let next = 0;
    const worker = async () => {
      while (next < count && Date.now() < until) {
        const url = urls[next++ % urls.length] ?? endpoint.url;
        const latency = await this.#request(url, endpoint.timeoutSeconds);
        evidence.requests++;
        if (latency === undefined) {
          evidence.failed++;
          continue;
        }
        const index = latencyClass(latency);
        latencies[index] = (latencies[index] ?? 0) + 1;
        if (latency > plan.objective.latencySeconds * 1000) evidence.slow++;
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
    return evidence;
  }

  /** Milliseconds until all of the answer was there; undefined: it failed. */
  async #request(url: string, timeoutSeconds: number): Promise<number | undefined> {
    const began = performance.now();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutSeconds * 1000);
    try {
      const response = await httpFetch(url, { signal: abort.signal, redirect: 'manual', headers: { 'user-agent': 'forestall-prober' } });
      await response.arrayBuffer();
      // As Route 53's own checkers see it: a balancer that answers 404 or 403 for a side does not serve it.
      return response.status >= 400 ? undefined : performance.now() - began;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}
