// `backtest`: your own metric history in, the risk timeline out. Read-only, each row judged by itself and earlier rows.
import { parseArgs } from 'node:util';
import { Plan } from '../../core/contracts/plan.ts';
import { initialLevel, nextLevel } from '../../core/mirroring/levels.ts';
import { detector } from '../../core/prediction/detector.ts';
import type { DetectorConfig } from '../../core/prediction/port.ts';
import { inferColumns } from '../../rehearsal/telemetry/infer-roles.ts';
import { readTelemetry, type Telemetry, TelemetryFileError } from '../../rehearsal/telemetry/read-csv.ts';
import type { BacktestLine } from './backtest-line.ts';
import { summarise } from './backtest-summary.ts';
import { type Command, callerPath, InputError } from './command.ts';
import { writeLines } from './write-lines.ts';

const usage = `usage: npm run -s backtest -- FILE.csv[.gz] [--json]

Reads a CSV file (first column timestamp, every other column a metric) and says what failure probability and mirroring
level Forestall would have given at each row. --json prints one JSON object per row. See docs/backtest.md.`;

/** ISO 8601 with Z, without milliseconds where there are none. */
const isoTime = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

/** One line per row, in order. */
export function* backtest(telemetry: Telemetry): Generator<BacktestLine> {
  const columns = inferColumns(telemetry.metrics);
  const { horizonMinutes, objective, thresholds } = Plan.shape;
  const config: DetectorConfig = {
    metrics: columns.map(({ metric }) => metric),
    horizonMinutes: horizonMinutes.parse(undefined),
    objective: objective.parse(undefined),
  };
  const levels = thresholds.parse(undefined);
  let state = detector.initial(config);
  let level = initialLevel(telemetry.times[0] ?? 0);
  for (const [index, row] of telemetry.rows.entries()) {
    const timestamp = telemetry.times[index] ?? 0;
    const values: Record<string, number> = {};
    columns.forEach(({ metric, factor }, column) => {
      const value = row[column] ?? Number.NaN;
      if (!Number.isNaN(value)) values[metric.name] = value * factor;
    });
    const observed = detector.observe(state, { timestamp, values }, config);
    state = observed.state;
    const { failureProbability, anomalyScore, reasons } = observed.assessment;
    level = nextLevel(level, failureProbability, timestamp, levels);
    yield { timestamp: isoTime(timestamp), failureProbability, anomalyScore, mirroringLevel: level.level, reasons: [...reasons] };
  }
}

function* asJson(lines: Iterable<BacktestLine>): Generator<string> {
  for (const line of lines) yield JSON.stringify(line);
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } }, allowPositionals: true });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new InputError(`name one CSV file\n${usage}`);
  const telemetry = await readTelemetry(callerPath(file)).catch((error: unknown) => {
    throw error instanceof TelemetryFileError ? new InputError(error.message, { cause: error }) : error;
  });
  const lines = backtest(telemetry);
  await writeLines(process.stdout, values.json ? asJson(lines) : summarise(file, telemetry.metrics, lines));
  return 0;
}

export const command: Command = { usage, run };
