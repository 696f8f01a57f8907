// CloudWatch: metrics in, and the one metric of our own that the evacuation checks read.
import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { evacuationMetric } from '../../core/contracts/deployment.ts';
import type { MetricDefinition } from '../../core/contracts/metrics.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import type { Point } from '../../core/prediction/port.ts';
import { clientFor } from './clients.ts';

/** One metric to read. `key` is the caller's, unique within the request. */
export interface MetricRequest {
  readonly key: string;
  readonly metric: Pick<MetricDefinition, 'namespace' | 'metric' | 'dimensions' | 'statistic' | 'periodSeconds'>;
}

/** What CloudWatch says of an answer beside its points; `key` undefined: of the whole answer. */
export interface TelemetryNotice {
  readonly key: string | undefined;
  readonly code: string;
  readonly text: string;
}

const queriesPerCall = 500;
/** CloudWatch returns at most this many points a call. */
const pointsPerCall = 100_800;

export class Telemetry {
  /**
   * Points with start in [from, to), ms since the epoch, oldest first, by key. A metric without data has an empty list.
   * A metric that CloudWatch failed to read has no key: that is not absence. One call for up to 500 metrics, fewer when a long history would pass CloudWatch's limit of points.
   * @param notice told of messages, and of metrics whose data ended as `PartialData`
   */
  async read(
    region: string,
    requests: readonly MetricRequest[],
    from: number,
    to: number,
    notice?: (notice: TelemetryNotice) => void,
  ): Promise<Map<string, Point[]>> {
    const series = new Map<string, Point[]>(requests.map(({ key }) => [key, []]));
    if (requests.length === 0 || from >= to) return series;
    const period = Math.min(...requests.map(({ metric }) => metric.periodSeconds));
    const perCall = Math.max(1, Math.min(queriesPerCall, Math.floor(pointsPerCall / ((to - from) / 1000 / period + 1))));
    for (let start = 0; start < requests.length; start += perCall)
      await this.#readSome(region, requests.slice(start, start + perCall), from, to, series, notice);
    return series;
  }

  async #readSome(
    region: string,
    requests: readonly MetricRequest[],
    from: number,
    to: number,
    series: Map<string, Point[]>,
    notice?: (notice: TelemetryNotice) => void,
  ): Promise<void> {
    const queries: MetricDataQuery[] = requests.map(({ metric }, index) => ({
      Id: `m${index}`,
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metric,
          Dimensions: Object.entries(metric.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: metric.periodSeconds,
        Stat: metric.statistic,
      },
      ReturnData: true,
    }));
    let token: string | undefined;
    do {
      const page = await clientFor(CloudWatchClient, region).send(
        new GetMetricDataCommand({
          MetricDataQueries: queries,
          StartTime: new Date(from),
          EndTime: new Date(to),
          ScanBy: 'TimestampAscending',
          ...(token ? { NextToken: token } : {}),
        }),
      );
      for (const { Code = '', Value = '' } of page.Messages ?? []) notice?.({ key: undefined, code: Code, text: Value });
      for (const result of page.MetricDataResults ?? []) {
        const key = requests[Number(result.Id?.slice(1))]?.key;
        for (const { Code = '', Value = '' } of result.Messages ?? []) notice?.({ key, code: Code, text: Value });
        if (result.StatusCode === 'PartialData' && !page.NextToken) notice?.({ key, code: 'PartialData', text: 'not all points were returned' });
        if (key !== undefined && (result.StatusCode === 'InternalError' || result.StatusCode === 'Forbidden')) series.delete(key);
        const points = key === undefined ? undefined : series.get(key);
        result.Timestamps?.forEach((timestamp, index) => {
          const value = result.Values?.[index];
          if (points && value !== undefined && Number.isFinite(value)) points.push({ timestamp: timestamp.getTime(), value });
        });
      }
      token = page.NextToken;
    } while (token);
  }

  /** Says to the evacuation checks whether sides are latched away from traffic. `region`: the control Region, where their alarms are. */
  async reportEvacuated(region: string, sides: readonly { serviceId: string; side: SideName; evacuated: boolean }[], at: number): Promise<void> {
    const [serviceName, sideName] = evacuationMetric.dimensions;
    for (let start = 0; start < sides.length; start += 1000)
      await clientFor(CloudWatchClient, region).send(
        new PutMetricDataCommand({
          Namespace: evacuationMetric.namespace,
          MetricData: sides.slice(start, start + 1000).map(({ serviceId, side, evacuated }) => ({
            MetricName: evacuationMetric.metricName,
            Dimensions: [
              { Name: serviceName, Value: serviceId },
              { Name: sideName, Value: side },
            ],
            Timestamp: new Date(at),
            Value: evacuated ? 1 : 0,
          })),
        }),
      );
  }
}
