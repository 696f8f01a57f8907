// What a cadence costs in time: recorded incidents of real servers, found when the resource is read, against reading each period.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { detector } from '../../core/prediction/detector.ts';
import { leaveOneOut, outline } from '../../core/prediction/evaluation/alarms.ts';
import { alarmRules, type ScoredSeries } from '../../core/prediction/evaluation/labels.ts';
import { minutesByRisk } from '../../lambdas/score-risk/cadence.ts';
import { readTelemetry } from '../../rehearsal/telemetry/read-csv.ts';
import { configOf } from './fleet.ts';

const minute = 60_000;
/** A row of the recording covers so many minutes. */
const period = 5;

/** Minutes until the next reading, by what the last one said. */
export type Policy = (last: { readonly failureProbability: number | null; readonly anomalyScore: number }) => number;

export const policies: Readonly<Record<string, Policy>> = {
  'each 5 minutes': () => 5,
  'each 15 minutes': () => 15,
  'each 20 minutes': () => 20,
  'each 25 minutes': () => 25,
  'by risk': (last) => minutesByRisk(last, period),
};

export interface Server extends ScoredSeries {
  readonly times: Float64Array;
  readonly probabilities: readonly (number | null)[];
  readonly anomalies: readonly number[];
}

interface Labels {
  readonly labelledFrom: string;
  readonly incidents: readonly { readonly start: string; readonly end: string }[];
}

/** The servers of the Application Server Dataset, scored row by row; undefined when the data are not there. */
export async function scoreServers(folder: string): Promise<Server[] | undefined> {
  const path = join(folder, 'asd', 'incidents.json');
  if (!existsSync(path)) return undefined;
  const labels = JSON.parse(await readFile(path, 'utf8')) as Record<string, Labels>;
  const servers: Server[] = [];
  for (const [name, { labelledFrom, incidents }] of Object.entries(labels)) {
    const { metrics, times, rows } = await readTelemetry(join(folder, 'asd', `${name}.csv.gz`));
    const config = configOf(metrics.map((metric) => ({ name: metric, role: 'other', periodSeconds: 300 })));
    let state = detector.initial(config);
    const assessments = rows.map((row, index) => {
      const values = Object.fromEntries(metrics.flatMap((metric, column) => (Number.isNaN(row[column]) ? [] : [[metric, row[column] ?? 0]])));
      const observed = detector.observe(state, { timestamp: times[index] ?? 0, values }, config);
      state = observed.state;
      return observed.assessment;
    });
    servers.push({
      ...{ name, times, labelledFrom: Date.parse(labelledFrom) },
      incidents: incidents.map(({ start, end }) => ({ from: Date.parse(start), until: Date.parse(end) })),
      probabilities: assessments.map(({ failureProbability }) => failureProbability),
      anomalies: assessments.map(({ anomalyScore }) => anomalyScore),
      scores: Float64Array.from(assessments, ({ failureProbability }) => failureProbability ?? 0),
    });
  }
  return servers;
}

export interface Delay {
  readonly policy: string;
  /** readings of a server and day, over labelled time */
  readonly readingsADay: number;
  /** incidents found, of those that reading each period finds */
  readonly found: number;
  readonly foundAtOnce: number;
  /** later than reading each period, minutes */
  readonly mean: number;
  readonly worst: number;
}

/** Each policy, from every place that a reading may begin at. Thresholds: of the other servers, at one false alarm a server and day. */
export function measureDelays(servers: readonly Server[], compared: Readonly<Record<string, Policy>> = policies): Delay[] {
  const outlines = servers.map(outline);
  const thresholds = new Map(leaveOneOut(outlines, 1).each.map(({ name, threshold }) => [name, threshold]));
  return Object.entries(compared).map(([policy, minutes]) => {
    let [readings, days, found, atOnce, late, worst] = [0, 0, 0, 0, 0, 0];
    for (const server of servers)
      for (let place = 0; place < 6; place += 1) {
        const threshold = thresholds.get(server.name) ?? Number.POSITIVE_INFINITY;
        const readAt = readingTimes(server, minutes, place);
        const first = server.labelledFrom ?? 0;
        days += ((server.times.at(-1) ?? 0) - first) / (1440 * minute);
        readings += new Set(readAt.filter((_, index) => (server.times[index] ?? 0) >= first)).size;
        for (const { from, until } of server.incidents) {
          const rows = [...server.times.keys()].filter((index) => {
            const at = server.times[index] ?? 0;
            return at >= Math.max(first, from - alarmRules.before) && at <= until && (server.scores[index] ?? 0) >= threshold;
          });
          const hit = rows[0];
          if (hit === undefined) continue;
          atOnce += 1;
          const delay = ((readAt[hit] ?? Number.POSITIVE_INFINITY) - (server.times[hit] ?? 0)) / minute;
          if (!Number.isFinite(delay)) continue;
          found += 1;
          late += delay;
          worst = Math.max(worst, delay);
        }
      }
    return { policy, readingsADay: readings / days, found: found / 6, foundAtOnce: atOnce / 6, mean: late / found, worst };
  });
}

/** When each row is read, ms: at the first reading at or after it. */
function readingTimes({ times, probabilities, anomalies }: Server, minutes: Policy, place: number): number[] {
  const readAt = new Array<number>(times.length).fill(Number.POSITIVE_INFINITY);
  let next = (times[0] ?? 0) + place * period * minute;
  let unread = 0;
  for (let index = 0; index < times.length; index += 1) {
    const now = times[index] ?? 0;
    if (now < next) continue;
    readAt.fill(now, unread, index + 1);
    unread = index + 1;
    next = now + minutes({ failureProbability: probabilities[index] ?? null, anomalyScore: anomalies[index] ?? 0 }) * minute;
  }
  return readAt;
}
