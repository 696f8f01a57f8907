// The readable evaluation of a backtest against incidents: what each threshold would have found, each incident, and the threshold for a budget.
import type { Evaluation } from '../../core/prediction/evaluation/alarms.ts';
import type { Verdict } from '../backtest/evaluate.ts';
import { isoTime } from '../backtest/score.ts';
import { plural } from './backtest-summary.ts';

const incidentsShown = 60;

export const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(0)} %`);

/** `12 min after its start`, `30 min ahead`, `at its start`; '-' for null. */
export function delayText(minutes: number | null): string {
  if (minutes === null) return '-';
  if (minutes === 0) return 'at its start';
  const size = Math.abs(minutes);
  const length = size < 120 ? `${Math.round(size)} min` : `${(size / 60).toFixed(1)} h`;
  return minutes < 0 ? `${length} ahead` : `${length} after`;
}

/** One row per line, columns aligned. */
function* table(rows: readonly (readonly string[])[]): Generator<string> {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, column) => Math.max(most[column] ?? 0, cell.length)), []);
  for (const row of rows) yield `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
}

const columns = ['found', 'by chance', 'median delay', 'false alarms', 'a resource-day', 'precision', 'recall'];
const cellsOf = ({
  found,
  foundByChance,
  incidents,
  medianDelayMinutes,
  falseAlarms,
  falseAlarmsPerDay,
  precision,
  recall,
}: Omit<Evaluation, 'threshold'>): string[] => [
  `${found} of ${incidents.length}`,
  foundByChance.toFixed(1),
  delayText(medianDelayMinutes),
  String(falseAlarms),
  falseAlarmsPerDay.toFixed(2),
  percent(precision),
  percent(recall),
];

/** Lines of the evaluation. */
export function* verdictLines(verdict: Verdict): Generator<string> {
  const { judged, days, thresholds, budget, rocAuc, reliability, failovers } = verdict;
  const outside = judged.reduce((sum, one) => sum + one.outside, 0);
  const incidents = judged.reduce((sum, one) => sum + one.outline.incidents.length, 0);
  yield '';
  yield `against ${plural(incidents, 'incident')} in ${days.toFixed(1)} labelled resource-days${outside > 0 ? ` (${outside} more lie outside the labelled history and are not judged)` : ''}:`;
  const { own, others, perDay } = budget;
  yield* table([
    ['threshold', ...columns],
    ...thresholds.map(({ name, evaluation }) => [`${evaluation.threshold} (${name})`, ...cellsOf(evaluation)]),
    ...(own ? [[`${own.threshold} (budget, own)`, ...cellsOf(own)]] : []),
    ...(others ? [['(budget, others)', ...cellsOf(others)]] : []),
  ]);
  yield budgetText(verdict, perDay);
  if (others)
    yield `budget, others: each series judged at the threshold that the other series give (${others.each.map(({ name, threshold }) => `${name} ${threshold ?? 'none'}`).join(', ')})`;
  yield `in the labelled history a failover would have been asked for ${plural(failovers.asked, 'time')}: ${failovers.inIncident} in or up to an hour before an incident, ${failovers.after} within half an hour after one, ${failovers.stray} at no incident`;
  yield* incidentLines(verdict);
  if (rocAuc !== null) yield `how well the score ranks rows inside incidents over rows outside (ROC AUC): ${rocAuc.toFixed(3)}`;
  if (reliability && incidents > 0) {
    const { brier, baseBrier, baseRate, ece } = reliability;
    const skill = brier < baseBrier ? 'better than' : 'no better than';
    yield `as a probability: Brier score ${brier.toFixed(4)}, ${skill} always saying the base rate of ${(baseRate * 100).toFixed(1)} % (${baseBrier.toFixed(4)}); calibration error ${ece.toFixed(3)}`;
  }
  yield 'false alarm: a begun hour with a row at or above the threshold outside incidents, an hour of grace before and 30 minutes after. Found: such a row inside, or up to an hour before. By chance: as many would be found by as many false alarms at random times.';
}

function budgetText({ budget: { own } }: Verdict, asked: number): string {
  const wish = `${plural(asked, 'false alarm')} per resource-day`;
  if (own === null) return `no threshold keeps to ${wish} on this history`;
  return `budget, own: ${own.threshold} is the lowest threshold with at most ${wish}; chosen on the very history it is judged on, so optimistic`;
}

function* incidentLines({ thresholds }: Verdict): Generator<string> {
  const incidents = thresholds[0]?.evaluation.incidents ?? [];
  if (incidents.length === 0) return;
  const several = new Set(incidents.map(({ series }) => series)).size > 1;
  yield 'each incident, and the first alarm at each threshold:';
  yield* table([
    [...(several ? ['series'] : []), 'start', 'end', ...thresholds.map(({ name, evaluation }) => `${evaluation.threshold} (${name})`)],
    ...incidents.slice(0, incidentsShown).map(({ series, from, until }, index) => [
      ...(several ? [series] : []),
      isoTime(from),
      isoTime(until),
      ...thresholds.map(({ evaluation }) => {
        const delay = evaluation.incidents[index]?.delayMinutes ?? null;
        return delay === null ? 'missed' : delayText(delay);
      }),
    ]),
  ]);
  if (incidents.length > incidentsShown) yield `  ... and ${incidents.length - incidentsShown} more, all with --report`;
}
