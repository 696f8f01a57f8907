// Alarms against labelled incidents: what a threshold would have found, how late, at how many false alarms, and which threshold fits a budget of them.
import { alarmRules, firstAfter, firstAt, firstLabelled, type Incident, judged, type ScoredSeries } from './labels.ts';

const minute = 60_000;
const day = 86_400_000;

/** All that thresholds are judged by, at a fraction of the rows. */
export interface Outline {
  readonly name: string;
  /** labelled time, days */
  readonly days: number;
  /** the highest score of each begun hour outside incidents and their grace, highest first */
  readonly hours: Float64Array;
  /** scores that occurred in labelled rows, each once, rising: thresholds between two of them do the same */
  readonly scores: Float64Array;
  readonly incidents: readonly OutlinedIncident[];
}

export interface OutlinedIncident extends Incident {
  /** rows that were higher than all before them since `alarmRules.before` ahead of the incident, in order of time */
  readonly climbs: readonly { readonly time: number; readonly score: number }[];
}

export interface FoundIncident extends Incident {
  readonly series: string;
  /** first row at or above the threshold, ms; null: missed */
  readonly alarmAt: number | null;
  /** from the incident's start to the alarm; negative: ahead of it */
  readonly delayMinutes: number | null;
}

export interface Evaluation {
  readonly threshold: number;
  /** labelled time over all series */
  readonly days: number;
  readonly incidents: readonly FoundIncident[];
  readonly found: number;
  /** incidents that alarms at random times would have found, at this rate of false ones: what `found` has to beat */
  readonly foundByChance: number;
  readonly medianDelayMinutes: number | null;
  /** begun hours with a row at or above the threshold outside incidents and grace */
  readonly falseAlarms: number;
  readonly falseAlarmsPerDay: number;
  /** incidents found, of these and the false alarms together; null when there was no alarm */
  readonly precision: number | null;
  /** share of the incidents that was found; null without incidents */
  readonly recall: number | null;
}

/**
 * Reads one series once. Incidents that begin before `labelledFrom`, or of which no labelled row is near, are not judged; rows near them are no
 * false alarms all the same. A series without labelled rows has 0 days.
 */
export function outline(series: ScoredSeries): Outline {
  const { name, times, incidents } = series;
  const first = firstLabelled(series);
  const rows = times.length;
  const near = new Uint8Array(rows);
  const outlined: OutlinedIncident[] = [];
  for (const { from, until } of incidents) {
    const begin = Math.max(first, firstAt(times, from - alarmRules.before));
    const end = firstAfter(times, until);
    near.fill(1, begin, Math.max(begin, firstAfter(times, until + alarmRules.after)));
    if (begin < end && from >= (series.labelledFrom ?? Number.NEGATIVE_INFINITY)) outlined.push({ from, until, climbs: climbsOf(series, begin, end) });
  }
  const byHour = new Map<number, number>();
  const scores = new Set<number>();
  for (let index = first; index < rows; index += 1) {
    const score = judged(series.scores[index]);
    scores.add(score);
    if (near[index]) continue;
    const hour = Math.floor((times[index] ?? 0) / alarmRules.hour);
    if (score > (byHour.get(hour) ?? Number.NEGATIVE_INFINITY)) byHour.set(hour, score);
  }
  return {
    name,
    days: labelledDays(times, first),
    hours: Float64Array.from(byHour.values()).sort().reverse(),
    scores: Float64Array.from(scores).sort(),
    incidents: outlined.sort((a, b) => a.from - b.from),
  };
}

function climbsOf({ times, scores }: ScoredSeries, begin: number, end: number): OutlinedIncident['climbs'] {
  const climbs: { time: number; score: number }[] = [];
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = begin; index < end; index += 1) {
    const score = judged(scores[index]);
    if (score <= highest) continue;
    highest = score;
    climbs.push({ time: times[index] ?? 0, score });
  }
  return climbs;
}

/** From the first labelled row to the end of the last one, which lasts as long as the usual step. */
function labelledDays(times: ArrayLike<number>, first: number): number {
  if (first >= times.length) return 0;
  const steps = Array.from({ length: times.length - 1 - first }, (_, index) => (times[first + index + 1] ?? 0) - (times[first + index] ?? 0)).sort(
    (a, b) => a - b,
  );
  const span = (times[times.length - 1] ?? 0) - (times[first] ?? 0);
  return (span + (steps[steps.length >> 1] ?? 0)) / day;
}

