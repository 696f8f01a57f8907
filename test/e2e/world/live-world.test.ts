// The world through the public API, on the simulated cloud: it sees and reports the same as when it looks at it directly.
import { describe, expect, it, vi } from 'vitest';
import { evacuationMetric } from '../../../core/contracts/deployment.ts';
import { compressedRun } from '../../../e2e/scenarios/compressed.ts';
import { grayFailure } from '../../../e2e/scenarios/gray-failure.ts';
import { EmulatedCloud } from '../../../e2e/world/emulated-cloud.ts';
import { playThrough } from '../../../e2e/world/live-world.ts';
import { buildAccount, type Clients } from '../../../rehearsal/arms/account.ts';
import { viewOf } from '../../../rehearsal/arms/cloud-view.ts';
import { minute } from '../../../rehearsal/world/faults.ts';
import { noon, testAccount } from '../../rehearsal/cloud/account.ts';
import { plan } from './plan.ts';

const byId = <Item extends { id: string }>(items: readonly Item[]) => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Clients of the cloud that cannot be had in some Regions, for a while. */
function failing(cloud: Clients, lost: Set<string>): Clients {
  return {
    client(make, region) {
      if (lost.has(region)) throw new Error(`${region} does not answer`);
      return cloud.client(make, region);
    },
  };
}

/** An account whose records are in sync, and its clock. */
async function settled(now: number) {
  const { cloud, clock } = testAccount();
  clock.now = now - 5 * minute;
  const account = await buildAccount(cloud, plan);
  clock.now = now;
  return { cloud, clock, account };
}

describe('EmulatedCloud', () => {
  it('sees through the API what the simulated cloud is', async () => {
    const { cloud, account } = await settled(noon);
    const evacuated = {
      region: 'eu-central-1',
      namespace: evacuationMetric.namespace,
      metricName: evacuationMetric.metricName,
      dimensions: { Service: 'shop', Side: 'primary' },
    };
    cloud.physical.putMetric({ ...evacuated, timestamp: noon - 2 * minute, values: [1] });
    const direct = viewOf(cloud);
    const seen = await EmulatedCloud.of(plan, cloud, noon);
    const { hostedZoneId, name } = plan.record;
    expect(seen.effectiveRecords()).toEqual(direct.effectiveRecords(hostedZoneId, name));
    expect(byId(seen.healthChecks())).toEqual(byId(direct.healthChecks()));
    const query = { ...evacuated, statistic: 'Maximum', periodSeconds: 60, from: noon - 3 * minute, to: noon + minute };
    expect(seen.metric(query)).toEqual([{ timestamp: noon - 2 * minute, value: 1 }]);
    expect(seen.metric(query)).toEqual(direct.metric(query));
    const { targetGroupArn } = plan.sides.primary.loadBalancer;
    expect(seen.targets(targetGroupArn)).toEqual(direct.targets(targetGroupArn));
    expect(seen.healthyTargets(plan.sides.standby.loadBalancer.targetGroupArn)).toEqual([]);
    for (const id of account.primaryInstances) expect(seen.instance(id)?.state).toBe('running');
  });

  it('keeps the last picture when a call fails', async () => {
    const { cloud } = await settled(noon);
    const lost = new Set<string>();
    const seen = await EmulatedCloud.of(plan, failing(cloud, lost), noon);
    const before = seen.effectiveRecords();
    lost.add('eu-west-1');
    await expect(seen.refresh(noon + minute)).rejects.toThrow('eu-west-1 does not answer');
    expect(seen.effectiveRecords()).toBe(before);
  });

  it('keeps what it could not send', async () => {
    const { cloud } = await settled(noon);
    const lost = new Set<string>();
    const seen = await EmulatedCloud.of(plan, failing(cloud, lost), noon);
    const metric = { region: 'eu-west-1', namespace: 'AWS/EC2', metricName: 'CPUUtilization', dimensions: { InstanceId: 'i-0123456789abcdef0' } };
    // More than one call takes.
    for (let back = 1500; back > 0; back -= 1) seen.putMetric({ ...metric, timestamp: noon - back * minute, values: [back] });
    lost.add('eu-west-1');
    await expect(seen.send()).rejects.toThrow('eu-west-1 does not answer');
    lost.clear();
    await seen.send();
    const stored = cloud.physical.metric({ ...metric, statistic: 'Average', periodSeconds: 60, from: 0, to: noon });
    expect(stored).toHaveLength(1500);
    expect(stored.at(-1)).toEqual({ timestamp: noon - minute, value: 1 });
  });
});

describe('playThrough', () => {
  it('publishes the history, makes up for late ticks, survives a failed poll, and stops when it is told', async () => {
    const { cloud, clock, account } = await settled(Date.now());
    const run = compressedRun(grayFailure, 1, plan, Date.now() - 3 * minute);
    const until = new AbortController();
    const lines: string[] = [];
    const lost = new Set<string>();
    const ready = vi.fn(() => {
      lost.add('eu-central-1');
    });
    const playing = playThrough(failing(cloud, lost), { run, account, until: until.signal, ready, report: (line) => lines.push(line) });
    await vi.waitFor(() => expect(lines.some((line) => line.startsWith('shop: looking at the cloud failed, to be repeated: eu-central-1'))).toBe(true), 20_000);
    clock.now = Date.now();
    lost.clear();
    await vi.waitFor(() => expect(requests(run.start).length).toBeGreaterThan(0), 20_000);
    until.abort();
    const { weights, samples, totals } = await playing;
    expect(ready).toHaveBeenCalledOnce();
    expect(requests(run.start - 6 * 60 * minute).length).toBeGreaterThan(6 * 60);
    expect(weights).toEqual([{ at: run.start, primary: 100, standby: 0 }]);
    expect(samples.length).toBeGreaterThanOrEqual(3);
    expect(totals.requests).toBeGreaterThan(10_000);

    function requests(from: number) {
      return cloud.physical.metric({
        region: 'eu-west-1',
        namespace: 'AWS/ApplicationELB',
        metricName: 'RequestCount',
        dimensions: { LoadBalancer: plan.sides.primary.loadBalancer.dimension },
        statistic: 'Sum',
        periodSeconds: 60,
        from,
        to: Date.now(),
      });
    }
  });
});
