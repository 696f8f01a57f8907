// Reading from CloudWatch: against the simulated account, which checks every input by the SDK's own schemas, and with answers that go wrong.
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { historiesFromCloudWatch, ReadingError } from '../../../bin/backtest/from-cloudwatch.ts';
import { historyWindow } from '../../../bin/backtest/history-window.ts';
import { type MetricReader, readHistories, readingCost } from '../../../bin/backtest/read-cloudwatch.ts';
import { scoreService } from '../../../bin/backtest/service.ts';
import { settingsOf } from '../../../bin/backtest/settings.ts';
import { subjectsById, subjectsOfPlan } from '../../../bin/backtest/subjects.ts';
import { Plan } from '../../../core/contracts/plan.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { Telemetry } from '../../../lambdas/adapters/telemetry.ts';
import { planInput } from '../../fixtures/plan.ts';
import { noon, testAccount } from '../../rehearsal/cloud/account.ts';

const minute = 60_000;
const hour = 60 * minute;
const id = 'i-0123456789abcdef0';
const nothing = () => {};

let account: ReturnType<typeof testAccount>;
beforeEach(() => {
  vi.useFakeTimers({ now: noon, toFake: ['Date'] });
  account = testAccount();
  attachToClients({ customiser: (client, region) => account.cloud.attach(client, region, 'forestall'), fetch });
});
afterEach(() => {
  attachToClients(undefined);
  vi.useRealTimers();
});

function put(
  namespace: string,
  metricName: string,
  dimensions: Record<string, string>,
  minutes: number,
  value: (minute: number) => number | undefined,
  region = 'eu-west-1',
) {
  for (let back = minutes; back > 0; back -= 1) {
    const found = value(minutes - back);
    if (found !== undefined) account.cloud.physical.putMetric({ region, namespace, metricName, dimensions, timestamp: noon - back * minute, values: [found] });
  }
}

describe('historiesFromCloudWatch', () => {
  const request = { resources: [id], plan: undefined, region: 'eu-west-1', since: '6h', until: undefined, endpoint: undefined };

  it('reads the default metrics of an instance, names what is missing, and calls nothing but GetMetricData', async () => {
    const calls: string[] = [];
    account.cloud.onCall(({ service, operation }) => calls.push(`${service}:${operation}`));
    put('AWS/EC2', 'CPUUtilization', { InstanceId: id }, 360, (at) => 20 + (at % 7));
    put('AWS/EC2', 'StatusCheckFailed', { InstanceId: id }, 360, () => 0);
    put('AWS/EC2', 'NetworkIn', { InstanceId: id }, 360, (at) => (at % 5 === 0 ? 1000 : undefined));
    const told: string[] = [];
    const { histories, notes } = await historiesFromCloudWatch(request, (text) => told.push(text));
    const history = histories[0];
    expect(histories).toHaveLength(1);
    expect(history?.telemetry.metrics).toEqual(['status-check', 'cpu', 'memory', 'disk', 'network-in', 'network-out']);
    // Points of the last minutes may still come: they are left out, as live scoring waits for them.
    expect(history?.telemetry.times).toHaveLength(357);
    expect(history?.telemetry.rows[0]?.slice(0, 3)).toEqual(Float64Array.of(0, 20, Number.NaN));
    expect(notes.join('\n')).toMatch(/memory \(CWAgent mem_used_percent, InstanceId=i-0123456789abcdef0\): no points; let the CloudWatch agent run/);
    expect(notes.join('\n')).toMatch(/network-in .*: a point every 300 s only/);
    expect(told.join('\n')).toMatch(/reading 6 metrics of i-0123456789abcdef0 .*nothing is written.*about \$0\.00006/);
    expect(told.join('\n')).toMatch(/points of one minute/);
    expect(new Set(Object.keys(account.cloud.counts))).toEqual(new Set(['cloudwatch:GetMetricData']));
    expect(new Set(calls)).toEqual(new Set(['cloudwatch:GetMetricData']));
  });

  it('says what to check when there is nothing', async () => {
    await expect(historiesFromCloudWatch(request, nothing)).rejects.toThrow(ReadingError);
    await expect(historiesFromCloudWatch(request, nothing)).rejects.toThrow(
      /nothing to score\n(?:.*\n)*.*no metric has a point; it is left out\. Check the id, the Region \(eu-west-1\)/,
    );
  });

  it('says which right is missing', async () => {
    account.cloud.intercept(() =>
      Object.assign(new Error('not authorized to perform: cloudwatch:GetMetricData'), { name: 'AccessDeniedException', $metadata: {} }),
    );
    await expect(historiesFromCloudWatch(request, nothing)).rejects.toThrow(/AWS refused .*sign in with a role that may call cloudwatch:GetMetricData/);
  });

  it.each([
    [{ ...request, resources: ['i-xyz'] }, /'i-xyz' is not an instance id/],
    [{ ...request, region: 'europe' }, /'europe' is not an AWS Region name/],
    [{ ...request, since: 'yesterday' }, /--since 'yesterday' is neither a length nor a time/],
    [{ ...request, since: '500d' }, /CloudWatch keeps metrics for 455 days/],
    [{ ...request, until: '2030-01-01' }, /lies in the future/],
    [{ ...request, since: '2026-01-10', until: '2026-01-09' }, /there is no time between/],
  ])('refuses %o', async (wrong, message) => {
    await expect(historiesFromCloudWatch(wrong, nothing)).rejects.toThrow(message);
  });
});

