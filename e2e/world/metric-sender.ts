// Sends the world's measurements to CloudWatch through PutMetricData, as few calls as its limits allow.
import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../../rehearsal/arms/account.ts';
import type { Datum } from '../../rehearsal/world/telemetry.ts';

/** PutMetricData takes so many metrics in a call. */
const dataPerCall = 1000;

export class MetricSender {
  readonly #clients: Clients;
  #waiting: Datum[] = [];

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  add(datum: Datum): void {
    this.#waiting.push(datum);
  }

  /** Sends everything that waits, one call after the other. Throws what the first failed call threw; what was not sent still waits. */
  async send(): Promise<void> {
    const groups = Map.groupBy(this.#waiting, ({ region, namespace }) => `${region}/${namespace}`);
    this.#waiting = [];
    const calls = [...groups.values()].flatMap((data) =>
      Array.from({ length: Math.ceil(data.length / dataPerCall) }, (_, index) => data.slice(index * dataPerCall, (index + 1) * dataPerCall)),
    );
    for (const [index, data] of calls.entries()) {
      try {
        await this.#put(data);
      } catch (error) {
        this.#waiting.unshift(...calls.slice(index).flat());
        throw error;
      }
    }
  }

  async #put(data: readonly Datum[]): Promise<void> {
    const [first] = data;
    if (first === undefined) return;
    await this.#clients
      .client(CloudWatchClient, first.region)
      .send(new PutMetricDataCommand({ Namespace: first.namespace, MetricData: data.map(metricDatum) }));
  }
}

function metricDatum({ metricName, dimensions, timestamp, values, counts }: Datum): MetricDatum {
  return {
    MetricName: metricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Timestamp: new Date(timestamp),
    Values: [...values],
    ...(counts && { Counts: [...counts] }),
  };
}
