// Route 53's health checkers of one endpoint: many, out of step, each slow to change its mind.
import { endpointCheck } from '../../core/contracts/deployment.ts';
import { second } from './faults.ts';
import { type Stream, stream } from './random.ts';
import { checkTimeoutSeconds } from './side.ts';

export const checkerCount = 16;
const connectTimeout = 4 * second;
/** Healthy while more than this share of the checkers says so. */
const quorum = 0.18;

/** What a checker meets: the probability that a check fails, and whether anything answers at all. */
export interface CheckConditions {
  readonly failure: number;
  readonly reachable: boolean;
}

/** Seconds from one check to the next of a checker; failures, or successes, in a row after which it changes its mind. */
export interface CheckSettings {
  readonly intervalSeconds: number;
  readonly failureThreshold: number;
}

export interface StatusChange {
  readonly at: number;
  readonly healthy: boolean;
}

/** The status of one endpoint as Route 53 sees it, from single checks. */
export class HealthCheckers {
  readonly changes: StatusChange[] = [];
  readonly #interval: number;
  readonly #threshold: number;
  readonly #phases: readonly number[];
  readonly #draws: Stream;
  readonly #saysHealthy: boolean[] = Array(checkerCount).fill(true);
  /** Results in a row that contradict what the checker says. */
  readonly #contradictions: number[] = Array(checkerCount).fill(0);
  #pending: { at: number; checker: number; healthy: boolean }[] = [];
  #healthy = true;

  constructor(seed: number, endpoint: string, settings: CheckSettings = endpointCheck) {
    const phases = stream(seed, `health-check/${endpoint}/phase`);
    this.#interval = settings.intervalSeconds * second;
    this.#threshold = settings.failureThreshold;
    this.#phases = Array.from({ length: checkerCount }, (_, checker) => Math.floor(phases.uniform(checker) * this.#interval));
    this.#draws = stream(seed, `health-check/${endpoint}/result`);
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Share of the checkers that say healthy. */
  get healthyShare(): number {
    return this.#saysHealthy.filter(Boolean).length / checkerCount;
  }

  /** Performs the checks that begin in [from, to) and concludes those that end by `to` (ms). */
  step(from: number, to: number, conditions: CheckConditions): void {
    for (const [checker, phase] of this.#phases.entries()) {
      for (let count = Math.ceil((from - phase) / this.#interval); count * this.#interval + phase < to; count += 1) {
        const failed = conditions.failure >= 1 || this.#draws.uniform(checker, count) < conditions.failure;
        this.#result(checker, count * this.#interval + phase, failed, conditions.reachable);
      }
    }
    if (this.#pending.length > 0) this.#conclude(to);
  }

  #result(checker: number, at: number, failed: boolean, reachable: boolean): void {
    if (failed !== this.#saysHealthy[checker]) {
      this.#contradictions[checker] = 0;
      return;
    }
    const contradictions = (this.#contradictions[checker] ?? 0) + 1;
    this.#contradictions[checker] = contradictions;
    if (contradictions < this.#threshold) return;
    this.#contradictions[checker] = 0;
    this.#saysHealthy[checker] = !failed;
    const took = failed ? (reachable ? checkTimeoutSeconds * second : connectTimeout) : 0;
    this.#pending.push({ at: at + took, checker, healthy: !failed });
  }

  #conclude(to: number): void {
    const due = this.#pending.filter(({ at }) => at <= to).sort((a, b) => a.at - b.at);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter(({ at }) => at > to);
    // Conclusions that are still to come do not count yet.
    const early = new Map(this.#pending.map(({ checker, healthy }) => [checker, !healthy]));
    const votes = this.#saysHealthy.map((says, checker) => early.get(checker) ?? says);
    for (const { checker, healthy } of due) votes[checker] = !healthy;
    for (const { at, checker, healthy } of due) {
      votes[checker] = healthy;
      const now = votes.filter(Boolean).length / checkerCount > quorum;
      if (now !== this.#healthy) {
        this.#healthy = now;
        this.changes.push({ at, healthy: now });
      }
    }
  }
}
