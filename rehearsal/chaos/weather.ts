// How the two sides are at this moment, changed at will: in chaos, troubles follow from what happens, not from the clock.
import type { SideName } from '../../core/contracts/plan.ts';
import { type Condition, type DeathMode, Faults } from '../world/faults.ts';

export interface SideWeather {
  /** Factor of the latency. */
  readonly latency: number;
  /** Share of requests that fail, seen by health checks. */
  readonly errors: number;
  /** Share of requests that fail where no health check looks. */
  readonly hiddenErrors: number;
  /** Since when the side is dead, ms; null while it lives. */
  readonly deadSince: number | null;
}

export const fair: SideWeather = { latency: 1, errors: 0, hiddenErrors: 0, deadSince: null };

/** The faults of a run whose sides are as they were last set. A dead side answers nothing at all. */
export class Weather extends Faults {
  /** Requests of users, as a multiple of the usual. */
  load = 1;
  readonly #sides: Record<SideName, SideWeather> = { primary: fair, standby: fair };

  constructor() {
    super([]);
  }

  set(side: SideName, weather: Partial<SideWeather>): void {
    this.#sides[side] = { ...this.#sides[side], ...weather };
  }

  of(side: SideName): SideWeather {
    return this.#sides[side];
  }

  override loadFactor(): number {
    return this.load;
  }

  override conditionOf(side: SideName): Condition {
    const { latency, errors, hiddenErrors } = this.#sides[side];
    return { latency, errors, hiddenErrors };
  }

  override deathOf(side: SideName): { since: number; mode: DeathMode } | undefined {
    const { deadSince } = this.#sides[side];
    return deadSince === null ? undefined : { since: deadSince, mode: 'everything' };
  }
}
