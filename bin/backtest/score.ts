// Runs the detector and the levels over one history, row by row, as they would have run then.
import { initialLevel, nextLevel } from '../../core/mirroring/levels.ts';
import { detector } from '../../core/prediction/detector.ts';
import type { DetectorConfig, Reason } from '../../core/prediction/port.ts';
import type { Column } from '../../rehearsal/telemetry/infer-roles.ts';
import type { Telemetry } from '../../rehearsal/telemetry/read-csv.ts';
import type { BacktestLine } from '../commands/backtest-line.ts';
import type { Settings } from './settings.ts';

/** What is scored as one: a file, a resource, or the entry of a side. */
export interface History {
  /** file name without its endings, instance id, or `entry-SIDE` */
  readonly name: string;
  readonly telemetry: Telemetry;
  /** one for each metric of the telemetry */
  readonly columns: readonly Column[];
}

export interface ScoredRow {
  /** ms since the epoch */
  readonly time: number;
  readonly score: number | null;
  readonly anomalyScore: number;
  readonly expectedInMinutes: number | null;
  readonly reasons: readonly Reason[];
  readonly level: BacktestLine['mirroringLevel'];
  readonly critical: boolean;
}

/** One for each row, in order. What is said of a row depends on it and the rows before it. */
export function* scoreHistory({ telemetry, columns }: History, settings: Settings): Generator<ScoredRow> {
  const { thresholds, floor, ...shared } = settings;
  const config: DetectorConfig = { ...shared, metrics: columns.map(({ metric }) => metric) };
  let state = detector.initial(config);
  let level = initialLevel(telemetry.times[0] ?? 0, floor);
  for (const [index, row] of telemetry.rows.entries()) {
    const time = telemetry.times[index] ?? 0;
    const values: Record<string, number> = {};
    columns.forEach(({ metric, factor }, column) => {
      const value = row[column] ?? Number.NaN;
      if (!Number.isNaN(value)) values[metric.name] = value * factor;
    });
    const observed = detector.observe(state, { timestamp: time, values }, config);
    state = observed.state;
    const { failureProbability: score, anomalyScore, reasons, expectedInMinutes } = observed.assessment;
    level = nextLevel(level, score, time, thresholds, floor);
    yield { time, score, anomalyScore, expectedInMinutes, reasons, level: level.level, critical: level.critical };
  }
}

/** ISO 8601 with Z, without milliseconds where there are none. */
export const isoTime = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

/** A row as a line of `--json`. `series`: where several are scored. */
export const lineOf = ({ time, score, anomalyScore, level, reasons }: ScoredRow, series?: string): BacktestLine => ({
  ...(series === undefined ? {} : { series }),
  timestamp: isoTime(time),
  failureProbability: score,
  anomalyScore,
  mirroringLevel: level,
  reasons: [...reasons],
});
