// Incidents of recorded servers whose metrics have no meaning: one table per data set, each server judged by a model that has not seen it.
import { Plan } from '../../core/contracts/plan.ts';
import { type Evaluation, evaluateAt } from '../../core/prediction/evaluation/alarms.ts';
import type { ScoredSeries } from '../../core/prediction/evaluation/labels.ts';
import { modelOf, readSet, rowsOf, type SetName } from './incident-models.ts';
import { atThresholdOf, onsetAuc, outlines, scored, type Worth, worthOf } from './incident-scores.ts';
import type { Cell, Section } from './section.ts';

export interface Asked {
  readonly set: SetName;
  readonly title: string;
  readonly target: string;
  /** one half of the servers: what its threshold does on the other half is told */
  readonly half: readonly string[];
  readonly demands: Section['demands'];
}

const digits = (value: number | null | undefined, count = 3): string | null => (value === null || value === undefined ? null : value.toFixed(count));

/** Scores of each server by a model that has not seen it, kept for a process: both halves and both tables use them. */
const scores = new Map<string, Promise<ScoredSeries[]>>();

export function heldOutScores(data: string, set: SetName): Promise<ScoredSeries[]> {
  const key = `${data}/${set}`;
  const before = scores.get(key);
  if (before !== undefined) return before;
  const made = (async () => {
    const series = await readSet(data, set);
    const rows = await rowsOf(data);
    return series.map((one) =>
      scored(
        one,
        modelOf(rows, (name) => name !== one.name),
      ),
    );
  })();
  scores.set(key, made);
  return made;
}

const found = ({ found: count, incidents }: Pick<Evaluation, 'found' | 'incidents'>): string => `${count} of ${incidents.length}`;

function row(name: string, { pooled, mean, atBudget, reliability: worth }: Worth): Cell[] {
  return [
    name,
    digits(pooled),
    digits(mean),
    found(atBudget),
    digits(atBudget.medianDelayMinutes, 0),
    digits(atBudget.falseAlarmsPerDay, 2),
    digits(worth?.brier, 4),
    digits(worth?.baseBrier, 4),
    digits(worth?.ece, 4),
  ];
}

/** See `SectionRun`. */
export async function judge(data: string, { set, title, target, half, demands }: Asked): Promise<Section> {
  const horizon = Plan.shape.horizonMinutes.parse(undefined);
  const thresholds = Plan.shape.thresholds.parse(undefined);
  const all = await heldOutScores(data, set);
  const first = all.filter(({ name }) => half.includes(name));
  const other = all.filter(({ name }) => !half.includes(name));
  const whole = worthOf(all, horizon);
  const rows: Cell[][] = [row(`all ${all.length}, each by a model of the others`, whole)];
  if (other.length > 1)
    rows.push(
      row(`the other ${other.length} alone`, worthOf(other, horizon)),
      row(`${first.map(({ name }) => name.replace(/^.*-(?=[0-9-]+$)/, '')).join(', ')} alone`, worthOf(first, horizon)),
    );
  const transfer = atThresholdOf(first, other);
  for (const one of all) {
    const own = worthOf([one, one], horizon);
    const at = whole.atBudget.each.find(({ name }) => name === one.name)?.evaluation;
    rows.push([
      one.name,
      digits(own.mean),
      null,
      at ? found(at) : null,
      digits(at?.medianDelayMinutes, 0),
      digits(at?.falseAlarmsPerDay, 2),
      digits(own.reliability?.brier, 4),
      digits(own.reliability?.baseBrier, 4),
      digits(own.reliability?.ece, 4),
    ]);
  }
  const outlined = outlines(all);
  const { partial, full, critical } = thresholds;
  const defaults = Object.entries({ partial, full, critical }).map(([name, threshold]) => ({ name, threshold, at: evaluateAt(outlined, threshold) }));
  const onset = onsetAuc(all, horizon);
  const { atBudget, reliability: worth } = whole;
  return {
    name: set,
    title,
    target,
    columns: [
      'servers',
      'ROC AUC, all rows',
      'mean of servers',
      'incidents found',
      'median delay, min',
      'false alarms a day',
      `Brier (${horizon} min)`,
      'of the base rate',
      'ECE',
    ],
    rows,
    notes: [
      'Features and parameters were chosen with all of these servers in view, though each was judged by a model of the others; docs/benchmarks.md says what choosing on half of them gives.',
      `At one false alarm per server-day, the threshold of each server from the others (${atBudget.each.map(({ threshold }) => digits(threshold, 1) ?? '-').join(', ')}). Delay from the labelled beginning; an alarm in the hour before counts as a negative one.`,
      `Threshold from the first half of the servers, on the other: ${found(transfer)} found, ${digits(transfer.falseAlarmsPerDay, 2)} false alarms a day, median delay ${digits(transfer.medianDelayMinutes, 0) ?? '-'} min.`,
      `At the default thresholds: ${defaults.map(({ name, threshold, at }) => `${name} (${threshold}): ${found(at)} found, ${digits(at.falseAlarmsPerDay, 2)} false alarms a day, median delay ${digits(at.medianDelayMinutes, 0) ?? '-'} min`).join('; ')}.`,
      `Ahead of an incident (begins within ${horizon} minutes, rows inside incidents left out) the ROC AUC is ${digits(onset) ?? '-'}: too little for a probability, so the model gives none of that alone.`,
    ],
    figures: {
      [`${set}.roc`]: whole.pooled,
      [`${set}.rocMean`]: whole.mean,
      [`${set}.found`]: atBudget.recall,
      [`${set}.delay`]: atBudget.medianDelayMinutes,
      [`${set}.falseAlarms`]: atBudget.falseAlarmsPerDay,
      [`${set}.brier`]: worth?.brier ?? null,
      [`${set}.baseBrier`]: worth?.baseBrier ?? null,
      [`${set}.ece`]: worth?.ece ?? null,
      [`${set}.onset`]: onset,
      [`${set}.transferFound`]: transfer.recall,
      ...Object.fromEntries(
        defaults.flatMap(({ name, at }) => [
          [`${set}.${name}.found`, at.recall],
          [`${set}.${name}.falseAlarms`, at.falseAlarmsPerDay],
        ]),
      ),
    },
    demands,
  };
}
