// Counts the checks of one invariant and keeps what broke it.
import type { InvariantResult } from '../results.ts';

export interface Violation {
  readonly invariant: InvariantResult['id'];
  /** ms since the epoch */
  readonly at: number;
  readonly detail: string;
}

/** More violations of one invariant say nothing new. */
const kept = 50;

export class Tally {
  readonly id: InvariantResult['id'];
  readonly violations: Violation[] = [];
  #checks = 0;
  #broken = 0;

  constructor(id: InvariantResult['id']) {
    this.id = id;
  }

  /** One check. `detail` says what went wrong, with figures. */
  check(holds: boolean, at: number, detail: () => string): void {
    this.#checks++;
    if (holds) return;
    this.#broken++;
    if (this.violations.length < kept) this.violations.push({ invariant: this.id, at, detail: detail() });
  }

  /** An invariant that was never checked did not hold. */
  get result(): InvariantResult {
    return { id: this.id, held: this.#checks > 0 && this.#broken === 0, checks: this.#checks };
  }
}
