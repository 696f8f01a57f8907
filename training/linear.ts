// The linear part of a model: ridge logistic regression on features that are cut to the range they were learned from.
import type { LinearPart } from '../core/prediction/model/format.ts';
import { fitLogistic } from './logistic.ts';
import { checkRows, type Rows, rowCount, TrainingError } from './rows.ts';

export interface LinearOptions {
  /** penalty on squared weights of standardised features, in rows */
  readonly ridge: number;
  /** names of the features to use; absent: all */
  readonly only?: readonly string[];
  /** no feature may lower the probability */
  readonly nonNegative: boolean;
  /** share of the rows at each end whose values are cut */
  readonly cut: number;
}

export const linearDefaults: LinearOptions = { ridge: 10, nonNegative: false, cut: 0.001 };

const rounded = (value: number) => Number(value.toPrecision(7));

/** Throws `TrainingError`, also when `only` names a feature that is not there. */
export function trainLinear(rows: Rows, options: Partial<LinearOptions>): LinearPart {
  checkRows(rows);
  const { ridge, only, nonNegative, cut }: LinearOptions = { ...linearDefaults, ...options };
  const width = rows.features.length;
  const names = only ?? rows.features;
  const used = names.map((name) => {
    const index = rows.features.indexOf(name);
    if (index < 0) throw new TrainingError(`there is no feature '${name}'; use some of ${rows.features.join(', ')}`);
    return index;
  });
  const count = rowCount(rows);
  const part: LinearPart = {
    kind: 'linear',
    weight: 1,
    base: 0,
    coefficients: new Array<number>(width).fill(0),
    centres: new Array<number>(width).fill(0),
    low: new Array<number>(width).fill(0),
    high: new Array<number>(width).fill(0),
  };
  const values = new Float64Array(count * used.length);
  used.forEach((feature, to) => {
    const column = Float64Array.from({ length: count }, (_, row) => rows.values[row * width + feature] as number);
    const sorted = column.filter(Number.isFinite).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? 0;
    const [low, high] = [at(cut), at(1 - cut)];
    part.low[feature] = low;
    part.high[feature] = high;
    column.forEach((value, row) => {
      values[row * used.length + to] = Number.isNaN(value) ? value : Math.min(high, Math.max(low, value));
    });
  });
  const { means, scales, weights } = fitLogistic({ ...rows, features: names, values }, ridge, nonNegative);
  used.forEach((feature, from) => {
    part.coefficients[feature] = rounded((weights[from] as number) / (scales[from] as number));
    // Rounding may not move the centre out of the range.
    part.centres[feature] = Math.min(part.high[feature] ?? 0, Math.max(part.low[feature] ?? 0, rounded(means[from] as number)));
  });
  part.base = rounded(weights[used.length] as number);
  return part;
}
