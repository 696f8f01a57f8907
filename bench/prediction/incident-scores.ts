// Recorded servers through the real detector, row by row, and what its failure probability is worth against their labelled incidents.
import { Plan } from '../../core/contracts/plan.ts';
import { detector } from '../../core/prediction/detector.ts';
import { type Evaluation, evaluateAt, leaveOneOut, median, type Outline, outline, thresholdForBudget } from '../../core/prediction/evaluation/alarms.ts';
import { labelsOf, type ScoredSeries } from '../../core/prediction/evaluation/labels.ts';
import { rocAuc } from '../../core/prediction/evaluation/ranking.ts';
import { type Reliability, reliability } from '../../core/prediction/evaluation/reliability.ts';
import type { FailureModel } from '../../core/prediction/model/format.ts';
import type { DetectorConfig } from '../../core/prediction/port.ts';
import { type LabelledSeries, usualStep } from '../../training/labelled-rows.ts';

const minute = 60_000;

/** `failureProbability` of every row, 0 to 100; NaN where it is null. All metrics are of unknown meaning. */
export function scored(series: LabelledSeries, model: FailureModel | undefined): ScoredSeries {
  const { horizonMinutes, objective } = Plan.shape;
  const names = Array.from({ length: series.rows[0]?.length ?? 0 }, (_, index) => `m${index + 1}`);
  const periodSeconds = usualStep(series.times) > 150 ? 300 : 60;
  const config: DetectorConfig = {
    metrics: names.map((name) => ({ name, role: 'other', periodSeconds })),
    horizonMinutes: horizonMinutes.parse(undefined),
    objective: objective.parse(undefined),
    ...(model === undefined ? {} : { model }),
  };
  let state = detector.initial(config);
  const scores = new Float64Array(series.times.length);
  series.rows.forEach((row, index) => {
    const values: Record<string, number> = {};
    names.forEach((name, column) => {
      const value = row[column] ?? Number.NaN;
      if (Number.isFinite(value)) values[name] = value;
    });
    const observed = detector.observe(state, { timestamp: series.times[index] ?? 0, values }, config);
    state = observed.state;
    scores[index] = observed.assessment.failureProbability ?? Number.NaN;
  });
  return { name: series.name, times: series.times, scores, incidents: series.incidents, labelledFrom: series.labelledFrom };
}

/** What a set of scored servers is worth. */
export interface Worth {
  /** per point: of all rows together, and the mean over servers */
  readonly pooled: number | null;
  readonly mean: number | null;
  /** at one false alarm per server-day; each server at the threshold that the others give */
  readonly atBudget: ReturnType<typeof leaveOneOut>;
  /** the probability itself, against "an incident is there or begins within the horizon" */
  readonly reliability: Reliability | undefined;
}

const concatenated = <Value extends ArrayLike<number>>(all: readonly Value[]): number[] => all.flatMap((one) => Array.from(one));

/** @param horizonMinutes what the probability is about */
export function worthOf(all: readonly ScoredSeries[], horizonMinutes: number): Worth {
  const labelled = all.map((series) => labelsOf(series));
  const each = labelled.flatMap(({ scores, labels }) => rocAuc(scores, labels) ?? []);
  const within = all.map((series) => labelsOf(series, horizonMinutes * minute));
  return {
    pooled: rocAuc(concatenated(labelled.map(({ scores }) => scores)), concatenated(labelled.map(({ labels }) => labels))),
    mean: each.length === 0 ? null : each.reduce((sum, value) => sum + value, 0) / each.length,
    atBudget: leaveOneOut(all.map(outline), 1),
    reliability: reliability(
      concatenated(within.map(({ scores }) => scores)).map((score) => score / 100),
      concatenated(within.map(({ labels }) => labels)),
    ),
  };
}

/** Judged at the threshold that fits one false alarm per server-day on `others`. */
export function atThresholdOf(others: readonly ScoredSeries[], all: readonly ScoredSeries[]): Evaluation {
  return evaluateAt(all.map(outline), thresholdForBudget(others.map(outline), 1) ?? Number.POSITIVE_INFINITY);
}

/** How well calm rows are told from those before an incident: rows inside incidents are left out. Known to be near chance. */
export function onsetAuc(all: readonly ScoredSeries[], horizonMinutes: number): number | null {
  const rows = all.map((series) => {
    const inside = labelsOf(series).labels;
    const { scores, labels } = labelsOf(series, horizonMinutes * minute);
    const kept = Array.from(labels.keys()).filter((row) => inside[row] === 0);
    return { scores: kept.map((row) => scores[row] ?? 0), labels: kept.map((row) => labels[row] ?? 0) };
  });
  return rocAuc(concatenated(rows.map(({ scores }) => scores)), concatenated(rows.map(({ labels }) => labels)));
}

export const outlines = (all: readonly ScoredSeries[]): Outline[] => all.map(outline);
export const medianDelay = ({ incidents }: Pick<Evaluation, 'incidents'>): number | null =>
  median(incidents.flatMap(({ delayMinutes }) => (delayMinutes === null ? [] : [delayMinutes])));
