// CloudWatch: metrics and alarms of every Region.
import * as sdk from '@aws-sdk/client-cloudwatch';
import { NotSimulatedError } from './call.ts';
import { faultsOf } from './fault.ts';
import { type Datum, type MetricPoint, MetricStore, metricKey } from './metric-store.ts';
import { type CallContext, mutates, page, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'CloudWatchServiceException');
const statistics = /^(Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100))$/;
/** Taken before time is virtual: making one is several times cheaper than making a virtual one. */
const NativeDate = Date;
const maxQueries = 500;
const maxPoints = 100_800;

const dimensionsOf = (dimensions: readonly sdk.Dimension[] | undefined): Record<string, string> => {
  const result: Record<string, string> = {};
  for (const { Name, Value } of dimensions ?? []) if (Name !== undefined && Value !== undefined) result[Name] = Value;
  return result;
};

function datumOf(datum: sdk.MetricDatum): Datum {
  if (datum.Value !== undefined && datum.Values)
    throw fault('InvalidParameterValueException', `The parameters Value and Values of ${datum.MetricName} are mutually exclusive and you have specified both.`);
  const given = [datum.Value, datum.Values, datum.StatisticValues].filter((part) => part !== undefined).length;
  if (given !== 1)
    throw fault(
      'InvalidParameterCombinationException',
      `The parameters MetricData.member of ${datum.MetricName} must have exactly one of Value, Values and StatisticValues.`,
    );
  if (datum.StatisticValues) {
    const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = datum.StatisticValues;
    return { statistics: { sampleCount: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum } };
  }
  if (datum.Values) {
    if (datum.Values.length > 150)
      throw fault('InvalidParameterValueException', 'The collection MetricData.member.Values must not have a size greater than 150.');
    if (datum.Counts && datum.Counts.length !== datum.Values.length)
      throw fault('InvalidParameterValueException', 'The parameters MetricData.member.Values and MetricData.member.Counts must be of the same size.');
    return { values: datum.Values, counts: datum.Counts };
  }
  return { values: [datum.Value ?? 0] };
}

function requireValidAlarm(alarm: sdk.PutMetricAlarmCommandInput): void {
  const { ComparisonOperator = '', EvaluationPeriods = 1, DatapointsToAlarm = 1 } = alarm;
  const comparisons: readonly string[] = Object.values(sdk.ComparisonOperator);
  const problems = [
    ...(alarm.MetricName === undefined ? ['MetricName must not be null'] : []),
    ...(alarm.Namespace === undefined ? ['Namespace must not be null'] : []),
    ...((alarm.Statistic === undefined) === (alarm.ExtendedStatistic === undefined) ? ['Exactly one of Statistic and ExtendedStatistic must be given'] : []),
    ...(comparisons.includes(ComparisonOperator) ? [] : [`Value '${ComparisonOperator}' at 'comparisonOperator' must satisfy the enum value set`]),
    ...(DatapointsToAlarm > EvaluationPeriods ? ['DatapointsToAlarm must be less than or equal to EvaluationPeriods'] : []),
  ];
  if (problems.length > 0) throw fault('ValidationException', problems.join('; '));
}

/** Answers for metrics that nobody put, so that a fleet of any size and age can be read. undefined: it is none of them. */
export type MetricSource = (metric: {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly periodSeconds: number;
  readonly from: number;
  readonly to: number;
}) => MetricPoint[] | undefined;

/** CloudWatch of one account. Metrics are kept for four days. */
export class CloudWatch {
  source: MetricSource | undefined;
  readonly #metrics = new Map<string, MetricStore>();
  readonly #alarms = new Map<string, sdk.PutMetricAlarmCommandInput>();

  /** The metrics of a Region. */
  metrics(region: string): MetricStore {
    let store = this.#metrics.get(region);
    if (!store) {
      store = new MetricStore();
      this.#metrics.set(region, store);
    }
    return store;
  }

  alarm(region: string, name: string): sdk.PutMetricAlarmCommandInput | undefined {
    return this.#alarms.get(`${region}/${name}`);
  }

