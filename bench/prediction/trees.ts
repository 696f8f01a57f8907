// What learning costs: seconds to train on rows of a known rule, and microseconds to score a row with a model of the shipped size.
import { sigmoid } from '../../core/prediction/model/calibration.ts';
import { defaultModel } from '../../core/prediction/model/default.ts';
import { contributions, prepare, rawScore, scorerOf } from '../../core/prediction/model/trees.ts';
import { learn, scoreRows } from '../../training/learner.ts';
import { heldOutMetrics } from '../../training/metrics.ts';
import { randomOf } from '../../training/random.ts';
import type { Rows } from '../../training/rows.ts';
import type { Section } from './section.ts';

const rows = 30_000;
const features = 60;

/** Failures by a known rule of three features of which a twentieth is missing; the others say nothing. */
function drawn(seed: number): Rows {
  const random = randomOf(seed);
  const values = Float64Array.from({ length: rows * features }, () => (random() < 0.05 ? Number.NaN : random()));
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const [a, b, c] = [0, 1, 2].map((feature) => values[row * features + feature] as number).map((value) => (Number.isNaN(value) ? 0.5 : value));
    labels[row] = random() < sigmoid(10 * (a ?? 0) * (b ?? 0) + ((c ?? 0) > 0.8 ? 2 : 0) - 6) ? 1 : 0;
  }
  return { features: Array.from({ length: features }, (_, index) => `f${index}`), values, labels, groups: new Int32Array(rows) };
}

const timed = 2000;

/** Microseconds a row, the middle of five passes. */
function microseconds(all: readonly Float64Array[], what: (row: Float64Array) => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (const row of all) what(row);
    return ((performance.now() - start) * 1000) / all.length;
  });
  return times.sort((a, b) => a - b)[2] ?? Number.NaN;
}

/** See `SectionRun`; needs no data. */
export async function run(): Promise<Section> {
  const [training, held] = [drawn(1), drawn(2)];
  const table: (string | number)[][] = [];
  const figures: Record<string, number | null> = {};
  for (const kind of ['gradient-boosting', 'random-forest'] as const) {
    const began = performance.now();
    const parts = learn(training, { kind }, 1);
    const seconds = (performance.now() - began) / 1000;
    const scores = scoreRows(parts, held);
    const scorer = prepare(parts, features);
    const each = Array.from({ length: timed }, (_, row) => Float64Array.from(held.values.subarray(row * features, (row + 1) * features)));
    const score = microseconds(each, (row) => rawScore(scorer, row));
    const explain = microseconds(each, (row) => contributions(scorer, row));
    const kilobytes = JSON.stringify(parts).length / 1000;
    const { rocAuc } = heldOutMetrics(Float64Array.from(scores, sigmoid), held.labels);
    const trees = parts.reduce((sum, part) => sum + (part.kind === 'linear' ? 0 : part.trees.length), 0);
    table.push([kind, trees, seconds.toFixed(1), kilobytes.toFixed(0), score.toFixed(1), explain.toFixed(1), rocAuc?.toFixed(4) ?? '-']);
    figures[`trees.${kind}.trainSeconds`] = seconds;
    figures[`trees.${kind}.scoreMicroseconds`] = score;
    figures[`trees.${kind}.explainMicroseconds`] = explain;
    figures[`trees.${kind}.kilobytes`] = kilobytes;
  }
  const shipped = defaultModel();
  const random = randomOf(3);
  // Features of that model are logarithms and shares: within -2 and 3.
  const each = Array.from({ length: timed }, () => Float64Array.from(shipped.features, () => random() * 5 - 2));
  const scorer = scorerOf(shipped);
  const [score, explain] = [microseconds(each, (row) => rawScore(scorer, row)), microseconds(each, (row) => contributions(scorer, row))];
  const kilobytes = JSON.stringify(shipped).length / 1000;
  const trees = shipped.parts.reduce((sum, part) => sum + (part.kind === 'linear' ? 0 : part.trees.length), 0);
  table.push([`shipped model (${shipped.kind})`, trees, '-', kilobytes.toFixed(0), score.toFixed(1), explain.toFixed(1), '-']);
  figures['trees.shipped.scoreMicroseconds'] = score;
  figures['trees.shipped.kilobytes'] = kilobytes;
  return {
    name: 'trees',
    title: `The trainer: ${rows.toLocaleString('en')} rows of ${features} features, default options`,
    target: 'a row scored in microseconds',
    columns: ['kind', 'trees', 'training, s', 'JSON, kB', 'score, us a row', 'with reasons, us a row', 'ROC AUC, held out'],
    rows: table,
    notes: [`Scores are single-threaded, the middle of five passes over ${timed} rows; the machine may be busy with other work.`],
    figures,
    demands: {},
  };
}
