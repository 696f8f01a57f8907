// Reads histories from CloudWatch, read-only, patiently when it throttles, and says what was not there.
import type { MetricDefinition } from '../../core/contracts/metrics.ts';
import { prices } from '../../core/cost/prices.ts';
import { assemble } from '../../core/prediction/assemble.ts';
import type { Point } from '../../core/prediction/port.ts';
import type { MetricRequest, TelemetryNotice } from '../../lambdas/adapters/telemetry.ts';
import type { HistoryWindow } from './history-window.ts';
import type { History } from './score.ts';
import type { Subject } from './subjects.ts';

/** The part of the telemetry adapter that is needed: nothing of it writes. */
export interface MetricReader {
  read(region: string, requests: readonly MetricRequest[], from: number, to: number, notice?: (notice: TelemetryNotice) => void): Promise<Map<string, Point[]>>;
}

export interface ReadHistories {
  readonly histories: readonly (History & { readonly subject: Subject })[];
  /** what was missing, partial or refused, for people */
  readonly notes: readonly string[];
}

/** What reading costs, before it is done. A metric counts once in each request that names it. */
export function readingCost(subjects: readonly Subject[], { from, to, period }: HistoryWindow): string {
  const metrics = subjects.reduce((sum, subject) => sum + subject.metrics.length, 0);
  const points = metrics * Math.ceil((to - from) / 1000 / period);
  const { dollars, unit } = prices.metricRead;
  const what = `${metrics} metric${metrics === 1 ? '' : 's'} of ${subjects.map(({ name }) => name).join(', ')}`;
  return `reading ${what} from CloudWatch (GetMetricData only, nothing is written): up to ${points} points, about $${(metrics * dollars).toFixed(5)} at $${dollars} per ${unit} (list price in us-east-1, not checked against a bill)`;
}

const longestPause = 30_000;
const mostAttempts = 7;

/** Repeats what AWS throttles or fails to serve; the SDK has tried four times each time. */
async function patiently<Result>(attempt: () => Promise<Result>, tell: (text: string) => void, pause: (ms: number) => Promise<void>): Promise<Result> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (count >= mostAttempts || !/Throttl|TooManyRequests|RequestLimit|SlowDown|ServiceUnavailable|InternalServiceFault|InternalFailure/.test(name))
        throw error;
      const wait = Math.min(longestPause, 1000 * 2 ** count) * (0.5 + Math.random() / 2);
      tell(`CloudWatch asks to go slower (${name}); going on in ${(wait / 1000).toFixed(0)} s`);
      await pause(wait);
    }
  }
}

const day = 86_400_000;
const hour = 3_600_000;

/** Reads a time at once; when the answer takes too long to come, by halves of it. */
async function readInParts(read: (from: number, to: number) => Promise<Map<string, Point[]>>, from: number, to: number): Promise<Map<string, Point[]>> {
  try {
    return await read(from, to);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TimeoutError') || to - from < day) throw error;
    const middle = Math.ceil((from + to) / 2 / hour) * hour;
    const [early, late] = [await readInParts(read, from, middle), await readInParts(read, middle, to)];
    // A metric that could not be read in one half could not be read.
    return new Map([...early].flatMap(([key, points]) => (late.has(key) ? [[key, [...points, ...(late.get(key) ?? [])]]] : [])));
  }
}

/** The period of a metric as it is read: never finer than what CloudWatch still has. */
const readAs = (metric: MetricDefinition, { period }: HistoryWindow): MetricDefinition => ({
  ...metric,
  // The plan knows periods of one and five minutes only; what is older is read by the hour.
  periodSeconds: Math.max(metric.periodSeconds, period) as MetricDefinition['periodSeconds'],
});

/**
 * Reads every subject, one after another. A subject without any point is left out, and a note says so.
 * @param now ms: points that may still change are left out, as in live scoring
 */
export async function readHistories(
  reader: MetricReader,
  subjects: readonly Subject[],
  window: HistoryWindow,
  now: number,
  tell: (text: string) => void,
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<ReadHistories> {
  const notes: string[] = [];
  const histories: (History & { subject: Subject })[] = [];
  for (const subject of subjects) {
    const metrics = subject.metrics.map((metric) => readAs(metric, window));
    const requests = metrics.map((metric) => ({ key: metric.name, metric }));
    let notices = new Set<string>();
    const points = await patiently(
      () => {
        notices = new Set();
        const hear = ({ key, code, text }: TelemetryNotice) => {
          notices.add(`${subject.name}${key === undefined ? '' : `, ${key}`}: CloudWatch says ${code}${text === '' ? '' : ` (${text})`}`);
        };
        return readInParts((from, to) => reader.read(subject.region, requests, from, to, hear), window.from, window.to);
      },
      tell,
      pause,
    );
    notes.push(...notices, ...absences(subject, metrics, points));
    const observations = assemble(metrics, points, null, now);
    if (observations.length === 0) {
      notes.push(`${subject.name}: no metric has a point; it is left out. Check the id, the Region (${subject.region}) and the time`);
      continue;
    }
    histories.push({
      name: subject.name,
      subject,
      columns: metrics.map((metric) => ({ metric, factor: 1 })),
      telemetry: {
        metrics: metrics.map(({ name }) => name),
        times: Float64Array.from(observations, ({ timestamp }) => timestamp),
        rows: observations.map(({ values }) => Float64Array.from(metrics, ({ name }) => values[name] ?? Number.NaN)),
      },
    });
  }
  return { histories, notes };
}

/** Metrics without points, metrics that were refused, and metrics that come less often than they are read. */
function absences(subject: Subject, metrics: readonly MetricDefinition[], points: ReadonlyMap<string, readonly Point[]>): string[] {
  const hasRequests = metrics.some(({ name, role }) => role === 'requests' && (points.get(name)?.length ?? 0) > 0);
  return metrics.flatMap((metric) => {
    const where = `${subject.name}, ${metric.name} (${metric.namespace} ${metric.metric}, ${dimensionsOf(metric)})`;
    const found = points.get(metric.name);
    if (found === undefined) return [`${where}: CloudWatch could not or may not read it; it counts as missing`];
    if (found.length === 0) {
      // A balancer reports errors only where there are any.
      if (metric.role === 'errors' && hasRequests) return [];
      const agent =
        metric.namespace === 'CWAgent'
          ? '; let the CloudWatch agent run and aggregate by InstanceId alone, or give the metric with its dimensions in a plan'
          : '';
      return [`${where}: no points${agent}`];
    }
    const gaps = found.slice(1).map(({ timestamp }, index) => timestamp - (found[index]?.timestamp ?? timestamp));
    const usual = (gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0) / 1000;
    if (metric.role !== 'errors' && usual > metric.periodSeconds)
      return [`${where}: a point every ${usual} s only; with detailed monitoring there is one every 60 s`];
    return [];
  });
}

const dimensionsOf = ({ dimensions }: MetricDefinition) =>
  Object.entries(dimensions ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