  readonly service: Service = {
    name: 'cloudwatch',
    operations: {
      PutMetricData: reads((input: sdk.PutMetricDataCommandInput, context) => this.#putMetricData(input, context)),
      GetMetricData: reads((input: sdk.GetMetricDataCommandInput, context) => this.#getMetricData(input, context)),
      PutMetricAlarm: mutates((input: sdk.PutMetricAlarmCommandInput, { region }) => {
        if (input.Metrics) throw new NotSimulatedError('cloudwatch:PutMetricAlarm with Metrics (metric math) is not simulated');
        requireValidAlarm(input);
        this.#alarms.set(`${region}/${input.AlarmName}`, input);
        return {};
      }),
      DescribeAlarms: reads((input: sdk.DescribeAlarmsCommandInput, context) => this.#describeAlarms(input, context)),
    },
  };

  #putMetricData(input: sdk.PutMetricDataCommandInput, { at, region, caller }: CallContext): object {
    const { Namespace = '', MetricData = [] } = input;
    if (input.EntityMetricData) throw new NotSimulatedError('cloudwatch:PutMetricData with EntityMetricData is not simulated');
    // AWS keeps its namespaces to itself; the world stands for AWS there.
    if (caller !== 'world' && Namespace.startsWith('AWS/')) throw fault('InvalidParameterValueException', 'The value AWS/ for parameter Namespace is invalid.');
    if (MetricData.length > 1000) throw fault('InvalidParameterValueException', 'The collection MetricData must not have a size greater than 1000.');
    const data = MetricData.map((datum) => {
      const timestamp = datum.Timestamp?.getTime() ?? at;
      if ((datum.Dimensions?.length ?? 0) > 30)
        throw fault('InvalidParameterValueException', 'The collection Dimensions must not have a size greater than 30.');
      if (datum.StorageResolution === 1) throw new NotSimulatedError('cloudwatch: high-resolution metrics are not simulated');
      if (timestamp > at + 2 * 3_600_000 || timestamp < at - 14 * 86_400_000)
        throw fault(
          'InvalidParameterValueException',
          'The parameter MetricData.member.Timestamp must specify a time within the past two weeks, and no more than two hours in the future.',
        );
      return { key: metricKey(Namespace, datum.MetricName ?? '', dimensionsOf(datum.Dimensions)), timestamp, datum: datumOf(datum) };
    });
    const store = this.metrics(region);
    for (const { key, timestamp, datum } of data) store.put(key, timestamp, datum);
    return {};
  }

  #getMetricData(input: sdk.GetMetricDataCommandInput, { region }: CallContext): object {
    const { MetricDataQueries = [], StartTime = new Date(0), EndTime = new Date(0) } = input;
    const [from, to] = [StartTime.getTime(), EndTime.getTime()];
    if (from >= to) throw fault('ValidationException', 'The parameter StartTime must be less than the parameter EndTime.');
    if (MetricDataQueries.length === 0 || MetricDataQueries.length > maxQueries)
      throw fault('ValidationException', `The collection MetricDataQueries must have a size between 1 and ${maxQueries}.`);
    const limit = input.MaxDatapoints ?? maxPoints;
    if (limit < 1 || limit > maxPoints) throw fault('ValidationException', `The parameter MaxDatapoints must be between 1 and ${maxPoints}.`);
    const store = this.metrics(region);
    const ids = new Set<string>();
    const results = MetricDataQueries.map((query) => {
      const { Id = '', MetricStat } = query;
      if (!/^[a-z][a-zA-Z0-9_]*$/.test(Id) || ids.has(Id)) throw fault('ValidationException', `The value ${Id} for parameter Id is invalid or not unique.`);
      ids.add(Id);
      if (!MetricStat || query.Expression !== undefined) throw new NotSimulatedError('cloudwatch:GetMetricData with Expression is not simulated');
      const { Metric = {}, Period = 0, Stat = '' } = MetricStat;
      if (Period < 60 || Period % 60 !== 0)
        throw fault('ValidationException', 'The parameter Period must be a multiple of 60 (shorter ones need a high-resolution metric).');
      if (!statistics.test(Stat)) throw fault('ValidationException', `The value ${Stat} for parameter Stat is not supported.`);
      if (query.ReturnData === false) return undefined;
      const { Namespace: namespace = '', MetricName: metricName = '' } = Metric;
      const dimensions = dimensionsOf(Metric.Dimensions);
      const points =
        this.source?.({ namespace, metricName, dimensions, periodSeconds: Period, from, to }) ??
        store.read(metricKey(namespace, metricName, dimensions), Stat, Period, from, to);
      if (input.ScanBy !== 'TimestampAscending') points.reverse();
      return { id: Id, label: query.Label ?? Metric.MetricName ?? '', points };
    }).filter((result) => result !== undefined);
    return this.#pageOf(results, limit, input.NextToken);
  }

  /** Points are paged in the order of the queries; a query that is cut is `PartialData`. */
  #pageOf(
    results: readonly { id: string; label: string; points: readonly { timestamp: number; value: number }[] }[],
    limit: number,
    token: string | undefined,
  ): object {
    let skip = token === undefined ? 0 : Number(token);
    if (!Number.isInteger(skip)) throw fault('InvalidNextToken', 'The next token is invalid.');
    const consumed = skip;
    let room = limit;
    let cut = false;
    const page: sdk.MetricDataResult[] = [];
    for (const { id, label, points } of results) {
      const begin = Math.min(skip, points.length);
      skip -= begin;
      if (begin > 0 && begin === points.length) continue;
      const part = points.slice(begin, begin + room);
      room -= part.length;
      const partial = begin + part.length < points.length;
      if (partial) cut = true;
      page.push({
        Id: id,
        Label: label,
        Timestamps: part.map((point) => new NativeDate(point.timestamp)),
        Values: part.map((point) => point.value),
        StatusCode: partial ? 'PartialData' : 'Complete',
      });
      if (cut) break;
    }
    return { MetricDataResults: page, Messages: [], ...(cut ? { NextToken: String(consumed + limit) } : {}) };
  }

