// Scored histories against what really happened: at the plan's thresholds, at a threshold that fits a budget, and as a probability.
import { type Evaluation, evaluateAt, type LeftOut, leaveOneOut, type Outline, outline, thresholdForBudget } from '../../core/prediction/evaluation/alarms.ts';
import { alarmRules, labelsOf, type ScoredSeries } from '../../core/prediction/evaluation/labels.ts';
import { rocAuc } from '../../core/prediction/evaluation/ranking.ts';
import { type Reliability, reliability } from '../../core/prediction/evaluation/reliability.ts';
import type { Labels, LabelsOf } from './incidents-file.ts';
import { namedThresholds, type Settings } from './settings.ts';
import type { Track } from './track.ts';

export interface Judged {
  readonly track: Track;
  readonly labels: Labels;
  readonly outline: Outline;
  /** incidents of the file of which no labelled row is near */
  readonly outside: number;
}

export interface Verdict {
  readonly judged: readonly Judged[];
  /** labelled days over all series */
  readonly days: number;
  readonly thresholds: readonly { readonly name: 'partial' | 'full' | 'critical'; readonly evaluation: Evaluation }[];
  readonly budget: {
    readonly perDay: number;
    /** chosen on these series themselves, so optimistic; null: no score keeps the budget */
    readonly own: Evaluation | null;
    /** each series at the threshold chosen on the others; undefined with one series */
    readonly others: LeftOut | undefined;
  };
  /** per row, inside incidents against outside, not scored counting as 0; null when one kind is absent */
  readonly rocAuc: number | null;
  /** of rows that were scored: an incident is there, or begins within the horizon; undefined when nothing was scored */
  readonly reliability: Reliability | undefined;
  readonly failovers: FailoverVerdict;
}

/** What became of the moments at which a failover would have been asked for, in the labelled time. */
export interface FailoverVerdict {
  readonly asked: number;
  /** up to an hour before an incident, or while it lasted */
  readonly inIncident: number;
  /** within half an hour after one */
  readonly after: number;
  readonly stray: number;
}

/** @param perDay false alarms per resource-day that are acceptable */
export function evaluate(tracks: readonly Track[], labelsFor: LabelsOf, perDay: number, settings: Settings): Verdict {
  const judged = tracks.map((track): Judged => {
    const labels = labelsFor(track.name);
    const outlined = outline(seriesOf(track, labels));
    return { track, labels, outline: outlined, outside: labels.incidents.length - outlined.incidents.length };
  });
  const outlines = judged.map((one) => one.outline);
  const own = thresholdForBudget(outlines, perDay);
  const rows = judged.map(({ track, labels }) => labelsOf(seriesOf(track, labels)));
  return {
    judged,
    days: outlines.reduce((sum, { days }) => sum + days, 0),
    thresholds: namedThresholds(settings).map(({ name, score }) => ({ name, evaluation: evaluateAt(outlines, score) })),
    budget: { perDay, own: own === null ? null : evaluateAt(outlines, own), others: outlines.length > 1 ? leaveOneOut(outlines, perDay) : undefined },
    rocAuc: rocAuc(joined(rows.map(({ scores }) => scores)), joined(rows.map(({ labels }) => labels))),
    reliability: reliabilityOf(judged, settings.horizonMinutes * 60_000),
    failovers: failoversOf(judged),
  };
}

export const seriesOf = ({ name, times, scores }: Track, labels: Labels): ScoredSeries => ({ name, times, scores, ...labels });

const joined = (lists: readonly ArrayLike<number>[]): Float64Array => {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
};

function reliabilityOf(judged: readonly Judged[], horizon: number): Reliability | undefined {
  const probabilities: number[] = [];
  const truths: number[] = [];
  for (const { track, labels } of judged) {
    const { labels: truth } = labelsOf(seriesOf(track, labels), horizon);
    const first = track.scores.length - truth.length;
    truth.forEach((label, index) => {
      const score = track.scores[first + index] ?? Number.NaN;
      if (Number.isNaN(score)) return;
      probabilities.push(score / 100);
      truths.push(label);
    });
  }
  return reliability(probabilities, truths);
}

function failoversOf(judged: readonly Judged[]): FailoverVerdict {
  let asked = 0;
  let inIncident = 0;
  let after = 0;
  for (const { track, labels } of judged)
    for (const { time, what } of track.decisions) {
      if (what !== 'critical' || time < (labels.labelledFrom ?? time)) continue;
      asked += 1;
      if (labels.incidents.some(({ from, until }) => time >= from - alarmRules.before && time <= until)) inIncident += 1;
      else if (labels.incidents.some(({ from, until }) => time >= from && time <= until + alarmRules.after)) after += 1;
    }
  return { asked, inIncident, after, stray: asked - inIncident - after };
}
