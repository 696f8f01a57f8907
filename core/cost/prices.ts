// What AWS charges for what Forestall uses: list prices in US dollars, us-east-1, free tier left out. None was checked against a bill.

export interface Price {
  /** US dollars for one unit */
  readonly dollars: number;
  readonly unit: string;
  /** where the price was read, and when; or that it is from memory */
  readonly source: string;
}

const lambda = 'a third-party summary of AWS Lambda pricing (lambda_local_runner, docs/lambdas-md/lambda-13-cost), read 2026-11-21';
const dynamo = 'airbyte.com/data-engineering-resources/dynamodb-pricing (of July 2025, after the cut of November 2024), read 2026-11-21';
const cloudwatch = 'site24x7.com and signoz.io/guides/cloudwatch-pricing (of February 2026), read 2026-11-21';
const memory = 'from memory';

/** The one table of prices: for scoring and for failovers. */
export const prices = {
  metricRead: { dollars: 0.01 / 1000, unit: 'metric requested by GetMetricData', source: cloudwatch },
  customMetric: { dollars: 0.3, unit: 'custom metric and month, of the first 10,000', source: cloudwatch },
  alarmMetric: { dollars: 0.1, unit: 'metric of an alarm and month', source: cloudwatch },
  anomalyAlarm: { dollars: 0.3, unit: 'alarm on an anomaly band and month: three metrics', source: cloudwatch },
  logGigabyte: { dollars: 0.5, unit: 'GB of logs taken in', source: 'factualminds.com/blog/amazon-cloudwatch-pricing (of June 2026), read 2026-11-21' },
  writeUnit: { dollars: 0.625 / 1e6, unit: 'write request unit on demand (1 KB)', source: dynamo },
  readUnit: { dollars: 0.125 / 1e6, unit: 'read request unit on demand (4 KB consistent, 8 KB not)', source: dynamo },
  storedGigabyte: { dollars: 0.25, unit: 'GB in DynamoDB and month', source: memory },
  queueRequest: { dollars: 0.4 / 1e6, unit: 'SQS request of up to 64 KB, ten messages at most', source: memory },
  invocation: { dollars: 0.2 / 1e6, unit: 'Lambda request', source: lambda },
  gigabyteSecond: { dollars: 0.0000133334, unit: 'GB-second of Lambda on arm64', source: lambda },
  scheduled: { dollars: 1 / 1e6, unit: 'call by EventBridge Scheduler', source: memory },
  busEvent: { dollars: 1 / 1e6, unit: 'own event on EventBridge', source: memory },
  trace: { dollars: 5 / 1e6, unit: 'trace recorded by X-Ray', source: memory },
  transition: { dollars: 0.025 / 1000, unit: 'state transition of Step Functions', source: 'third-party pages of 2025 and 2026, see docs/deploying.md' },
} as const satisfies Record<string, Price>;
export type PriceName = keyof typeof prices;

/** How many of each unit; what is left out is none. */
export type Usage = Readonly<Partial<Record<PriceName, number>>>;

export interface CostLine {
  readonly name: PriceName;
  readonly count: number;
  readonly dollars: number;
}

/** What a usage costs, the dearest first. Throws on counts that are none. */
export function costOfUsage(usage: Usage): { readonly lines: readonly CostLine[]; readonly dollars: number } {
  const lines = (Object.entries(usage) as [PriceName, number][]).map(([name, count]) => {
    if (!Number.isFinite(count) || count < 0) throw new RangeError(`${count} is no count of ${prices[name].unit}`);
    return { name, count, dollars: count * prices[name].dollars };
  });
  return { lines: lines.sort((a, b) => b.dollars - a.dollars), dollars: lines.reduce((sum, { dollars }) => sum + dollars, 0) };
}

/** The same usage so many times over. */
export const timesUsage = (usage: Usage, factor: number): Usage =>
  Object.fromEntries((Object.entries(usage) as [PriceName, number][]).map(([name, count]) => [name, count * factor]));

/** Usages together. */
export function sumOfUsage(usages: readonly Usage[]): Usage {
  const sum: Partial<Record<PriceName, number>> = {};
  for (const usage of usages) for (const [name, count] of Object.entries(usage) as [PriceName, number][]) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
