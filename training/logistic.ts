// Logistic regression with a ridge penalty: the plain model that trees have to beat, and a good partner of them.
import { logOddsOf, sigmoid } from '../core/prediction/model/calibration.ts';
import { solveSymmetric } from './linear-algebra.ts';
import { baseRate, checkRows, type Rows, rowCount, weightsOf } from './rows.ts';

export interface Logistic {
  readonly means: Float64Array;
  readonly scales: Float64Array;
  /** of the features in units of their spread; the last is the intercept */
  readonly weights: Float64Array;
}

/** A missing value is taken for the mean. */
function standardised(
  values: Float64Array | Float32Array,
  row: number,
  width: number,
  { means, scales }: Pick<Logistic, 'means' | 'scales'>,
  into: Float64Array,
): void {
  for (let feature = 0; feature < width; feature++) {
    const value = values[row * width + feature] as number;
    into[feature] = Number.isFinite(value) ? (value - (means[feature] as number)) / (scales[feature] as number) : 0;
  }
  into[width] = 1;
}

function spreads(rows: Rows): Pick<Logistic, 'means' | 'scales'> {
  const width = rows.features.length;
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let feature = 0; feature < width; feature++) {
    let [count, mean, squares] = [0, 0, 0];
    for (let at = feature; at < rows.values.length; at += width) {
      const value = rows.values[at] as number;
      if (!Number.isFinite(value)) continue;
      count += 1;
      const difference = value - mean;
      mean += difference / count;
      squares += difference * (value - mean);
    }
    means[feature] = mean;
    // A constant feature says nothing, whatever its scale.
    scales[feature] = count > 1 && squares > 0 ? Math.sqrt(squares / count) : 1;
  }
  return { means, scales };
}

/**
 * Newton's method (iteratively reweighted least squares). `ridge`: penalty on squared weights of standardised features, in rows. `nonNegative`: no feature
 * may lower the probability; those that would are taken out, one after the other, the most negative first. Throws `TrainingError`.
 */
export function fitLogistic(rows: Rows, ridge: number, nonNegative = false): Logistic {
  checkRows(rows);
  const out = new Set<number>();
  for (;;) {
    const model = fitWithout(rows, ridge, out);
    let worst = -1;
    if (nonNegative)
      for (let k = 0; k < rows.features.length; k++) if ((model.weights[k] as number) < (worst < 0 ? 0 : (model.weights[worst] as number))) worst = k;
    if (worst < 0) return model;
    out.add(worst);
  }
}

const mostSteps = 50;

/** The weight of features that are taken out is 0. */
function fitWithout(rows: Rows, ridge: number, out: ReadonlySet<number>): Logistic {
  const width = rows.features.length;
  const n = width + 1;
  const count = rowCount(rows);
  const scale = spreads(rows);
  const rowWeights = weightsOf(rows);
  const matrix = new Float64Array(count * n);
  for (let index = 0; index < count; index++) {
    const row = matrix.subarray(index * n, (index + 1) * n);
    standardised(rows.values, index, width, scale, row);
    for (const feature of out) row[feature] = 0;
  }
  const logOddsAt = (weights: Float64Array, index: number) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (weights[k] as number) * (matrix[index * n + k] as number);
    return sum;
  };
  // The intercept is hardly held back, but where every label is the same it would run away.
  const penaltyOf = (feature: number) => (feature < width ? ridge : 1e-3);
  const loss = (weights: Float64Array) => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const at = logOddsAt(weights, index);
      // log(1 + e^at) - label at, without overflow
      sum += (rowWeights[index] as number) * (Math.max(at, 0) + Math.log1p(Math.exp(-Math.abs(at))) - (rows.labels[index] as number) * at);
    }
    for (let k = 0; k < n; k++) sum += (penaltyOf(k) / 2) * (weights[k] as number) ** 2;
    return sum;
  };
  let weights = new Float64Array(n);
  weights[width] = logOddsOf(baseRate(rows.labels, rowWeights));
  let now = loss(weights);
  for (let step = 0; step < mostSteps; step++) {
    const hessian = new Float64Array(n * n);
    const gradient = new Float64Array(n);
    for (let index = 0; index < count; index++) {
      const probability = sigmoid(logOddsAt(weights, index));
      const weight = rowWeights[index] as number;
      const difference = weight * (probability - (rows.labels[index] as number));
      const curvature = weight * Math.max(1e-6, probability * (1 - probability));
      for (let i = 0; i < n; i++) {
        const value = matrix[index * n + i] as number;
        gradient[i] = (gradient[i] as number) + difference * value;
        const scaled = curvature * value;
        for (let j = 0; j <= i; j++) hessian[i * n + j] = (hessian[i * n + j] as number) + scaled * (matrix[index * n + j] as number);
      }
    }
    for (let i = 0; i < n; i++) {
      hessian[i * n + i] = (hessian[i * n + i] as number) + penaltyOf(i);
      gradient[i] = (gradient[i] as number) + penaltyOf(i) * (weights[i] as number);
    }
    const change = solveSymmetric(hessian, gradient);
    // A whole step may lead too far, where the curvature is not what it is here: half of it then, and so on.
    let length = 1;
    let next = weights;
    let then = now;
    for (; length > 1e-6; length /= 2) {
      next = Float64Array.from(weights, (weight, index) => weight - length * (change[index] as number));
      then = loss(next);
      if (then < now) break;
    }
    if (!(then < now)) break;
    const largest = change.reduce((most, value) => Math.max(most, Math.abs(value) * length), 0);
    weights = next;
    now = then;
    if (largest < 1e-5) break;
  }
  return { ...scale, weights };
}

/** Log-odds of all rows, cut at 30 either way. */
export function scoreLogistic(model: Logistic, rows: Rows): Float64Array {
  const width = rows.features.length;
  const row = new Float64Array(width + 1);
  return Float64Array.from({ length: rowCount(rows) }, (_, index) => {
    standardised(rows.values, index, width, model, row);
    let logOdds = 0;
    for (let k = 0; k <= width; k++) logOdds += (model.weights[k] as number) * (row[k] as number);
    return Math.max(-30, Math.min(30, logOdds));
  });
}
