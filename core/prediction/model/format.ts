// The file of a learned model: its shape, where it came from, and refusal of anything that cannot be scored as it was trained.
import { z } from 'zod';

export const modelVersion = 1;

/** The model cannot be used. The message says which part, and what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

const Share = z.number().min(0).max(1);

/**
 * One tree in pre-order: the left child of node i is i + 1.
 * `feature[i]`: index into the model's features, -1 for a leaf. `threshold[i]`: a row with a value at or below it goes left (0 for a leaf).
 * `right[i]`: index of the right child, negated where a missing value goes left (0 for a leaf). `value[i]`: what the tree would say if it ended
 * here; for a leaf that is its answer, for the others it makes the path explainable.
 */
const Tree = z.strictObject({
  feature: z.array(z.int().min(-1)).min(1),
  threshold: z.array(z.number()),
  right: z.array(z.int()),
  value: z.array(z.number()),
});
export type Tree = z.infer<typeof Tree>;

/**
 * `gradient-boosting`: log-odds = base + sum of the trees. `random-forest`: probability = mean of the trees (base is the log-odds of the share of
 * positives, for trees that are absent), taken to log-odds. The raw score of a model is the weighted mean of its parts' log-odds.
 */
const TreePart = z.strictObject({
  kind: z.enum(['gradient-boosting', 'random-forest']),
  weight: z.number().positive(),
  base: z.number(),
  trees: z.array(Tree),
});
export type TreePart = z.infer<typeof TreePart>;

/**
 * Log-odds = base + sum of coefficient (value - centre), per feature; 0 where the feature is not used. A value is cut to `low`..`high`, the range that was
 * learned from, so that nothing is extrapolated; a missing value counts as the centre.
 */
const LinearPart = z.strictObject({
  kind: z.literal('linear'),
  weight: z.number().positive(),
  base: z.number(),
  coefficients: z.array(z.number()).min(1),
  centres: z.array(z.number()),
  low: z.array(z.number()),
  high: z.array(z.number()),
});
export type LinearPart = z.infer<typeof LinearPart>;

const Part = z.discriminatedUnion('kind', [TreePart, LinearPart]);
export type Part = z.infer<typeof Part>;

/**
 * From raw score (log-odds) to probability. `isotonic`: a rising line through (x, y), flat outside. `platt`: 1 / (1 + exp(-(slope x + intercept))).
 * A slope is never negative: a higher raw score is never a lower probability.
 */
const Calibration = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('isotonic'), x: z.array(z.number()).min(1), y: z.array(Share).min(1) }),
  z.strictObject({ method: z.literal('platt'), slope: z.number().min(0), intercept: z.number() }),
]);
export type Calibration = z.infer<typeof Calibration>;

/** Measured on rows whose series the model was not trained on. null: cannot be told (no positive rows, or no negative ones). */
const HeldOut = z.strictObject({
  rows: z.int().min(0),
  positives: z.int().min(0),
  rocAuc: Share.nullable(),
  prAuc: Share.nullable(),
  brier: Share.nullable(),
  /** Brier score of always saying the share of positives */
  baseRateBrier: Share.nullable(),
  /** expected calibration error: 15 bins of equal width, and 15 of equal numbers of rows */
  eceEqualWidth: Share.nullable(),
  eceEqualMass: Share.nullable(),
});
export type HeldOut = z.infer<typeof HeldOut>;

/**
 * What the probability of a horizon is about. `either`: an incident is there, or starts within `minutes`. `starts`: of rows without an incident,
 * that one starts within `minutes`. `present` (minutes 0): an incident is there.
 */
const Horizon = z.strictObject({
  target: z.enum(['present', 'starts', 'either']),
  minutes: z.number().min(0),
  calibration: Calibration,
  heldOut: HeldOut,
  /** The Brier score of held-out rows beats that of the base rate, by more than chance. Without skill no probability is shown. */
  skill: z.boolean(),
});
export type Horizon = z.infer<typeof Horizon>;

const Source = z.strictObject({
  name: z.string().min(1),
  origin: z.string().min(1),
  licence: z.string().min(1),
  series: z.array(z.string()),
  rows: z.int().min(0),
});
export type Source = z.infer<typeof Source>;

const Provenance = z.strictObject({
  /** ISO 8601 date of the training */
  date: z.string().min(1),
  sources: z.array(Source).min(1),
  /** how the trainer was called; enough to train it again */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  seed: z.number(),
  rows: z.int().min(0),
  positives: z.int().min(0),
  /** how the held-out figures were made, in a sentence */
  heldOut: z.string(),
  notes: z.array(z.string()),
});
export type Provenance = z.infer<typeof Provenance>;

