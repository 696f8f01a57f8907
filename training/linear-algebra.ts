// The little linear algebra that fitting needs: symmetric systems and principal axes, for some hundred unknowns at most.
import { TrainingError } from './rows.ts';

/** Square matrices are row after row in one array. */
export type Square = Float64Array;

/** Solves A x = b for a symmetric positive definite A (Cholesky). Throws `TrainingError` when it is not positive definite. */
export function solveSymmetric(matrix: Square, right: Float64Array): Float64Array {
  const n = right.length;
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] as number;
      for (let k = 0; k < column; k++) sum -= (lower[row * n + k] as number) * (lower[column * n + k] as number);
      if (row === column) {
        if (!(sum > 0)) throw new TrainingError('the features are not independent, and the penalty is too small to decide between them; raise it');
        lower[row * n + row] = Math.sqrt(sum);
      } else lower[row * n + column] = sum / (lower[column * n + column] as number);
    }
  }
  const solution = right.slice();
  for (let row = 0; row < n; row++) {
    let sum = solution[row] as number;
    for (let k = 0; k < row; k++) sum -= (lower[row * n + k] as number) * (solution[k] as number);
    solution[row] = sum / (lower[row * n + row] as number);
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = solution[row] as number;
    for (let k = row + 1; k < n; k++) sum -= (lower[k * n + row] as number) * (solution[k] as number);
    solution[row] = sum / (lower[row * n + row] as number);
  }
  return solution;
}

/** Eigenvectors of a symmetric matrix by falling eigenvalue (Jacobi's rotations); each points the way in which its components sum to no less than 0. */
export function principalAxes(matrix: Square, n: number): Float64Array[] {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let index = 0; index < n; index++) vectors[index * n + index] = 1;
  const at = (row: number, column: number) => a[row * n + column] as number;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += at(p, q) ** 2;
    if (off < 1e-22) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cosine = 1 / Math.hypot(t, 1);
        const sine = t * cosine;
        const rotate = (of: Float64Array, first: number, second: number) => {
          const [x, y] = [of[first] as number, of[second] as number];
          of[first] = cosine * x - sine * y;
          of[second] = sine * x + cosine * y;
        };
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k);
        for (let k = 0; k < n; k++) rotate(vectors, k * n + p, k * n + q);
      }
    }
  }
  return Array.from({ length: n }, (_, index) => index)
    .sort((x, y) => at(y, y) - at(x, x))
    .map((index) => {
      const vector = Float64Array.from({ length: n }, (_, k) => vectors[k * n + index] as number);
      return vector.reduce((sum, value) => sum + value, 0) < 0 ? vector.map((value) => -value) : vector;
    });
}
