// Recorded metrics with labelled incidents, replayed as the primary's: while an incident lasts, half of the primary's requests fail.
import type { MetricDefinition } from '../../core/contracts/metrics.ts';
import { Plan } from '../../core/contracts/plan.ts';
import { Draws } from '../world/draws.ts';
import { drawEnvironment } from '../world/environment.ts';
import { type Degradation, day, Faults, minute, second } from '../world/faults.ts';
import { historyLength, type Recording, type Run } from '../world/run.ts';
import { longTick } from './scenario.ts';

export const recordedNamespace = 'Rehearsal/Recorded';
const failingInAnIncident = 0.5;
const instanceOfTheRecording = 'i-0123456789abcdef0';

/** The run of a recording: its first days are CloudWatch's history, the rest is played. Only the recorded metrics are scored. */
export function drawTelemetryRun(recording: Recording, seed: number, plan: Plan): Run {
  const draws = new Draws(seed, 'telemetry');
  const { metrics, times } = recording.telemetry;
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? first;
  const start = Math.ceil((first + Math.min(historyLength, (last - first) / 4)) / minute) * minute;
  const periodSeconds = medianSpacing(times) >= 300 * second ? 300 : 60;
  const period = periodSeconds * second;
  const end = Math.ceil((last + period) / minute) * minute;
  const faults = recording.incidents.map(
    ({ from, until }): Degradation => ({
      kind: 'degradation',
      label: 'labelled incident',
      side: 'primary',
      from,
      until: until + period,
      latency: [[from, 1]],
      errors: [[from, failingInAnIncident]],
      seenByChecks: true,
    }),
  );
  const data = { namespace: recordedNamespace, metricNames: metrics, instanceId: instanceOfTheRecording };
  return {
    scenario: 'telemetry',
    seed,
    description: `${metrics.length} recorded metrics over ${((end - start) / day).toFixed(1)} days with ${recording.incidents.length} labelled incidents, in which half of the primary's requests fail.`,
    plan: planFor(plan, metrics, periodSeconds),
    start,
    end,
    onset: null,
    primaryFails: false,
    tick: longTick,
    environment: drawEnvironment(draws, plan),
    faults: new Faults(faults),
    parameters: draws.drawn,
    recording: { ...recording, periodSeconds, data },
  };
}

/** The plan with the recorded metrics of one instance, and nothing else, to score. */
function planFor(plan: Plan, metrics: readonly string[], periodSeconds: 60 | 300): Plan {
  const definitions = metrics.map(
    (metric, index): MetricDefinition => ({
      name: nameOf(metric, index),
      namespace: recordedNamespace,
      metric,
      statistic: 'Average',
      periodSeconds,
      role: 'other',
    }),
  );
  return Plan.parse({
    ...plan,
    entryMetrics: [],
    sides: {
      ...plan.sides,
      primary: { ...plan.sides.primary, resources: [{ kind: 'ec2-instance', ids: [instanceOfTheRecording], metrics: definitions }] },
    },
  });
}

/** Names in plans are of lower-case letters, digits and hyphens; the column keeps two of them apart. */
function nameOf(metric: string, index: number): string {
  const plain = metric
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain === metric ? plain.slice(0, 48) : `${plain.slice(0, 40)}-${index + 1}`.replace(/^-/, '');
}

function medianSpacing(times: Float64Array): number {
  const spacings = Array.from(times.subarray(1), (time, index) => time - (times[index] ?? time))
    .filter((spacing) => spacing > 0)
    .sort((a, b) => a - b);
  return spacings[Math.floor(spacings.length / 2)] ?? minute;
}
