// How soon traffic moves when Route 53 answers as it is told: what any way of moving by DNS is held against.
import type { SideName } from '../../core/contracts/plan.ts';
import { fullStrength, type Run } from '../world/run.ts';
import { hostsOf } from '../world/side.ts';
import { World } from '../world/world.ts';
import { Movement } from './movement.ts';

/** Plays the run with two sides of full strength. `answer`: probability (0-1) that a look-up at a time (ms) is answered with the primary. */
export function movementWhen(run: Run, answer: (at: number) => number): Movement {
  const world = new World(run, {
    hosts: (side: SideName, at) => hostsOf(side, fullStrength(run.plan, side), at, run.faults),
    answer,
  });
  const movement = new Movement();
  while (world.now < run.end && movement.movedAt === null) movement.observe(world.step());
  return movement;
}

/** All weight at once at a time (ms), in effect at once: nothing that moves traffic by DNS is sooner. */
export const atOnce =
  (from: number) =>
  (at: number): number =>
    at < from ? 1 : 0;

/** The given percentages one after another from a time on, each for as long as a bake (both ms), and nothing else between them. */
export const inSteps =
  (from: number, percentages: readonly number[], bake: number) =>
  (at: number): number =>
    at < from ? 1 : 1 - (percentages[Math.min(percentages.length - 1, Math.floor((at - from) / bake))] ?? 100) / 100;
