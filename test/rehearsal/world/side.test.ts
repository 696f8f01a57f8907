import { describe, expect, it } from 'vitest';
import { type Fault, Faults, minute, second } from '../../../rehearsal/world/faults.ts';
import { hostsOf, latencyQuantile, queueFactor, sideMoment } from '../../../rehearsal/world/side.ts';

const at = Date.UTC(2026, 2, 2, 12);
const nature = { medianLatency: 0.08, sigma: 0.5, backgroundErrors: 0.0005 };
const moment = (over: { load?: number; faults?: readonly Fault[]; time?: number; hosts?: number } = {}) => {
  const faults = new Faults(over.faults ?? []);
  const time = over.time ?? at;
  return sideMoment({
    side: 'primary',
    at: time,
    load: over.load ?? 200,
    hosts: hostsOf('primary', over.hosts ?? 4, time, faults),
    saturation: 140,
    nature,
    faults,
    objectiveSeconds: 1,
  });
};

describe('sideMoment', () => {
  it('fails only background errors when nothing is wrong', () => {
    expect(moment().failure).toBeCloseTo(0.0005, 5);
    expect(moment().slow).toBeLessThan(1e-5);
    expect(latencyQuantile(moment(), 0.5)).toBeCloseTo(0.08 * queueFactor(200 / 560), 3);
    expect(latencyQuantile(moment(), 0.99)).toBeCloseTo(0.08 * queueFactor(200 / 560) * Math.exp(2.3263 * 0.5), 3);
  });

  it('grows slower with load and refuses above saturation', () => {
    expect(latencyQuantile(moment({ load: 500 }), 0.5)).toBeGreaterThan(2 * latencyQuantile(moment(), 0.5));
    const overloaded = moment({ load: 1120 });
    expect(overloaded.failure).toBeGreaterThan(0.5);
    expect(overloaded.failureAtBalancer).toBeGreaterThan(0.5);
  });

  it('multiplies latency and adds errors while degraded, unseen by checks where the fault says so', () => {
    const fault = (seenByChecks: boolean): Fault => ({
      kind: 'degradation',
      label: 'test',
      side: 'primary',
      from: at,
      until: at + minute,
      latency: [[at, 4]],
      errors: [[at, 0.05]],
      seenByChecks,
    });
    const seen = moment({ faults: [fault(true)] });
    expect(seen.failure).toBeCloseTo(1 - 0.95 * 0.9995, 4);
    expect(seen.slow).toBeGreaterThan(0.001);
    expect(seen.checkFailure).toBeGreaterThanOrEqual(0.05);
    const hidden = moment({ faults: [fault(false)] });
    expect(hidden.failure).toBeCloseTo(seen.failure, 6);
    expect(hidden.checkFailure).toBeLessThan(0.01);
    expect(moment({ faults: [fault(true)], time: at + minute }).failure).toBeCloseTo(0.0005, 5);
  });

  it('dies with its hosts or as a whole', () => {
    const death = (mode: 'hosts' | 'everything'): Fault => ({ kind: 'death', label: 'test', side: 'primary', from: at, until: null, mode });
    expect(moment({ faults: [death('hosts')], time: at + minute })).toMatchObject({ reachable: true, failure: 1, checkFailure: 1 });
    expect(moment({ faults: [death('everything')] })).toMatchObject({ reachable: false, failure: 1 });
    expect(moment({ hosts: 0 })).toMatchObject({ reachable: true, failure: 1 });
  });

  it('loses a crashed host’s share until the balancer notices, then carries on with the others', () => {
    const leak: Fault = {
      kind: 'leak',
      label: 'test',
      resource: 'memory',
      from: at - 60 * minute,
      until: null,
      startLevel: 50,
      fillTime: 60 * minute,
      hostFactors: [1, 2, 2, 2],
      stopsAt: null,
      agony: { time: 5 * minute, latency: 3, errors: 0.08 },
    };
    expect(moment({ faults: [leak], time: at + 10 * second }).failure).toBeCloseTo(0.25, 2);
    expect(moment({ faults: [leak], time: at + 20 * second }).failure).toBeCloseTo(0.0005, 4);
    // Just before the crash one host of four is in agony.
    expect(moment({ faults: [leak], time: at - second }).failure).toBeCloseTo(0.08 / 4, 2);
    expect(latencyQuantile(moment({ faults: [leak], time: at - second }), 0.99)).toBeGreaterThan(1.5 * latencyQuantile(moment(), 0.99));
  });
});
