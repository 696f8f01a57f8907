// What the bench found, as figures and as tables.
import { anomalyAlarms, fixedPolling } from '../../core/cost/alternatives.ts';
import { costOfUsage, prices, sumOfUsage, timesUsage, type Usage } from '../../core/cost/prices.ts';
import type { Delay } from './delay.ts';
import type { ByLibrary } from './libraries.ts';
import type { Alone, BySubject } from './pure.ts';
import type { FleetResult, FleetRun } from './through-handler.ts';

export interface Findings {
  readonly alone: Alone;
  readonly bySubject: readonly BySubject[];
  readonly libraries: readonly ByLibrary[];
  readonly calm: { readonly run: FleetRun; readonly result: FleetResult };
  readonly uneasy: { readonly run: FleetRun; readonly result: FleetResult };
  /** undefined: the recordings are not there */
  readonly delays: readonly Delay[] | undefined;
}

const daysAMonth = 30;
/** A month of so many resources like those of the run, and of what a Region has once. */
export const monthly = ({ run, result }: Findings['calm'], resources: number): Usage =>
  sumOfUsage([timesUsage(result.usage, (daysAMonth * resources) / (run.services * run.each)), timesUsage(result.fixed, daysAMonth)]);

export interface Figures {
  readonly millisecondsAResource: number;
  readonly microsecondsAPoint: number;
  readonly stateBytes: { readonly median: number; readonly largest: number; readonly largestUneasy: number };
  readonly resourcesASecondAndCore: number;
  readonly metricsAResourceDay: { readonly calm: number; readonly uneasy: number };
  readonly timesFasterThan: Readonly<Record<string, number>>;
  readonly dollarsAMonth: { readonly calm: number; readonly polling5: number; readonly anomalyAlarms: number };
  readonly delayMinutes: { readonly mean: number; readonly worst: number } | null;
}

export function figuresOf({ alone, libraries, calm, uneasy, delays }: Findings): Figures {
  const byRisk = delays?.find(({ policy }) => policy === 'by risk');
  return {
    millisecondsAResource: alone.millisecondsAResource,
    microsecondsAPoint: alone.microsecondsAPoint,
    stateBytes: { ...calm.result.stateBytes, largestUneasy: uneasy.result.stateBytes.largest },
    resourcesASecondAndCore: calm.result.scored / calm.result.processorSeconds,
    metricsAResourceDay: { calm: calm.result.metricsAResourceDay, uneasy: uneasy.result.metricsAResourceDay },
    timesFasterThan: Object.fromEntries(libraries.map(({ library, millisecondsAResource }) => [library, millisecondsAResource / alone.millisecondsAResource])),
    dollarsAMonth: {
      calm: costOfUsage(monthly(calm, 1000)).dollars,
      polling5: fixedPolling(1000, 8, 5).dollars,
      anomalyAlarms: anomalyAlarms(1000, 8).dollars,
    },
    delayMinutes: byRisk ? { mean: byRisk.mean, worst: byRisk.worst } : null,
  };
}

/** Limits that a figure has to keep; what is above is said. */
export function broken(figures: Figures): string[] {
  const limits: readonly (readonly [what: string, value: number, most: number])[] = [
    ['milliseconds a resource of pure scoring', figures.millisecondsAResource, 0.5],
    ['microseconds a point and metric', figures.microsecondsAPoint, 10],
    ['bytes of state of the largest resource', Math.max(figures.stateBytes.largest, figures.stateBytes.largestUneasy), 4096],
    ['dollars a month for a calm fleet', figures.dollarsAMonth.calm, 250],
  ];
  return limits.filter(([, value, most]) => value > most).map(([what, value, most]) => `${what}: ${value.toFixed(2)}, at most ${most}`);
}

const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const whole = (value: number) => Math.round(value).toLocaleString('en');
const dollars = (value: number) => `$${value < 10 ? value.toFixed(2) : whole(value)}`;

