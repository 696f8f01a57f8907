// C-MAPSS FD001: does the trainer earn its probability where failure can be learned? Engines that wear out, judged by models that never saw them.
import { calibrated } from '../../core/prediction/model/calibration.ts';
import type { HeldOut } from '../../core/prediction/model/format.ts';
import { foldsOf, outOfFold, splitRows } from '../../training/cross-validation.ts';
import { fitPlatt } from '../../training/fit-calibration.ts';
import { learn, scoreRows } from '../../training/learner.ts';
import { fitLogistic, scoreLogistic } from '../../training/logistic.ts';
import { heldOutMetrics } from '../../training/metrics.ts';
import { randomOf } from '../../training/random.ts';
import { type Rows, selectRows } from '../../training/rows.ts';
import { type Engine, featureNames, featuresOf, type Projection, projectionOf, readEngines, remaining } from './cmapss-features.ts';
import type { Cell, Section } from './section.ts';

const within = 30;
const folds = 5;
const innerFolds = 4;
const ridge = 1;
const boosting = { trees: 150, rate: 0.05, maxLeaves: 8, maxDepth: 6, minChildRows: 40, rowShare: 0.6, featureShare: 0.5 };
const forest = { trees: 60, maxLeaves: 128, minChildRows: 15, featuresPerNode: 8 };

type Kind = 'blend' | 'gradient-boosting' | 'random-forest' | 'logistic';

/** Rows of the engines; the group is the index of the engine. */
function rowsOf(engines: readonly Engine[], projection: Projection): Rows {
  const features = engines.map((engine) => featuresOf(engine, projection));
  const values = new Float64Array(features.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const own of features) {
    values.set(own, offset);
    offset += own.length;
  }
  return {
    features: featureNames,
    values,
    labels: Uint8Array.from(engines.flatMap(remaining), (life) => (life <= within ? 1 : 0)),
    groups: Int32Array.from(engines.flatMap(({ sensors }, index) => sensors.map(() => index))),
  };
}

/** Log-odds of the held rows by a model of the training rows. */
function scored(kind: Kind, training: Rows, held: Rows, seed: number): Float64Array {
  const logistic = () => scoreLogistic(fitLogistic(training, ridge), held);
  const trees = (of: 'gradient-boosting' | 'random-forest', seeds: number) => scoreRows(learn(training, { kind: of, boosting, forest, seeds }, seed), held);
  if (kind === 'logistic') return logistic();
  if (kind !== 'blend') return trees(kind, 1);
  const [linear, boosted] = [logistic(), trees('gradient-boosting', 2)];
  return linear.map((value, row) => (value + (boosted[row] as number)) / 2);
}

/** A probability for each row by health indices, model and calibration that have not seen its engine. */
export function heldOutProbabilities(engines: readonly Engine[], kind: Kind, seed: number): { probabilities: Float64Array; labels: Uint8Array } {
  const plain = rowsOf(engines, projectionOf(engines));
  const probabilities = new Float64Array(plain.labels.length);
  foldsOf(plain.groups, folds, seed).forEach((held, fold) => {
    const chosen = new Set(held);
    // The health indices are learned anew, without the engines that are held out.
    const rows = rowsOf(engines, projectionOf(engines.filter((_, index) => !chosen.has(index))));
    const { inside, outside } = splitRows(rows, held);
    const training = selectRows(rows, outside);
    const inner = outOfFold(training, foldsOf(training.groups, innerFolds, seed + 1), (learned, asked, index) =>
      scored(kind, learned, asked, seed + 31 * fold + index),
    );
    const calibration = fitPlatt(inner, training.labels);
    const scores = scored(kind, training, selectRows(rows, inside), seed + 31 * fold + innerFolds);
    inside.forEach((row, index) => {
      probabilities[row] = calibrated(calibration, scores[index] as number) ?? Number.NaN;
    });
  });
  return { probabilities, labels: plain.labels };
}

const cells = ({ rocAuc, prAuc, brier, baseRateBrier, eceEqualWidth, eceEqualMass }: HeldOut): Cell[] =>
  [rocAuc, prAuc, brier, baseRateBrier, eceEqualWidth, eceEqualMass].map((value) => (value === null ? null : value.toFixed(4)));

/** Every engine cut off at a random moment, as in the test file of NASA, where 7 to 145 cycles are left: few rows are near a failure. */
function cutOff(engines: readonly Engine[], labels: Uint8Array, probabilities: Float64Array, seed: number): HeldOut {
  const random = randomOf(seed);
  const kept: number[] = [];
  let row = 0;
  for (const { sensors } of engines) {
    const last = sensors.length - 1 - (7 + Math.floor(random() * 139));
    for (let cycle = 0; cycle < sensors.length; cycle++, row++) if (cycle <= last) kept.push(row);
  }
  return heldOutMetrics(
    Float64Array.from(kept, (index) => probabilities[index] ?? 0),
    Uint8Array.from(kept, (index) => labels[index] ?? 0),
  );
}

