import { describe, expect, it } from 'vitest';
import { scenarioNamed } from '../../../rehearsal/scenarios/catalogue.ts';
import { drawRun } from '../../../rehearsal/scenarios/scenario.ts';
import { minute } from '../../../rehearsal/world/faults.ts';
import { type SideMinute, Telemetry } from '../../../rehearsal/world/telemetry.ts';
import { shop } from '../plan.ts';

const scenario = scenarioNamed('gray-failure');
if (!scenario) throw new Error('no scenario');
const run = drawRun(scenario, 1, shop);
const telemetry = new Telemetry(run);
const quiet: SideMinute = {
  requests: 12_000,
  failedAtTarget: 6,
  failedAtBalancer: 0,
  median: 0.08,
  p90: 0.15,
  p99: 0.3,
  utilisation: 0.4,
  reachable: true,
};
const names = (data: readonly { metricName: string }[]) => data.map(({ metricName }) => metricName).sort();
const host = { index: 0, instanceId: 'i-0123456789abcdef0', downSince: null };

describe('load-balancer data', () => {
  it('has requests, errors and latency whose percentiles are where they belong', () => {
    const data = telemetry.entry('primary', run.start, quiet);
    expect(names(data)).toEqual(['HTTPCode_Target_5XX_Count', 'RequestCount', 'TargetResponseTime']);
    const latency = data.find(({ metricName }) => metricName === 'TargetResponseTime');
    expect(latency?.region).toBe('eu-west-1');
    expect(latency?.dimensions).toEqual({ LoadBalancer: 'app/shop-primary/50dc6c495c0c9188' });
    const counts = latency?.counts ?? [];
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBeCloseTo(12_000, -2);
    expect((counts[0] ?? 0) / total).toBeGreaterThan(0.5);
    expect(((counts[0] ?? 0) + (counts[1] ?? 0)) / total).toBeLessThan(0.99);
    expect(latency?.values.at(-1)).toBeCloseTo(0.3, 1);
  });

  it('has its own errors only when there are some, no latency without answers, and nothing when it is gone', () => {
    expect(names(telemetry.entry('primary', run.start, { ...quiet, failedAtBalancer: 3 }))).toContain('HTTPCode_ELB_5XX_Count');
    expect(names(telemetry.entry('standby', run.start, { ...quiet, requests: 0, failedAtTarget: 0, p99: Number.NaN }))).toEqual([
      'HTTPCode_Target_5XX_Count',
      'RequestCount',
    ]);
    expect(telemetry.entry('primary', run.start, { ...quiet, reachable: false })).toEqual([]);
  });
});

describe('host data', () => {
  it('has what EC2 and the agent report', () => {
    const data = telemetry.host('primary', run.start, host, quiet);
    expect(names(data)).toEqual(['CPUUtilization', 'NetworkIn', 'NetworkOut', 'StatusCheckFailed', 'disk_used_percent', 'mem_used_percent']);
    for (const { values } of data) expect(values[0]).toBeGreaterThanOrEqual(0);
    expect(data.find(({ metricName }) => metricName === 'CPUUtilization')?.values[0]).toBeCloseTo(33, -1);
  });

  it('is a failed status check and nothing else when the host is dead, nothing at all when the side is gone', () => {
    const dead = telemetry.host('primary', run.start, { ...host, downSince: run.start - minute }, quiet);
    expect(dead.map(({ metricName, values }) => [metricName, values[0]])).toEqual([['StatusCheckFailed', 1]]);
    expect(telemetry.host('primary', run.start, host, { ...quiet, reachable: false })).toEqual([]);
  });
});

it('comes 1 to 3 minutes after the minute it is about', () => {
  const [datum] = telemetry.entry('primary', run.start, quiet);
  if (!datum) throw new Error('no datum');
  const delays = Array.from({ length: 1000 }, (_, index) => (telemetry.visibleAt(datum, index) - run.start) / minute - 1);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...delays)).toBeLessThanOrEqual(3);
  expect(delays.reduce((sum, delay) => sum + delay, 0) / 1000).toBeCloseTo(2, 1);
});
