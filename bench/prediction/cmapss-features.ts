// Run-to-failure histories of engines as rows to learn from: each row's features come from its engine's past alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { principalAxes, solveSymmetric } from '../../training/linear-algebra.ts';
import { DataAbsentError } from './section.ts';

export interface Engine {
  readonly unit: number;
  /** per cycle, the sensors that vary */
  readonly sensors: readonly Float64Array[];
}

/** Columns of the sensors that are not constant in FD001, as the data's documentation numbers them: 1 to 21. */
const varying = [2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 17, 20, 21];
const before = 4;

/** Throws `DataAbsentError` when the file is not there. */
export async function readEngines(data: string): Promise<Engine[]> {
  const file = join(data, 'cmapss', 'train_FD001.txt');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new DataAbsentError(`${file} is not there: C-MAPSS, train_FD001.txt, from NASA's Prognostics Center of Excellence`, { cause });
  });
  const engines = new Map<number, Float64Array[]>();
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/).map(Number);
    const unit = cells[0] ?? 0;
    if (cells.length < 26) continue;
    const cycles = engines.get(unit) ?? [];
    cycles.push(Float64Array.from(varying, (sensor) => cells[before + sensor] ?? Number.NaN));
    engines.set(unit, cycles);
  }
  return [...engines].map(([unit, sensors]) => ({ unit, sensors }));
}

/** Cycles that are left after each row: 0 in the last. */
export const remaining = (engine: Engine): number[] => engine.sensors.map((_, cycle) => engine.sensors.length - 1 - cycle);

/** Health indices: each a weighted sum of the sensors, in units of their spread. */
export interface Projection {
  readonly means: Float64Array;
  readonly axes: readonly Float64Array[];
}

/**
 * Learned on the engines that are given. Two principal axes, which no label made, and two directions that follow the remaining life by least squares: as it
 * is up to 125 cycles (before that nothing wears visibly), and as exp(-life / 40), which looks at the end.
 */
export function projectionOf(engines: readonly Engine[]): Projection {
  const width = varying.length;
  const rows = engines.flatMap(({ sensors }) => sensors);
  const means = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) means[i] = (means[i] as number) + (row[i] as number) / rows.length;
  const scales = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) scales[i] = (scales[i] as number) + ((row[i] as number) - (means[i] as number)) ** 2 / rows.length;
  const spread = scales.map((variance) => Math.sqrt(variance) || 1);
  const covariance = new Float64Array(width * width);
  const lives = engines.flatMap(remaining);
  const targets = [(life: number) => Math.min(life, 125) / 125, (life: number) => Math.exp(-life / 40)];
  const right = targets.map(() => new Float64Array(width));
  const centres = targets.map((target) => lives.reduce((sum, life) => sum + target(life), 0) / lives.length);
  const scaled = new Float64Array(width);
  rows.forEach((row, index) => {
    for (let i = 0; i < width; i++) scaled[i] = ((row[i] as number) - (means[i] as number)) / (spread[i] as number);
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) covariance[i * width + j] = (covariance[i * width + j] as number) + (scaled[i] as number) * (scaled[j] as number);
    targets.forEach((target, which) => {
      const away = target(lives[index] ?? 0) - (centres[which] ?? 0);
      const sums = right[which] as Float64Array;
      for (let i = 0; i < width; i++) sums[i] = (sums[i] as number) + away * (scaled[i] as number);
    });
  });
  const penalised = covariance.map((value, index) => value + (index % (width + 1) === 0 ? 1 : 0));
  const axes = [...principalAxes(covariance, width).slice(0, 2), ...right.map((sums) => solveSymmetric(penalised, sums))];
  return { means, axes: axes.map((axis) => axis.map((weight, sensor) => weight / (spread[sensor] as number))) };
}

const rates = [0.03, 0.06, 0.12, 0.25];
const perIndex = ['mean .03', 'mean .06', 'mean .12', 'mean .25', 'fit 80', 'slope 80', 'bend 80', 'fit 40', 'slope 40', 'first 20'];
export const featureNames: readonly string[] = [
  ...['axis 1', 'axis 2', 'life', 'end'].flatMap((index) => perIndex.map((name) => `${index}: ${name}`)),
  'cycles',
  'log cycles',
];

/** Least squares with a small penalty on slope and bend, so that two points are no trend; times run from -1 (oldest of a full window) to 0. */
function fit(window: readonly number[], span: number, degree: 1 | 2): Float64Array {
  const n = degree + 1;
  const sums = new Float64Array(2 * degree + 1);
  const right = new Float64Array(n);
  window.forEach((value, index) => {
    const time = (index - (window.length - 1)) / span;
    let power = 1;
    for (let k = 0; k < sums.length; k++) {
      sums[k] = (sums[k] as number) + power;
      if (k < n) right[k] = (right[k] as number) + power * value;
      power *= time;
    }
  });
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] = (sums[i + j] as number) + (i !== j ? 0 : i === 0 ? 1e-4 : 1);
  return solveSymmetric(matrix, right);
}

/** Features of every cycle of an engine, row after row; a row looks at its own cycle and those before. */
export function featuresOf({ sensors }: Engine, { means, axes }: Projection): Float64Array {
  const rows = new Float64Array(sensors.length * featureNames.length);
  const pasts = axes.map(() => [] as number[]);
  const averages = axes.map(() => rates.map(() => 0));
  const firsts = axes.map(() => 0);
  sensors.forEach((values, cycle) => {
    const row: number[] = [];
    axes.forEach((axis, index) => {
      let health = 0;
      for (let i = 0; i < axis.length; i++) health += (axis[i] as number) * ((values[i] as number) - (means[i] as number));
      const past = pasts[index] ?? [];
      past.push(health);
      if (past.length > 80) past.shift();
      const own = averages[index] ?? [];
      rates.forEach((rate, which) => {
        own[which] = (1 - rate) * (own[which] ?? 0) + rate * health;
        // The weights of the first cycles do not add up to 1 yet.
        row.push((own[which] ?? 0) / (1 - (1 - rate) ** (cycle + 1)));
      });
      if (cycle < 20) firsts[index] = ((firsts[index] ?? 0) * cycle + health) / (cycle + 1);
      row.push(...fit(past, 80, 2), ...fit(past.slice(-40), 40, 1), firsts[index] ?? 0);
    });
    rows.set([...row, cycle + 1, Math.log(cycle + 1)], cycle * featureNames.length);
  });
  return rows;
}