describe('a plan', () => {
  const plan = Plan.parse(planInput());

  it('is read by sides: entries with their load balancers, instances by tags, and the service put together as in live scoring', async () => {
    const instance = account.cloud.physical.addInstance({ region: 'eu-west-1', zone: 'eu-west-1a', tags: { Service: 'shop' } });
    const minutes = 360;
    for (const [region, dimension] of [
      ['eu-west-1', plan.sides.primary.loadBalancer.dimension],
      ['eu-central-1', plan.sides.standby.loadBalancer.dimension],
    ] as const) {
      const bad = (at: number) => region === 'eu-west-1' && at >= 300;
      put('AWS/ApplicationELB', 'RequestCount', { LoadBalancer: dimension }, minutes, (at) => 6000 + (at % 11), region);
      put('AWS/ApplicationELB', 'TargetResponseTime', { LoadBalancer: dimension }, minutes, (at) => (bad(at) ? 3 : 0.1 + (at % 7) / 1000), region);
      put('AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', { LoadBalancer: dimension }, minutes, (at) => (bad(at) ? 900 : undefined), region);
    }
    put('AWS/EC2', 'CPUUtilization', { InstanceId: instance }, minutes, (at) => 20 + (at % 7));
    const { histories, notes } = await historiesFromCloudWatch(
      { resources: [], plan, region: undefined, since: '6h', until: undefined, endpoint: undefined },
      nothing,
    );
    expect(histories.map(({ name, subject }) => [name, subject.region])).toEqual([
      ['entry-primary', 'eu-west-1'],
      ['entry-standby', 'eu-central-1'],
      [instance, 'eu-west-1'],
    ]);
    // A balancer reports errors only where there are any: their absence beside requests is zero, not a gap.
    expect(notes.join('\n')).not.toMatch(/errors-target/);
    expect(histories[1]?.telemetry.rows[10]?.[1]).toBe(0);
    const rows = [
      ...scoreService(
        plan,
        histories.filter(({ subject }) => subject.side === 'primary'),
        settingsOf(plan),
      ),
    ];
    const quiet = rows.filter(({ time }) => time < noon - 61 * minute);
    // The plan's service is critical: its mirror is never below partial.
    expect(new Set(quiet.slice(60).map(({ level }) => level))).toEqual(new Set(['partial']));
    expect(rows.some(({ critical, reasons }) => critical && reasons.some(({ detail }) => /latency|failed/.test(detail)))).toBe(true);
    expect(quiet.some(({ critical }) => critical)).toBe(false);
  });

  it('limits what is read to the instances that are named, when the plan selects them', async () => {
    const found = async () => [{ id }];
    const subjects = await subjectsOfPlan(plan, [id], found);
    expect(subjects.map(({ name }) => name)).toEqual([id]);
    await expect(subjectsOfPlan(plan, ['i-00000000000000000'], found)).rejects.toThrow(
      /the plan does not select i-00000000000000000 \(it selects i-0123456789abcdef0\)/,
    );
  });
});

