// The service as live scoring sees it: the entry of the primary and what stands behind it, as one risk with one level.
import type { Plan } from '../../core/contracts/plan.ts';
import { initialLevel, nextLevel } from '../../core/mirroring/levels.ts';
import { type Part, sideRisk } from '../../core/prediction/service-risk.ts';
import { type History, type ScoredRow, scoreHistory } from './score.ts';
import type { Settings } from './settings.ts';
import type { Subject } from './subjects.ts';

/** A part of which nothing came for so long is held, ms. */
const silentAfter = 5 * 60_000;
/** The busiest of so many observations of the entry is the present load. */
const loadObservations = 5;

interface Newest {
  readonly history: History & { readonly subject: Subject };
  readonly rows: Iterator<ScoredRow>;
  /** not yet taken in */
  next: ScoredRow | undefined;
  last: ScoredRow | undefined;
}

/**
 * One row for each time at which a part of the primary has one. The primary stays the active side throughout: what a move would have changed is not played.
 * `histories`: the primary's entry and resources.
 */
export function* scoreService(plan: Plan, histories: readonly (History & { readonly subject: Subject })[], settings: Settings): Generator<ScoredRow> {
  const parts: Newest[] = histories.map((history) => {
    const rows = scoreHistory(history, settings)[Symbol.iterator]();
    return { history, rows, next: rows.next().value ?? undefined, last: undefined };
  });
  const first = Math.min(...parts.map(({ next }) => next?.time ?? Number.POSITIVE_INFINITY));
  let level = initialLevel(first, settings.floor);
  const rates = requestRates(histories.find(({ subject }) => subject.kind === 'entry'));
  for (;;) {
    const time = Math.min(...parts.map(({ next }) => next?.time ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(time)) return;
    for (const part of parts)
      while (part.next !== undefined && part.next.time <= time) {
        part.last = part.next;
        part.next = part.rows.next().value ?? undefined;
      }
    const entry = parts.find(({ history }) => history.subject.kind === 'entry');
    const rate = rates(time);
    const { headroom } = plan.failover;
    const needed = rate === undefined ? undefined : Math.ceil((rate * headroom) / plan.sides.primary.requestsPerSecondPerInstance);
    const resources = parts.filter((part) => part !== entry).flatMap((part) => partOf(part, time));
    const risk = sideRisk(entry ? partOf(entry, time)[0] : undefined, resources, needed);
    level = nextLevel(level, risk.held ? null : risk.score, time, settings.thresholds, settings.floor);
    const anomalyScore = Math.max(0, ...parts.map(({ last }) => last?.anomalyScore ?? 0));
    yield {
      time,
      score: risk.score,
      anomalyScore,
      expectedInMinutes: risk.expectedInMinutes,
      reasons: risk.reasons,
      level: level.level,
      critical: level.critical,
    };
  }
}

function partOf({ last, history }: Newest, time: number): Part[] {
  if (last === undefined) return [];
  const longest = Math.max(...history.columns.map(({ metric }) => metric.periodSeconds)) * 1000;
  return [
    { failureProbability: last.score, expectedInMinutes: last.expectedInMinutes, reasons: last.reasons, silent: time - last.time > silentAfter + longest },
  ];
}

/** Requests per second of the entry at or before a time, as live scoring takes them; times are asked for in order. */
function requestRates(entry: History | undefined): (time: number) => number | undefined {
  const column = entry?.columns.findIndex(({ metric }) => metric.role === 'requests') ?? -1;
  const period = entry?.columns[column]?.metric.periodSeconds;
  if (entry === undefined || period === undefined) return () => undefined;
  const { times, rows } = entry.telemetry;
  let index = -1;
  let known: number | undefined;
  return (time) => {
    let moved = false;
    while (index + 1 < times.length && (times[index + 1] ?? Number.POSITIVE_INFINITY) <= time) {
      index += 1;
      moved = true;
    }
    if (!moved) return known;
    const recent = rows.slice(Math.max(0, index + 1 - loadObservations), index + 1).map((row) => row[column] ?? Number.NaN);
    const found = recent.filter((value) => !Number.isNaN(value));
    if (found.length > 0) known = Math.max(...found) / period;
    return known;
  };
}