export function print(findings: Findings): string {
  const { alone, bySubject, libraries, calm, uneasy, delays } = findings;
  const figures = figuresOf(findings);
  const month = monthly(calm, 1000);
  const cost = costOfUsage(month);
  const perService = (calm.run.services * 1000) / (calm.run.services * calm.run.each);
  const parts = [
    `Pure scoring of a resource of 8 metrics: ${alone.millisecondsAResource.toFixed(3)} ms a minute of telemetry, ${alone.microsecondsAPoint.toFixed(2)} us a point and metric; ` +
      `packing its state ${alone.packMicroseconds.toFixed(0)} us, reading it ${alone.parseMicroseconds.toFixed(0)} us. State after eight days: median ${whole(figures.stateBytes.median)} bytes, largest ${whole(figures.stateBytes.largest)}.`,
    table(
      ['the same with', 'work', 'ms a resource', 'times as long'],
      libraries.map(({ library, work, millisecondsAResource }) => [
        library,
        work,
        millisecondsAResource.toFixed(3),
        (millisecondsAResource / alone.millisecondsAResource).toFixed(1),
      ]),
    ),
    table(
      ['subject', 'exponential mean, us a point', 'detector', 'with stored state'],
      bySubject.map((one) => [
        one.subject,
        one.trivial.toFixed(3),
        `${one.detector.toFixed(2)} (x${(one.detector / one.trivial).toFixed(0)})`,
        one.stored.toFixed(2),
      ]),
    ),
    `Through the functions, the simulated cloud in the same process: ${whole(calm.run.services * calm.run.each)} resources of 8 metrics in ${calm.run.services} services for ${calm.run.minutes} minutes, ` +
      `${whole(calm.result.scored)} scorings in ${calm.result.processorSeconds.toFixed(1)} s: ${whole(figures.resourcesASecondAndCore)} a second and core.`,
    table(
      ['fleet', 'metrics requested a resource-day', 'scorings', 'read units', 'write units', 'messages', 'invocations', 'largest state, bytes'],
      [
        ['calm', calm],
        ['uneasy', uneasy],
      ].map(([name, one]) => {
        const { result } = one as Findings['calm'];
        return [
          name as string,
          whole(result.metricsAResourceDay),
          whole(result.scored),
          whole(result.counts.readUnits),
          whole(result.counts.writeUnits),
          whole(result.counts.messages),
          whole(result.invocations),
          whole(result.stateBytes.largest),
        ];
      }),
    ),
    `A month of 1,000 calm resources in ${perService} services, with the services' own metrics: ${dollars(cost.dollars)}; polling each 5 minutes ${dollars(figures.dollarsAMonth.polling5)} for GetMetricData alone, alarms on anomaly bands ${dollars(figures.dollarsAMonth.anomalyAlarms)}.`,
    table(
      ['unit', 'a month', '$'],
      cost.lines
        .filter(({ count }) => count > 0)
        .map(({ name, count, dollars: sum }) => [prices[name].unit, name === 'logGigabyte' ? count.toFixed(2) : whole(count), sum.toFixed(2)]),
    ),
    delays === undefined
      ? 'Delay by cadence: the recordings of the Application Server Dataset are not there (FORESTALL_DATA), not measured.'
      : table(
          ['cadence', 'readings a resource-day', 'GetMetricData, $ a month', 'incidents found', 'delay, mean minutes', 'worst'],
          delays.map(({ policy, readingsADay, found, foundAtOnce, mean, worst }) => [
            policy,
            readingsADay.toFixed(0),
            whole(costOfUsage(sumOfUsage([{ metricRead: readingsADay * 8 * 1000 * daysAMonth }])).dollars),
            `${found.toFixed(0)} of ${foundAtOnce.toFixed(0)}`,
            mean.toFixed(1),
            worst,
          ]),
        ),
  ];
  return parts.join('\n\n');
}
