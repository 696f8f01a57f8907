// CloudWatch: metrics put and read, alarms.
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  type MetricDatum,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { type Case, home, moto, type Stage, suite } from '../case.ts';

const minute = 60_000;
const Namespace = 'Conformance';
const client = (stage: Stage) => stage.client(CloudWatchClient, home);
/** A full minute, some minutes ago. */
const ago = (minutes: number) => new Date((Math.floor(Date.now() / minute) - minutes) * minute);

interface Kit {
  /** Made once: the same times for all cases. */
  readonly from: Date;
  readonly to: Date;
}

async function setUp(stage: Stage): Promise<Kit> {
  const kit = { from: ago(30), to: ago(0) };
  const at = (minutes: number) => new Date(kit.to.getTime() - minutes * minute);
  await client(stage).send(
    new PutMetricDataCommand({
      Namespace,
      MetricData: [
        { MetricName: 'latency', Timestamp: at(10), Values: [1, 2, 3, 10], Counts: [1, 1, 1, 7] },
        { MetricName: 'latency', Timestamp: at(9), Value: 4 },
        { MetricName: 'latency', Timestamp: at(8), StatisticValues: { SampleCount: 2, Sum: 6, Minimum: 2, Maximum: 4 } },
        { MetricName: 'sided', Timestamp: at(9), Value: 4 },
        { MetricName: 'sided', Timestamp: at(9), Value: 50, Dimensions: [{ Name: 'Side', Value: 'standby' }] },
      ],
    }),
  );
  await client(stage).send(new PutMetricAlarmCommand(alarm('known')));
  return kit;
}

const alarm = (AlarmName: string, more: Partial<PutMetricAlarmCommandInput> = {}): PutMetricAlarmCommandInput => ({
  AlarmName,
  Namespace,
  MetricName: 'evacuated',
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  ...more,
});
const query = (
  Stat: string,
  more: { id?: string; period?: number; metric?: string; dimensions?: { Name: string; Value: string }[] } = {},
): MetricDataQuery => ({
  Id: more.id ?? 'm1',
  MetricStat: {
    Metric: { Namespace, MetricName: more.metric ?? 'latency', ...(more.dimensions && { Dimensions: more.dimensions }) },
    Period: more.period ?? 60,
    Stat,
  },
});
const put = (name: string, data: () => MetricDatum[], rest: Partial<Case<Kit>> & { namespace?: string } = {}): Case<Kit> => {
  const { namespace = Namespace, ...others } = rest;
  return {
    operation: 'cloudwatch:PutMetricData',
    name,
    call: (stage) => client(stage).send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data() })),
    ...others,
  };
};
const get = (
  name: string,
  queries: MetricDataQuery[],
  more: (kit: Kit) => Partial<GetMetricDataCommandInput> = () => ({}),
  rest: Partial<Case<Kit>> = {},
): Case<Kit> => ({
  operation: 'cloudwatch:GetMetricData',
  name,
  call: (stage, kit) =>
    client(stage).send(
      new GetMetricDataCommand({ MetricDataQueries: queries, StartTime: kit.from, EndTime: kit.to, ScanBy: 'TimestampAscending', ...more(kit) }),
    ),
  ...rest,
});
const values = ['MetricDataResults[].Id', 'MetricDataResults[].Values[]', 'MetricDataResults[].StatusCode'];
const describe = (name: string, input: DescribeAlarmsCommandInput, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'cloudwatch:DescribeAlarms',
  name,
  call: (stage) => client(stage).send(new DescribeAlarmsCommand(input)),
  ...rest,
});
const putAlarm = (name: string, more: Partial<PutMetricAlarmCommandInput>): Case<Kit> => ({
  operation: 'cloudwatch:PutMetricAlarm',
  name,
  call: (stage) => client(stage).send(new PutMetricAlarmCommand(alarm('new', more))),
});

