// A metric that stands still for longer than it has ever been seen to.
import { half, slot } from './memory.ts';

/** Runs up to this long are nothing, whatever the metric did before. */
const leastRun = 12;
/** The longest run is forgotten over so many points. */
const memoryPoints = 20_000;
const perDoubling = 3;

/**
 * Counts repeats of the same value, in place, and judges the present run: 0 up to the longest one known, then 3 for each doubling of it.
 * A run teaches when it has ended.
 */
export function plateauSurprise(memory: number[], same: boolean, points: number, warm: number): number {
  const run = memory[slot.run] ?? 0;
  const longest = memory[slot.longestRun] ?? 0;
  if (!same) {
    memory[slot.run] = 0;
    memory[slot.longestRun] = half(run > longest ? run : longest * (1 - 1 / memoryPoints), points * 31 + slot.longestRun);
    return 0;
  }
  memory[slot.run] = run + 1;
  if (points < warm || run < leastRun) return 0;
  return Math.max(0, perDoubling * Math.log2((run + 1) / Math.max(leastRun, longest)));
}