  #describeAlarms(input: sdk.DescribeAlarmsCommandInput, { at, region }: CallContext): object {
    const prefix = `${region}/`;
    const alarms = [...this.#alarms]
      .filter(
        ([key, { AlarmName = '' }]) =>
          key.startsWith(prefix) && (!input.AlarmNames || input.AlarmNames.includes(AlarmName)) && AlarmName.startsWith(input.AlarmNamePrefix ?? ''),
      )
      .map(([, alarm]) => ({
        ...alarm,
        AlarmArn: `arn:aws:cloudwatch:${region}:123456789012:alarm:${alarm.AlarmName}`,
        StateValue: this.alarmState(region, alarm, at),
      }))
      .filter((alarm) => input.StateValue === undefined || alarm.StateValue === input.StateValue);
    const { items, next } = page(alarms, input.MaxRecords ?? 50, input.NextToken, () => fault('InvalidNextToken', 'The next token is invalid.'));
    return { MetricAlarms: items, CompositeAlarms: [], ...(next === undefined ? {} : { NextToken: next }) };
  }

  /** State of an alarm from the last complete periods. */
  alarmState(region: string, alarm: sdk.PutMetricAlarmCommandInput, at: number): 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' {
    const { Namespace = '', MetricName = '', Period = 60, EvaluationPeriods = 1, Threshold = 0 } = alarm;
    const end = Math.floor(at / (Period * 1000)) * Period * 1000;
    const key = metricKey(Namespace, MetricName, dimensionsOf(alarm.Dimensions));
    const points = this.metrics(region).read(
      key,
      alarm.Statistic ?? alarm.ExtendedStatistic ?? 'Average',
      Period,
      end - EvaluationPeriods * Period * 1000,
      end,
    );
    const missing = EvaluationPeriods - points.length;
    if (missing === EvaluationPeriods && (alarm.TreatMissingData ?? 'missing') === 'missing') return 'INSUFFICIENT_DATA';
    const breaching =
      points.filter(({ value }) => breaches(value, alarm.ComparisonOperator, Threshold)).length + (alarm.TreatMissingData === 'breaching' ? missing : 0);
    return breaching >= (alarm.DatapointsToAlarm ?? EvaluationPeriods) ? 'ALARM' : 'OK';
  }
}

function breaches(value: number, comparison: string | undefined, threshold: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      throw new NotSimulatedError(`cloudwatch: alarms with ComparisonOperator ${comparison} are not simulated`);
  }
}
