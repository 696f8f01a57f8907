// DNS as clients see it: Route 53's answers, resolvers' caches, and connections that outlive both.
import type { Environment } from './environment.ts';
import { minute, second } from './faults.ts';
import { type Stream, stream } from './random.ts';

export const resolverCount = 500;
export const ignoringResolvers = 10;

/** One weighted record as Route 53 has it now. */
export interface WeightedRecord {
  readonly weight: number;
  readonly healthy: boolean;
}

/**
 * Probability that a look-up is answered with each record, by Route 53's rules: healthy ones with weight, by weight;
 * else healthy ones of weight 0; and when none is healthy, as if all were. Equal zero weights split evenly.
 */
export function weightedAnswer(records: readonly WeightedRecord[]): number[] {
  const anyHealthy = records.some(({ healthy }) => healthy);
  const considered = records.map(({ healthy }) => healthy || !anyHealthy);
  const total = records.reduce((sum, { weight }, index) => sum + (considered[index] ? weight : 0), 0);
  const count = considered.filter(Boolean).length;
  return records.map(({ weight }, index) => (considered[index] ? (total > 0 ? weight / total : 1 / count) : 0));
}

/** Primary/secondary records: the primary unless it alone is unhealthy. Returns the probability of the primary. */
export function failoverAnswer(primaryHealthy: boolean, secondaryHealthy: boolean): number {
  return primaryHealthy || !secondaryHealthy ? 1 : 0;
}

/** Shares (0-1) of the primary among the users behind resolvers that honour the TTL. */
export interface HonouringShares {
  /** Of their requests, those on long-lived connections included. */
  readonly requests: number;
  /** Of the answers that their resolvers hold: where a new connection would go. */
  readonly lookUps: number;
}

/** All resolvers and connections of one arm. Which side each would choose is drawn by resolver and look-up, the same for all arms. */
export class DnsClients {
  readonly #weight = new Float64Array(resolverCount);
  readonly #onPrimary = new Uint8Array(resolverCount).fill(1);
  /** Share of a resolver's long-lived connections that lead to the primary. */
  readonly #connections = new Float64Array(resolverCount).fill(1);
  readonly #phase = new Float64Array(resolverCount);
  /** Of resolvers that ignore the TTL: when the present hold ends, and how many there were. */
  readonly #holds = new Map<number, { until: number; count: number }>();
  readonly #ttl: number;
  readonly #keepAlive: Environment['keepAlive'];
  readonly #choices: Stream;
  readonly #lengths: Stream;
  #settledOn: 0 | 1 | undefined = 1;
  #honouring: HonouringShares = { requests: 1, lookUps: 1 };

  /** `start` in ms: every cache has looked up some time before it and holds the primary. */
  constructor(seed: number, start: number, ttlSeconds: number, keepAlive: Environment['keepAlive']) {
    this.#ttl = ttlSeconds * second;
    this.#keepAlive = keepAlive;
    this.#choices = stream(seed, 'dns/choice');
    this.#lengths = stream(seed, 'dns/hold');
    const phases = stream(seed, 'dns/phase');
    let total = 0;
    for (let rank = 0; rank < resolverCount; rank += 1) {
      this.#weight[rank] = 1 / (rank + 1);
      total += 1 / (rank + 1);
      this.#phase[rank] = phases.uniform(rank) * this.#ttl;
    }
    for (let rank = 0; rank < resolverCount; rank += 1) this.#weight[rank] = (this.#weight[rank] ?? 0) / total;
    const lottery = stream(seed, 'dns/ignores-ttl');
    const order = Array.from({ length: resolverCount }, (_, rank) => rank).sort((a, b) => lottery.uniform(a) - lottery.uniform(b));
    // The first hold is under way when the run begins.
    for (const rank of order.slice(0, ignoringResolvers)) this.#holds.set(rank, { until: start + this.#hold(rank, 0) * phases.uniform(rank), count: 0 });
  }

  /** Ranks of the resolvers that ignore the TTL. */
  get ignoring(): readonly number[] {
    return [...this.#holds.keys()];
  }

  /** As of the last step. */
  get honouring(): HonouringShares {
    return this.#honouring;
  }

  /**
   * Lets time pass from `from` to `to` (ms) while Route 53 answers the primary with probability `answer`.
   * Returns the share of requests that go to the primary afterwards. Connections to an unreachable side break at once.
   */
  step(from: number, to: number, answer: number, unreachable: { primary: boolean; standby: boolean }): number {
    if (this.#settledOn === answer) return answer;
    this.#refreshCaches(from, to, answer);
    const turnover = 1 - Math.exp(-(to - from) / this.#keepAlive.meanLength);
    let share = 0;
    let settled = true;
    const honouring = { weight: 0, requests: 0, lookUps: 0 };
    for (let rank = 0; rank < resolverCount; rank += 1) {
      const cached = this.#onPrimary[rank] ?? 0;
      let connected = this.#connections[rank] ?? 0;
      connected += (cached - connected) * turnover;
      if (unreachable.primary && cached === 0) connected = 0;
      if (unreachable.standby && cached === 1) connected = 1;
      // A connection is whole: the last thousandth of a pool is gone, not asymptotic.
      if (Math.abs(connected - cached) < 1e-3) connected = cached;
      this.#connections[rank] = connected;
      if (connected !== answer || cached !== answer) settled = false;
      const weight = this.#weight[rank] ?? 0;
      const requests = weight * ((1 - this.#keepAlive.share) * cached + this.#keepAlive.share * connected);
      share += requests;
      if (this.#holds.has(rank)) continue;
      honouring.weight += weight;
      honouring.requests += requests;
      honouring.lookUps += weight * cached;
    }
    this.#settledOn = settled ? (answer as 0 | 1) : undefined;
    this.#honouring = { requests: honouring.requests / honouring.weight, lookUps: honouring.lookUps / honouring.weight };
    return settled ? answer : Math.min(1, Math.max(0, share));
  }

  #refreshCaches(from: number, to: number, answer: number): void {
    for (let rank = 0; rank < resolverCount; rank += 1) {
      const hold = this.#holds.get(rank);
      if (hold) {
        while (hold.until <= to) {
          // Also holds that ended unnoticed while nothing changed: their answer was the one that is held.
          if (hold.until > from) this.#lookUp(rank, hold.count, answer);
          hold.count += 1;
          hold.until += this.#hold(rank, hold.count);
        }
        continue;
      }
      const lookUp = Math.floor((to - (this.#phase[rank] ?? 0)) / this.#ttl);
      if (lookUp > Math.floor((from - (this.#phase[rank] ?? 0)) / this.#ttl)) this.#lookUp(rank, lookUp, answer);
    }
  }

  #lookUp(rank: number, count: number, answer: number): void {
    this.#onPrimary[rank] = this.#choices.uniform(rank, count) < answer ? 1 : 0;
  }

  #hold(rank: number, count: number): number {
    return 5 * minute * 12 ** this.#lengths.uniform(rank, count);
  }
}
