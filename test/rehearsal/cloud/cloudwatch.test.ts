// CloudWatch: statistics of what was put, periods, limits and paging.
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MetricStore } from '../../../rehearsal/cloud/metric-store.ts';
import { noon, type TestAccount, testAccount } from './account.ts';

const minute = 60_000;
let account: TestAccount;
let world: CloudWatchClient;
const put = (minutesAgo: number, datum: object) =>
  world.send(
    new PutMetricDataCommand({
      Namespace: 'AWS/EC2',
      MetricData: [{ MetricName: 'CPUUtilization', Timestamp: new Date(noon - minutesAgo * minute), ...datum }],
    }),
  );
const query = (Stat: string, Period = 60, Id = 'm1'): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, Period, Stat },
});
const get = (queries: MetricDataQuery[], more: object = {}) =>
  world.send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(noon - 60 * minute),
      EndTime: new Date(noon),
      ScanBy: 'TimestampAscending',
      ...more,
    }),
  );

beforeEach(() => {
  account = testAccount();
  world = account.cloud.client(CloudWatchClient, 'eu-west-1');
});

describe('GetMetricData', () => {
  it('gives the statistics of a period, over all its observations', async () => {
    await put(5, { Values: [1, 2, 3, 10], Counts: [1, 1, 1, 7] });
    await put(4, { Value: 4 });
    const stats = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p10'];
    const { MetricDataResults } = await get(stats.map((stat, index) => query(stat, 300, `m${index}`)));
    expect(MetricDataResults?.map(({ Values }) => Values?.[0])).toEqual([80 / 11, 80, 1, 10, 11, 10, 2]);
  });

  it('keeps the Region, the dimensions and the namespace apart', async () => {
    await put(5, { Value: 1, Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] });
    expect((await get([query('Sum')])).MetricDataResults?.[0]?.Values).toEqual([]);
    expect(
      account.cloud.physical.metric({
        region: 'eu-west-1',
        namespace: 'AWS/EC2',
        metricName: 'CPUUtilization',
        dimensions: { InstanceId: 'i-1' },
        statistic: 'Sum',
        periodSeconds: 60,
        from: noon - 10 * minute,
        to: noon,
      }),
    ).toEqual([{ timestamp: noon - 5 * minute, value: 1 }]);
  });

  it('has the start inclusive and the end exclusive, newest first unless told otherwise', async () => {
    for (const ago of [0, 1, 2, 60, 61]) await put(ago, { Value: ago });
    expect((await get([query('Sum')])).MetricDataResults?.[0]?.Values).toEqual([60, 2, 1]);
    expect((await get([query('Sum')], { ScanBy: undefined })).MetricDataResults?.[0]?.Values).toEqual([1, 2, 60]);
  });

  it('pages over queries without losing or repeating a point', async () => {
    for (let ago = 1; ago <= 20; ago++) await put(ago, { Value: ago });
    const values: Record<string, number[]> = { m1: [], m2: [], m3: [] };
    let token: string | undefined;
    do {
      const page = await get([query('Sum', 60, 'm1'), query('Sum', 60, 'm2'), query('Sum', 60, 'm3')], { MaxDatapoints: 7, NextToken: token });
      for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) values[Id]?.push(...Values);
      token = page.NextToken;
    } while (token !== undefined);
    const all = Array.from({ length: 20 }, (_unused, index) => 20 - index);
    expect(values).toEqual({ m1: all, m2: all, m3: all });
  });

  it.each<[string, MetricDataQuery[], object]>([
    ['more than 500 queries', Array.from({ length: 501 }, (_unused, index) => query('Sum', 60, `m${index}`)), {}],
    ['an id twice', [query('Sum'), query('Sum')], {}],
    ['a statistic that does not exist', [query('Mean')], {}],
    ['a period that is no multiple of a minute', [query('Sum', 90)], {}],
    ['an end before its start', [query('Sum')], { EndTime: new Date(noon - 61 * minute) }],
  ])('refuses %s', async (_what, queries, more) => {
    await expect(get(queries, more)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('PutMetricData', () => {
  it('keeps the namespaces of AWS from Forestall', async () => {
    const own = account.own(CloudWatchClient, 'eu-west-1');
    const write = (Namespace: string) => own.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'm', Value: 1 }] }));
    await expect(write('AWS/EC2')).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(write('Forestall')).resolves.toBeDefined();
  });
});

describe('alarms', () => {
  it('are in the state of their last periods', async () => {
    await world.send(
      new PutMetricAlarmCommand({
        AlarmName: 'hot',
        Namespace: 'AWS/EC2',
        MetricName: 'CPUUtilization',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 90,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      }),
    );
    const state = async () => (await world.send(new DescribeAlarmsCommand({ AlarmNames: ['hot'] }))).MetricAlarms?.[0]?.StateValue;
    expect(await state()).toBe('INSUFFICIENT_DATA');
    await put(2, { Value: 95 });
    await put(1, { Value: 20 });
    expect(await state()).toBe('OK');
    await put(1, { Value: 99 });
    expect(await state()).toBe('ALARM');
  });
});

describe('the metric store', () => {
  it('agrees with the observations it was given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 29 }), fc.integer({ min: -50, max: 50 })), { minLength: 1 }),
        fc.constantFrom(60, 300),
        (data, period) => {
          const store = new MetricStore();
          for (const [at, value] of data) store.put('m', noon + at * minute, { values: [value] });
          const groups = Map.groupBy(data, ([at]) => noon + Math.floor((at * 60) / period) * period * 1000);
          for (const statistic of ['Sum', 'Minimum', 'Maximum', 'SampleCount', 'p100']) {
            const expected = [...groups]
              .sort(([left], [right]) => left - right)
              .map(([timestamp, entries]) => {
                const values = entries.map(([, value]) => value);
                const maximum = Math.max(...values);
                const of: Record<string, number> = {
                  Sum: values.reduce((a, b) => a + b, 0),
                  Minimum: Math.min(...values),
                  Maximum: maximum,
                  SampleCount: values.length,
                  p100: maximum,
                };
                return { timestamp, value: of[statistic] };
              });
            expect(store.read('m', statistic, period, noon, noon + 30 * minute)).toEqual(expected);
          }
        },
      ),
    );
  });

  it('forgets what is older than four days', () => {
    const store = new MetricStore();
    store.put('m', noon, { values: [1] });
    store.put('m', noon + 4 * 86_400_000, { values: [2] });
    expect(store.read('m', 'Sum', 60, noon, noon + 5 * 86_400_000)).toEqual([{ timestamp: noon + 4 * 86_400_000, value: 2 }]);
  });
});

describe('PutMetricAlarm', () => {
  const put = (more: object) =>
    world.send(
      new PutMetricAlarmCommand({
        AlarmName: 'one',
        Namespace: 'Forestall',
        MetricName: 'SideEvacuated',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        ...more,
      }),
    );

  it.each<[string, object]>([
    ['without a metric', { MetricName: undefined }],
    ['without a statistic', { Statistic: undefined }],
    ['with two statistics', { ExtendedStatistic: 'p90' }],
    ['with an unknown comparison', { ComparisonOperator: 'Equals' }],
    ['with more datapoints than periods', { DatapointsToAlarm: 2 }],
  ])('refuses an alarm %s', async (_what, more) => {
    await expect(put(more)).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await world.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
  });
});