export const FailureModel = z.strictObject({
  format: z.literal('forestall-failure-model'),
  version: z.literal(modelVersion),
  /** `mean`: weighted mean of parts of several kinds */
  kind: z.enum(['gradient-boosting', 'random-forest', 'linear', 'mean']),
  /** names of the features, in the order of the array that is scored */
  features: z.array(z.string().min(1)).min(1),
  /** how many metrics the series had that it learned from, the fewest of them: a resource with fewer is judged with less certainty */
  metrics: z.int().min(1),
  parts: z.array(Part).min(1),
  horizons: z.array(Horizon).min(1),
  provenance: Provenance,
});
export type FailureModel = z.infer<typeof FailureModel>;

/** Every node of a tree is reached exactly once, from the first. */
function checkTree({ feature, threshold, right, value }: Tree, features: number, where: string): void {
  const nodes = feature.length;
  const refuse = (what: string): never => {
    throw new ModelError(`${where}: ${what}; the model file is damaged: train it again, or restore it`);
  };
  if (threshold.length !== nodes || right.length !== nodes || value.length !== nodes) refuse('its arrays differ in length');
  // In pre-order a subtree ends where its parent's right child, or the parent's own end, begins.
  const ends: number[] = [];
  let end = nodes;
  for (let node = 0; node < nodes; node++) {
    const index = feature[node] ?? -1;
    if (index >= features) refuse(`node ${node} asks for feature ${index} of ${features}`);
    if (index < 0) {
      if (node + 1 !== end) refuse(`node ${node} is a leaf where a branch goes on`);
      end = ends.pop() ?? nodes;
    } else {
      const child = Math.abs(right[node] ?? 0);
      if (child <= node + 1 || child >= end) refuse(`node ${node} leads to ${child}`);
      ends.push(end);
      end = child;
    }
  }
  if (ends.length > 0) refuse('it is not complete');
}

function checkLinear({ coefficients, centres, low, high }: LinearPart, features: number, where: string): void {
  const ordered = coefficients.every((_, index) => {
    const [least = 1, centre = 0, most = 0] = [low[index], centres[index], high[index]];
    return least <= centre && centre <= most;
  });
  if ([coefficients, centres, low, high].some(({ length }) => length !== features) || !ordered)
    throw new ModelError(`${where}: its arrays do not fit ${features} features; the model file is damaged: train it again, or restore it`);
}

function checkCalibration(calibration: Calibration, where: string): void {
  if (calibration.method !== 'isotonic') return;
  const { x, y } = calibration;
  const rising = (values: readonly number[], strictly: boolean) =>
    values.every((value, index) => index === 0 || (strictly ? value > (values[index - 1] ?? value) : value >= (values[index - 1] ?? value)));
  if (x.length !== y.length || !rising(x, true) || !rising(y, false))
    throw new ModelError(`${where}: the calibration does not rise; the model file is damaged: train it again, or restore it`);
}

/**
 * Checks a model that was read. `features`: names that the caller can compute, in order; a model of others is refused, because it would
 * score something else than it was trained on. Throws `ModelError`.
 */
export function parseModel(stored: unknown, features?: readonly string[]): FailureModel {
  const version = typeof stored === 'object' && stored !== null && 'version' in stored ? stored.version : undefined;
  if (version !== undefined && version !== modelVersion)
    throw new ModelError(
      `the model has version ${JSON.stringify(version)}, this program reads version ${modelVersion}; train it again with this program: npm run train`,
    );
  const parsed = FailureModel.safeParse(stored);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.map(String).join('.');
    throw new ModelError(`not a failure model: ${where}: ${issue?.message ?? 'unreadable'}; give a file that npm run train wrote`);
  }
  const model = parsed.data;
  if (features !== undefined && (model.features.length !== features.length || model.features.some((name, index) => name !== features[index]))) {
    const unknown = model.features.filter((name) => !features.includes(name));
    const absent = features.filter((name) => !model.features.includes(name));
    const what = unknown.length > 0 ? `asks for ${unknown[0]}` : absent.length > 0 ? `does not know ${absent[0]}` : 'has the features in another order';
    throw new ModelError(`the model was trained on other features: it ${what}; train it again with this program: npm run train`);
  }
  model.parts.forEach((part, index) => {
    if (part.kind === 'linear') checkLinear(part, model.features.length, `part ${index}`);
    else
      part.trees.forEach((tree, number) => {
        checkTree(tree, model.features.length, `part ${index}, tree ${number}`);
      });
  });
  model.horizons.forEach((horizon, index) => {
    checkCalibration(horizon.calibration, `horizon ${index}`);
  });
  return model;
}
