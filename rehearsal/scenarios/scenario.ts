// What a scenario is, and the story frame that all of them share.
import type { Plan } from '../../core/contracts/plan.ts';
import { Draws } from '../world/draws.ts';
import { drawEnvironment, drawOrdinaryLife, type Environment } from '../world/environment.ts';
import { type Fault, Faults, minute, second } from '../world/faults.ts';
import { historyLength, levelOf, type Run } from '../world/run.ts';

/** What a scenario knows when it tells its story. Times in ms. */
export interface Setting {
  readonly seed: number;
  readonly plan: Plan;
  readonly start: number;
  readonly onset: number;
  readonly draws: Draws;
  readonly environment: Environment;
  /** Percent of memory or disk in use on the primary's hosts at the onset. */
  readonly usedAtOnset: (resource: 'memory' | 'disk') => number;
}

export interface Story {
  readonly faults: readonly Fault[];
  readonly end: number;
  /** What happens, in a sentence with this run's figures. */
  readonly description: string;
  /** null: nothing ever begins */
  readonly onset?: null;
  /** Where the story's world is not the one that was drawn. */
  readonly environment?: Environment;
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** Whether the primary does fail, so that moving away is right. */
  readonly primaryFails: boolean;
  /** ms */
  readonly tick: number;
  /** The plan as the story needs it; default: as it was given. `onset`: ms. */
  planned?(plan: Plan, onset: number): Plan;
  tell(setting: Setting): Story;
}

export const shortTick = 10 * second;
export const longTick = minute;

const firstStart = Date.UTC(2026, 2, 2);

/** When a run begins and how much was measured before it, where neither is drawn. Times in ms, whole minutes; the onset may be before the start. */
export interface Timing {
  readonly start: number;
  readonly onset: number;
  readonly telemetry: NonNullable<Run['telemetry']>;
}

/** Draws the run of a scenario for a seed. Distributions: docs/rehearsal.md. With a timing of its own it has no ordinary life before it. */
export function drawRun(scenario: Scenario, seed: number, given: Plan, timing?: Timing): Run {
  const draws = new Draws(seed, scenario.name);
  const start = timing?.start ?? firstStart + draws.integer('start, minute of the week', 0, 7 * 24 * 60 - 1) * minute;
  const onset = timing?.onset ?? start + wholeMinutes(draws.uniform('lead-in, minutes', 20, 60));
  const plan = scenario.planned?.(given, onset) ?? given;
  const environment = drawEnvironment(draws, plan);
  const history = timing ? [] : drawOrdinaryLife(seed, `${scenario.name}/history`, start - historyLength, start);
  const past = new Faults(history);
  const story = scenario.tell({
    seed,
    plan,
    start,
    onset,
    draws,
    environment,
    usedAtOnset: (resource) => levelOf(resource, 0, onset, environment, past),
  });
  return {
    scenario: scenario.name,
    seed,
    description: story.description,
    plan,
    start,
    end: Math.ceil(story.end / minute) * minute,
    onset: story.onset === null ? null : onset,
    primaryFails: scenario.primaryFails,
    tick: scenario.tick,
    environment: story.environment ?? environment,
    faults: new Faults([...history, ...story.faults]),
    parameters: draws.drawn,
    ...(timing && { telemetry: timing.telemetry }),
  };
}

/** Minutes as ms, rounded to whole minutes, so that faults begin with a tick. */
export const wholeMinutes = (minutes: number): number => Math.round(minutes) * minute;
/** Minutes as ms, rounded to 10 s. */
export const minutes = (count: number): number => Math.round(count * 6) * 10 * second;
