// Draws of a run's parameters, each remembered under its name for the report.
import { stream } from './random.ts';

/** Draws parameters by name; a parameter's value depends on seed, scenario and its own name alone, not on the order of draws. */
export class Draws {
  readonly drawn: Record<string, number | string | boolean> = {};
  readonly #seed: number;
  readonly #scope: string;

  /** `scope` separates scenarios, so that they do not share parameters at equal seeds. */
  constructor(seed: number, scope: string) {
    this.#seed = seed;
    this.#scope = scope;
  }

  /** U(from, to). */
  uniform(name: string, from: number, to: number): number {
    return this.#keep(name, from + (to - from) * this.#unit(name));
  }

  /** logU(from, to). */
  logUniform(name: string, from: number, to: number): number {
    return this.#keep(name, from * (to / from) ** this.#unit(name));
  }

  /** U over the integers from..to, both included. */
  integer(name: string, from: number, to: number): number {
    return this.#keep(name, from + Math.floor((to - from + 1) * this.#unit(name)));
  }

  chance(name: string, probability: number): boolean {
    const value = this.#unit(name) < probability;
    this.drawn[name] = value;
    return value;
  }

  pick<Option extends string>(name: string, options: readonly [Option, ...Option[]]): Option {
    const value = options[Math.floor(options.length * this.#unit(name))] ?? options[0];
    this.drawn[name] = value;
    return value;
  }

  #unit(name: string): number {
    return stream(this.#seed, `${this.#scope}/parameter/${name}`).uniform();
  }

  #keep(name: string, value: number): number {
    this.drawn[name] = Number(value.toPrecision(6));
    return value;
  }
}
