// Scores of rows by models that have not seen their group.
import { drawDistinct, randomOf } from './random.ts';
import { type Rows, rowCount, selectRows, TrainingError } from './rows.ts';

/** For each fold, the groups that are held out. Groups are dealt by seed; with as many folds as groups each is held out alone. Throws `TrainingError`. */
export function foldsOf(groups: Int32Array, folds: number, seed: number): number[][] {
  const distinct = [...new Set(groups)].sort((a, b) => a - b);
  if (!(Number.isInteger(folds) && folds >= 2)) throw new TrainingError(`${folds} folds: give at least 2`);
  if (distinct.length < folds) throw new TrainingError(`${distinct.length} groups cannot be held out in ${folds} folds; give more series, or fewer folds`);
  const order = drawDistinct(distinct.length, distinct.length, randomOf(seed));
  const dealt: number[][] = Array.from({ length: folds }, () => []);
  order.forEach((index, turn) => {
    dealt[turn % folds]?.push(distinct[index] ?? 0);
  });
  return dealt;
}

/** Indices of the rows inside and outside of the groups. */
export function splitRows(rows: Rows, groups: readonly number[]): { inside: Int32Array; outside: Int32Array } {
  const chosen = new Set(groups);
  const inside: number[] = [];
  const outside: number[] = [];
  for (let row = 0; row < rowCount(rows); row++) (chosen.has(rows.groups[row] as number) ? inside : outside).push(row);
  return { inside: Int32Array.from(inside), outside: Int32Array.from(outside) };
}

/**
 * `score(training, held, fold)` trains on the first rows and gives a score for each of the others. The result has a score for every row of `rows`,
 * each by a model that has not seen its group. `keep`: of the rows outside the fold, those that may be trained on (all when absent).
 */
export function outOfFold(
  rows: Rows,
  folds: readonly (readonly number[])[],
  score: (training: Rows, held: Rows, fold: number) => Float64Array,
  keep?: (row: number) => boolean,
): Float64Array {
  const scores = new Float64Array(rowCount(rows)).fill(Number.NaN);
  folds.forEach((groups, fold) => {
    const { inside, outside } = splitRows(rows, groups);
    if (inside.length === 0) return;
    const held = score(selectRows(rows, keep === undefined ? outside : outside.filter(keep)), selectRows(rows, inside), fold);
    inside.forEach((row, index) => {
      scores[row] = held[index] ?? Number.NaN;
    });
  });
  return scores;
}