/** What a threshold would have done over all series together. An alarm is a row whose score is at or above it. */
export function evaluateAt(outlines: readonly Outline[], threshold: number): Evaluation {
  const incidents = outlines.flatMap(({ name, incidents }) => incidents.map((incident) => judgeIncident(name, incident, threshold)));
  const falseAlarms = outlines.reduce((sum, { hours }) => sum + countAtOrAbove(hours, threshold), 0);
  return evaluation(threshold, incidents, falseAlarms, totalDays(outlines));
}

function judgeIncident(series: string, { from, until, climbs }: OutlinedIncident, threshold: number): FoundIncident {
  const alarm = climbs.find(({ score }) => score >= threshold);
  return { series, from, until, alarmAt: alarm?.time ?? null, delayMinutes: alarm ? (alarm.time - from) / minute : null };
}

function evaluation(threshold: number, incidents: readonly FoundIncident[], falseAlarms: number, days: number): Evaluation {
  const delays = incidents.flatMap(({ delayMinutes }) => (delayMinutes === null ? [] : [delayMinutes]));
  const found = delays.length;
  const falseAlarmsPerDay = days > 0 ? falseAlarms / days : 0;
  return {
    threshold,
    days,
    incidents,
    found,
    foundByChance: incidents.reduce((sum, incident) => sum + chanceOf(incident, falseAlarmsPerDay), 0),
    medianDelayMinutes: median(delays),
    falseAlarms,
    falseAlarmsPerDay,
    precision: found + falseAlarms > 0 ? found / (found + falseAlarms) : null,
    recall: incidents.length > 0 ? found / incidents.length : null,
  };
}

/** The probability that one or more of alarms that come at random (a Poisson process) falls to where it would count as finding the incident. */
const chanceOf = ({ from, until }: Incident, alarmsPerDay: number): number => -Math.expm1((-alarmsPerDay * (until - from + alarmRules.before)) / day);

/**
 * The lowest score that, as a threshold, has at most `perDay` false alarms per resource-day over all series together; null when even the highest score that
 * occurred has more. Found on these very series it is optimistic for them: choose it on others, as `leaveOneOut` does.
 */
export function thresholdForBudget(outlines: readonly Outline[], perDay: number): number | null {
  const hours = Float64Array.from(outlines.flatMap((one) => [...one.hours]))
    .sort()
    .reverse();
  const tooMany = hours[Math.floor(perDay * totalDays(outlines) + 1e-9)];
  // Only scores above what would be one alarm too many will do; a threshold of 0 would be an alarm at every row.
  const above = Math.max(0, tooMany ?? 0);
  let lowest: number | null = null;
  for (const { scores } of outlines) {
    const score = scores[firstAfter(scores, above)];
    if (score !== undefined && (lowest === null || score < lowest)) lowest = score;
  }
  return lowest;
}

export interface LeftOut extends Omit<Evaluation, 'threshold'> {
  /** of each series: judged at the threshold that the others gave; null threshold: the others gave none, nothing was raised */
  readonly each: readonly { readonly name: string; readonly threshold: number | null; readonly evaluation: Evaluation }[];
}

/** Each series judged at the threshold that fits the budget on all the others, and all together. Throws RangeError for fewer than two series. */
export function leaveOneOut(outlines: readonly Outline[], perDay: number): LeftOut {
  if (outlines.length < 2) throw new RangeError('a threshold chosen on other series needs at least two of them');
  const each = outlines.map((one) => {
    const threshold = thresholdForBudget(
      outlines.filter((other) => other !== one),
      perDay,
    );
    return { name: one.name, threshold, evaluation: evaluateAt([one], threshold ?? Number.POSITIVE_INFINITY) };
  });
  const incidents = each.flatMap((one) => one.evaluation.incidents);
  const falseAlarms = each.reduce((sum, one) => sum + one.evaluation.falseAlarms, 0);
  const { threshold: _none, ...together } = evaluation(Number.NaN, incidents, falseAlarms, totalDays(outlines));
  return { ...together, each };
}

const totalDays = (outlines: readonly Outline[]): number => outlines.reduce((sum, { days }) => sum + days, 0);

/** Of a list that falls. */
function countAtOrAbove(falling: Float64Array, threshold: number): number {
  let low = 0;
  let high = falling.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((falling[middle] ?? 0) >= threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The middle one, or the mean of the middle two; null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? upper) + upper) / 2;
}