export const cloudwatch = suite<Kit>(setUp, [
  put('a value', () => [{ MetricName: 'put', Value: 1, Timestamp: ago(3) }]),
  put('values with counts', () => [{ MetricName: 'put', Values: [1, 2], Counts: [3, 4] }]),
  put('statistics', () => [{ MetricName: 'put', StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } }]),
  put("AWS's namespace", () => [{ MetricName: 'CPUUtilization', Value: 1 }], { namespace: 'AWS/EC2' }),
  put('a value and values', () => [{ MetricName: 'put', Value: 1, Values: [1] }], { on: moto }),
  put('a value and statistics', () => [{ MetricName: 'put', Value: 1, StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } }], { on: moto }),
  put('more counts than values', () => [{ MetricName: 'put', Values: [1], Counts: [1, 2] }], { on: moto }),
  put('too long ago', () => [{ MetricName: 'put', Value: 1, Timestamp: ago(20 * 24 * 60) }]),
  put('too far ahead', () => [{ MetricName: 'put', Value: 1, Timestamp: ago(-180) }]),
  put('too many', () => Array.from({ length: 1001 }, () => ({ MetricName: 'put', Value: 1 }))),
  put('too many dimensions', () => [
    { MetricName: 'put', Value: 1, Dimensions: Array.from({ length: 31 }, (_, index) => ({ Name: `d${index}`, Value: 'x' })) },
  ]),
  get(
    'the statistics',
    ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'].map((stat, index) => query(stat, { id: `m${index}` })),
    undefined,
    { same: values },
  ),
  get('percentiles', [query('p50'), query('p90', { id: 'm2' })], undefined, { same: values }),
  get('periods of five minutes', [query('Sum', { period: 300 })], ({ to }) => ({
    StartTime: new Date(Math.floor(to.getTime() / 300_000) * 300_000 - 1_800_000),
  })),
  get('by dimension', [query('Maximum', { metric: 'sided', dimensions: [{ Name: 'Side', Value: 'standby' }] })], undefined, { same: values }),
  get('without the dimension', [query('Sum', { metric: 'sided' })], undefined, { same: values }),
  get('newest first', [query('Sum')], () => ({ ScanBy: 'TimestampDescending' }), { on: moto, same: values }),
  get('an unknown metric', [query('Sum', { metric: 'unknown' })], undefined, { same: values }),
  get(
    'labelled, and one that is not returned',
    [
      { ...query('Sum'), Label: 'mine' },
      { ...query('Sum', { id: 'm2' }), ReturnData: false },
    ],
    undefined,
    {
      same: [...values, 'MetricDataResults[].Label'],
    },
  ),
  get('an end before the start', [query('Sum')], ({ from, to }) => ({ StartTime: to, EndTime: from }), { on: moto }),
  get('the same id twice', [query('Sum'), query('Maximum')]),
  get('an id that begins with a capital', [query('Sum', { id: 'M1' })]),
  get('a period of 61 seconds', [query('Sum', { period: 61 })]),
  get('an unknown statistic', [query('Median of all')]),
  get('no queries', []),
  get(
    'too many queries',
    Array.from({ length: 501 }, (_, index) => query('Sum', { id: `m${index}` })),
  ),
  get('unknown token', [query('Sum')], () => ({ NextToken: 'nonsense' })),
  putAlarm('new', {}),
  putAlarm('the same again', {}),
  putAlarm('without a statistic', { Statistic: undefined }),
  putAlarm('without a metric', { MetricName: undefined, Namespace: undefined }),
  putAlarm('two statistics', { ExtendedStatistic: 'p90' }),
  putAlarm('unknown comparison', { ComparisonOperator: 'Equals' as never }),
  putAlarm('more datapoints than periods', { DatapointsToAlarm: 2 }),
  describe('by name', { AlarmNames: ['known'] }, { same: ['MetricAlarms[].AlarmName', 'MetricAlarms[].StateValue', 'MetricAlarms[].Statistic'] }),
  describe('by prefix', { AlarmNamePrefix: 'kno' }, { same: ['MetricAlarms[].AlarmName'] }),
  describe('absent', { AlarmNames: ['absent'] }),
  describe('in a state', { AlarmNames: ['known'], StateValue: 'ALARM' }, { same: ['MetricAlarms[].AlarmName'] }),
  describe('unknown token', { NextToken: 'nonsense' }),
]);