/** Middle, lowest and highest of the seeds. */
function spread(all: readonly HeldOut[], of: (metrics: HeldOut) => number | null): { middle: number; text: string } {
  const sorted = all.map((metrics) => of(metrics) ?? Number.NaN).sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1] ?? Number.NaN;
  return { middle, text: `${middle.toFixed(4)} (${sorted[0]?.toFixed(4)} to ${sorted[sorted.length - 1]?.toFixed(4)})` };
}

const measures = [
  (metrics: HeldOut) => metrics.rocAuc,
  (metrics: HeldOut) => metrics.prAuc,
  (metrics: HeldOut) => metrics.brier,
  (metrics: HeldOut) => metrics.baseRateBrier,
  (metrics: HeldOut) => metrics.eceEqualWidth,
  (metrics: HeldOut) => metrics.eceEqualMass,
];

/** See `SectionRun`. `seeds`: how the engines are dealt to folds; each is a whole cross-validation. */
export async function run(data: string, seeds: readonly number[] = [1, 2, 3, 4, 5]): Promise<Section> {
  const engines = await readEngines(data);
  const odd = engines.filter(({ unit }) => unit <= engines.length / 2);
  const other = engines.filter(({ unit }) => unit > engines.length / 2);
  const judged = (of: readonly Engine[], kind: Kind, seed: number) => {
    const { probabilities, labels } = heldOutProbabilities(of, kind, seed);
    return { metrics: heldOutMetrics(probabilities, labels), cut: cutOff(of, labels, probabilities, seed) };
  };
  const all = seeds.map((seed) => judged(engines, 'blend', seed));
  const [first] = seeds;
  const metrics = all.map((one) => one.metrics);
  const [roc, pr, brier, base, ece, mass] = measures.map((measure) => spread(metrics, measure)) as { middle: number; text: string }[];
  const rows: Cell[][] = [
    [`all 100 engines, ${seeds.length} deals: middle (range)`, ...measures.map((measure) => spread(metrics, measure).text)],
    ['engines 51-100 alone (chosen without them)', ...cells(judged(other, 'blend', first ?? 1).metrics)],
    ['engines 1-50 alone (chosen on these)', ...cells(judged(odd, 'blend', first ?? 1).metrics)],
    ...(['gradient-boosting', 'random-forest', 'logistic'] as const).map((kind) => [`all, ${kind} alone`, ...cells(judged(engines, kind, first ?? 1).metrics)]),
    [
      `all, cut off at random as in NASA's test file: middle (range)`,
      ...measures.map(
        (measure) =>
          spread(
            all.map(({ cut }) => cut),
            measure,
          ).text,
      ),
    ],
  ];
  const figures = {
    'cmapss.roc': roc?.middle ?? null,
    'cmapss.pr': pr?.middle ?? null,
    'cmapss.brier': brier?.middle ?? null,
    'cmapss.baseBrier': base?.middle ?? null,
    'cmapss.ece': ece?.middle ?? null,
    'cmapss.eceEqualMass': mass?.middle ?? null,
  };
  return {
    name: 'cmapss',
    title: 'C-MAPSS train_FD001: fails within 30 cycles',
    target: 'ROC AUC at least 0.99, PR AUC at least 0.85, Brier at most 0.0100, ECE at most 0.007; 5 folds by engine',
    columns: ['engines', 'ROC AUC', 'PR AUC', 'Brier', 'Brier of base rate', 'ECE, equal width', 'ECE, equal mass'],
    rows,
    notes: [
      `Within ${within} cycles: remaining life of at most ${within}, 0 in the last cycle; 31 rows of each engine are positive.`,
      'Each row is judged by health indices, model and calibration (Platt, on nested held-out scores) that never saw its engine; its features come from cycles up to its own.',
      'Model and features were chosen on engines 1 to 50, after a first look at kinds of features on all. Halves alone have 40 engines to learn from, not 80.',
      'Blend: mean log-odds of ridge logistic regression and gradient boosting. PR AUC is average precision; ECE has 15 bins.',
    ],
    figures,
    demands: { 'cmapss.roc': { atLeast: 0.99 }, 'cmapss.pr': { atLeast: 0.85 }, 'cmapss.brier': { atMost: 0.01 }, 'cmapss.ece': { atMost: 0.007 } },
  };
}