describe('readHistories', () => {
  const subjects = subjectsById([id], 'eu-west-1');
  const window = { from: noon - hour, to: noon, period: 60 } as const;
  const points = (count: number) => Array.from({ length: count }, (_, index) => ({ timestamp: noon - hour + index * minute, value: index }));

  it('waits longer and longer while it is throttled, and reads on', async () => {
    let calls = 0;
    const reader: MetricReader = {
      read: async (_region, requests) => {
        calls += 1;
        if (calls <= 3) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
        return new Map(requests.map(({ key }) => [key, points(50)]));
      },
    };
    const waits: number[] = [];
    const told: string[] = [];
    const { histories } = await readHistories(
      reader,
      subjects,
      window,
      noon,
      (text) => told.push(text),
      async (ms) => {
        waits.push(ms);
      },
    );
    expect(histories[0]?.telemetry.times).toHaveLength(50);
    expect(waits.map((ms, index) => ms >= 1000 * 2 ** index && ms <= 2000 * 2 ** index)).toEqual([true, true, true]);
    expect(told[0]).toMatch(/asks to go slower \(ThrottlingException\)/);
  });

  it('reads by halves what takes too long to come, and loses nothing', async () => {
    const days = 86_400_000;
    const parts: [number, number][] = [];
    const reader: MetricReader = {
      read: async (_region, requests, from, to) => {
        if (to - from > 4 * days) throw Object.assign(new Error('too slow'), { name: 'TimeoutError' });
        parts.push([from, to]);
        const found = Array.from({ length: (to - from) / hour }, (_, index) => ({ timestamp: from + index * hour, value: 1 }));
        return new Map(requests.map(({ key }) => [key, found]));
      },
    };
    const { histories } = await readHistories(reader, subjects, { from: noon - 15 * days, to: noon, period: 60 }, noon + hour, nothing);
    expect(parts.map(([from], index) => from === (parts[index - 1]?.[1] ?? noon - 15 * days))).toEqual([true, true, true, true]);
    expect(histories[0]?.telemetry.times).toHaveLength(15 * 24);
    expect(new Set(histories[0]?.telemetry.times).size).toBe(15 * 24);
  });

  it('gives up in the end, and at once on anything else', async () => {
    for (const [name, expected] of [
      ['ThrottlingException', 7],
      ['ValidationException', 1],
    ] as const) {
      let calls = 0;
      const reader: MetricReader = {
        read: async () => {
          calls += 1;
          throw Object.assign(new Error(name), { name });
        },
      };
      await expect(readHistories(reader, subjects, window, noon, nothing, async () => {})).rejects.toThrow(name);
      expect(calls).toBe(expected);
    }
  });

  it('reads what is older than 15 days by five minutes, older than 63 days by the hour', async () => {
    const periods: number[][] = [];
    const reader: MetricReader = {
      read: async (_region, requests) => {
        periods.push([...new Set(requests.map(({ metric }) => metric.periodSeconds as number))]);
        return new Map(requests.map(({ key }) => [key, points(50)]));
      },
    };
    for (const since of ['15d', '16d', '63d', '64d', '455d'])
      await readHistories(reader, subjects, historyWindow(since, undefined, noon), noon + hour, nothing);
    expect(periods).toEqual([[60], [300], [300], [3600], [3600]]);
  });
});

describe('the telemetry adapter', () => {
  it('passes on what CloudWatch says beside the points, over pages', async () => {
    const pages = [
      {
        Messages: [{ Code: 'MaxMetricsExceeded', Value: 'too many' }],
        MetricDataResults: [{ Id: 'm0', StatusCode: 'PartialData', Timestamps: [new Date(noon)], Values: [1] }],
        NextToken: 'more',
      },
      {
        MetricDataResults: [
          { Id: 'm0', StatusCode: 'PartialData', Timestamps: [new Date(noon + minute)], Values: [2], Messages: [{ Code: 'Slow', Value: '' }] },
          { Id: 'm1', StatusCode: 'Forbidden' },
        ],
      },
    ];
    attachToClients({
      customiser: (client) => {
        const { middlewareStack } = client as CloudWatchClient;
        middlewareStack.add(() => async () => ({ output: { ...pages.shift(), $metadata: {} } as never, response: {} }), {
          step: 'initialize',
          priority: 'high',
        });
      },
      fetch,
    });
    const metric = { namespace: 'a', metric: 'b', statistic: 'Sum', periodSeconds: 60 } as const;
    const notices: unknown[] = [];
    const read = await new Telemetry().read(
      'eu-west-1',
      [
        { key: 'a', metric },
        { key: 'b', metric },
      ],
      noon,
      noon + hour,
      (notice) => notices.push(notice),
    );
    expect(read).toEqual(
      new Map([
        [
          'a',
          [
            { timestamp: noon, value: 1 },
            { timestamp: noon + minute, value: 2 },
          ],
        ],
      ]),
    );
    expect(notices).toEqual([
      { key: undefined, code: 'MaxMetricsExceeded', text: 'too many' },
      { key: 'a', code: 'Slow', text: '' },
      { key: 'a', code: 'PartialData', text: 'not all points were returned' },
    ]);
  });
});

it('counts the cost of every metric once', () => {
  expect(readingCost([...subjectsById([id, 'i-11111111', id], 'eu-west-1')], historyWindow('15d', undefined, noon))).toMatch(
    /reading 12 metrics .*259200 points, about \$0\.00012/,
  );
});
