// The rows that a model is trained on or judged by: features, labels, weights, and the group each row belongs to.
import { logOddsOf } from '../core/prediction/model/calibration.ts';

/** The rows cannot be trained on. The message says what is wrong with them. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
}

export interface Rows {
  readonly features: readonly string[];
  /** row after row, `features.length` numbers each; NaN is a missing value */
  readonly values: Float64Array | Float32Array;
  /** 1 failure, 0 none */
  readonly labels: Uint8Array;
  /** above 0; absent: all 1. A row of weight 2 counts like two rows. */
  readonly weights?: Float64Array;
  /** index of the group (a server, an engine) of each row; rows of a group are never split between training and testing */
  readonly groups: Int32Array;
}

export const rowCount = (rows: Rows): number => rows.labels.length;

/** Throws `TrainingError` when the arrays do not fit together, or hold what cannot be learned from. */
export function checkRows({ features, values, labels, weights, groups }: Rows): void {
  const count = labels.length;
  if (count === 0) throw new TrainingError('there are no rows to train on');
  if (features.length === 0) throw new TrainingError('the rows have no features');
  if (values.length !== count * features.length)
    throw new TrainingError(`${count} rows of ${features.length} features need ${count * features.length} values, not ${values.length}`);
  if (groups.length !== count) throw new TrainingError(`${count} rows need a group each, not ${groups.length}`);
  if (labels.some((label) => label > 1)) throw new TrainingError('a label is neither 0 nor 1');
  if (weights === undefined) return;
  if (weights.length !== count) throw new TrainingError(`${count} rows need a weight each, not ${weights.length}`);
  if (!weights.every((weight) => weight > 0 && weight < Number.POSITIVE_INFINITY))
    throw new TrainingError('a weight is not a number above 0; leave such rows out');
}

/** The rows with these indices, in that order. Indices may come more than once. */
export function selectRows(rows: Rows, indices: Int32Array): Rows {
  const width = rows.features.length;
  const values = new Float64Array(indices.length * width);
  indices.forEach((from, to) => {
    values.set(rows.values.subarray(from * width, (from + 1) * width), to * width);
  });
  const { weights } = rows;
  return {
    features: rows.features,
    values,
    labels: Uint8Array.from(indices, (index) => rows.labels[index] ?? 0),
    groups: Int32Array.from(indices, (index) => rows.groups[index] ?? 0),
    ...(weights === undefined ? {} : { weights: Float64Array.from(indices, (index) => weights[index] ?? 1) }),
  };
}

export const weightsOf = (rows: Rows): Float64Array => rows.weights ?? new Float64Array(rowCount(rows)).fill(1);

/** Weighted share of failures. */
export function baseRate(labels: Uint8Array, weights: Float64Array): number {
  let [sum, positive] = [0, 0];
  labels.forEach((label, index) => {
    const weight = weights[index] ?? 1;
    sum += weight;
    positive += label * weight;
  });
  return sum === 0 ? 0 : positive / sum;
}

/** What every trainer of trees begins with. `base`: log-odds of the share of failures, as short as the model file has it. */
export function beginningOf(rows: Rows) {
  const weights = weightsOf(rows);
  const base = Number(logOddsOf(baseRate(rows.labels, weights)).toPrecision(8));
  return { labels: rows.labels, weights, count: rowCount(rows), width: rows.features.length, base };
}
