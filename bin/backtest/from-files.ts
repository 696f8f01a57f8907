// Histories from CSV files; with a plan, columns that have the name of one of its metrics are what the plan says.
import { basename } from 'node:path';
import { defaultResourceMetrics, type MetricDefinition } from '../../core/contracts/metrics.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import { entryMetricsOf } from '../../lambdas/apply-plan/subject-metrics.ts';
import { type Column, inferColumns } from '../../rehearsal/telemetry/infer-roles.ts';
import { readTelemetry, TelemetryFileError } from '../../rehearsal/telemetry/read-csv.ts';
import { callerPath, InputError } from '../commands/command.ts';
import type { History } from './score.ts';

/** One history for each file, in their order. Throws `InputError` naming file, line and remedy. */
export async function historiesFromFiles(files: readonly string[], plan: Plan | undefined): Promise<History[]> {
  const stems = files.map((file) => basename(file).replace(/(\.csv)?(\.gz)?$/i, ''));
  const histories: History[] = [];
  for (const [index, file] of files.entries()) {
    const stem = stems[index] ?? file;
    const telemetry = await readTelemetry(callerPath(file)).catch((error: unknown) => {
      throw error instanceof TelemetryFileError ? new InputError(error.message, { cause: error }) : error;
    });
    const name = stems.indexOf(stem) === stems.lastIndexOf(stem) ? stem : file;
    if (histories.some((other) => other.name === name)) throw new InputError(`${file} is named twice; name each file once`);
    histories.push({ name, telemetry, columns: columnsOf(telemetry.metrics, plan) });
  }
  return histories;
}

/** What the columns mean: the plan's metric of the same name, else what the name tells. */
export function columnsOf(names: readonly string[], plan: Plan | undefined): Column[] {
  const inferred = inferColumns(names);
  if (plan === undefined) return inferred;
  const metrics: readonly MetricDefinition[] = [
    ...entryMetricsOf(plan, 'primary'),
    ...plan.sides.primary.resources.flatMap((selector) => selector.metrics ?? defaultResourceMetrics[selector.kind]),
  ];
  return inferred.map((column) => {
    const planned = metrics.find(({ name }) => name === column.metric.name);
    return planned ? { metric: planned, factor: 1 } : column;
  });
}
