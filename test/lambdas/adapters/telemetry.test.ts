import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { type MetricRequest, Telemetry } from '../../../lambdas/adapters/telemetry.ts';

const cloudwatch = mockClient(CloudWatchClient);
const telemetry = new Telemetry();
const request = (key: string): MetricRequest => ({
  key,
  metric: { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { InstanceId: key }, statistic: 'Average', periodSeconds: 60 },
});
const calls = () => cloudwatch.commandCalls(GetMetricDataCommand).map(({ args }) => args[0].input);
const hour = 3_600_000;

beforeEach(() => {
  attachToClients(undefined);
  cloudwatch.reset();
  cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
});

describe('reading metrics', () => {
  it('asks for 500 metrics a call at most', async () => {
    await telemetry.read(
      'eu-west-1',
      Array.from({ length: 1001 }, (_, index) => request(`i-${index}`)),
      0,
      hour,
    );
    expect(calls().map(({ MetricDataQueries }) => MetricDataQueries?.length)).toEqual([500, 500, 1]);
  });

  it("stays within CloudWatch's limit of points for a long history", async () => {
    await telemetry.read(
      'eu-west-1',
      Array.from({ length: 60 }, (_, index) => request(`i-${index}`)),
      0,
      72 * hour,
    );
    for (const { MetricDataQueries } of calls()) expect((MetricDataQueries?.length ?? 0) * 72 * 60).toBeLessThanOrEqual(100_800);
    expect(calls().flatMap(({ MetricDataQueries }) => MetricDataQueries ?? [])).toHaveLength(60);
  });

  it('joins pages, and drops values that are no numbers', async () => {
    cloudwatch
      .on(GetMetricDataCommand)
      .resolvesOnce({ MetricDataResults: [{ Id: 'm0', Timestamps: [new Date(0), new Date(60_000)], Values: [1, Number.NaN] }], NextToken: 'more' })
      .resolvesOnce({ MetricDataResults: [{ Id: 'm0', Timestamps: [new Date(120_000)], Values: [3] }] });
    expect((await telemetry.read('eu-west-1', [request('i-1')], 0, hour)).get('i-1')).toEqual([
      { timestamp: 0, value: 1 },
      { timestamp: 120_000, value: 3 },
    ]);
  });

  it('has no key for a metric that CloudWatch failed to read: that is not absence', async () => {
    cloudwatch.on(GetMetricDataCommand).resolves({
      MetricDataResults: [
        { Id: 'm0', StatusCode: 'InternalError' },
        { Id: 'm1', StatusCode: 'Complete', Timestamps: [], Values: [] },
        { Id: 'm2', StatusCode: 'Forbidden' },
      ],
    });
    expect([...(await telemetry.read('eu-west-1', [request('i-1'), request('i-2'), request('i-3')], 0, hour)).keys()]).toEqual(['i-2']);
  });

  it('asks nothing for nothing', async () => {
    expect((await telemetry.read('eu-west-1', [], 0, hour)).size).toBe(0);
    expect((await telemetry.read('eu-west-1', [request('i-1')], hour, hour)).get('i-1')).toEqual([]);
    expect(calls()).toEqual([]);
  });

  it('lets a failing API fail, instead of reporting no data', async () => {
    cloudwatch.on(GetMetricDataCommand).rejects(new Error('unreachable'));
    await expect(telemetry.read('eu-west-1', [request('i-1')], 0, hour)).rejects.toThrow('unreachable');
  });
});

describe('the evacuation metric', () => {
  it('is 1 for a latched side, in our own namespace', async () => {
    cloudwatch.on(PutMetricDataCommand).resolves({});
    await telemetry.reportEvacuated('eu-central-1', [{ serviceId: 'shop', side: 'primary', evacuated: true }], 1000);
    expect(cloudwatch.commandCalls(PutMetricDataCommand)[0]?.args[0].input).toMatchObject({
      Namespace: 'Forestall',
      MetricData: [
        {
          MetricName: 'SideEvacuated',
          Value: 1,
          Dimensions: [
            { Name: 'Service', Value: 'shop' },
            { Name: 'Side', Value: 'primary' },
          ],
        },
      ],
    });
  });
});
