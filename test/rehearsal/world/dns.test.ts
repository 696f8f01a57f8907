import { describe, expect, it } from 'vitest';
import { DnsClients, failoverAnswer, ignoringResolvers, weightedAnswer } from '../../../rehearsal/world/dns.ts';
import { minute, second } from '../../../rehearsal/world/faults.ts';

const start = Date.UTC(2026, 2, 2);
const reachable = { primary: false, standby: false };

describe('Route 53 answers', () => {
  const record = (weight: number, healthy: boolean) => ({ weight, healthy });
  it('by weight among healthy records', () => {
    expect(weightedAnswer([record(90, true), record(10, true)])).toEqual([0.9, 0.1]);
    expect(weightedAnswer([record(100, true), record(0, true)])).toEqual([1, 0]);
    expect(weightedAnswer([record(90, false), record(10, true)])).toEqual([0, 1]);
  });
  it('with weight 0 when all others are unhealthy', () => {
    expect(weightedAnswer([record(100, false), record(0, true)])).toEqual([0, 1]);
  });
  it('as if all were healthy when none is', () => {
    expect(weightedAnswer([record(100, false), record(0, false)])).toEqual([1, 0]);
    expect(weightedAnswer([record(30, false), record(10, false)])).toEqual([0.75, 0.25]);
  });
  it('evenly when all weights are zero', () => {
    expect(weightedAnswer([record(0, true), record(0, true)])).toEqual([0.5, 0.5]);
  });
  it('with the secondary only when it alone is healthy', () => {
    expect([failoverAnswer(true, true), failoverAnswer(false, true), failoverAnswer(true, false), failoverAnswer(false, false)]).toEqual([1, 0, 1, 1]);
  });
});

describe('DnsClients', () => {
  const clients = (seed: number, keepAlive = { share: 0, meanLength: minute }) => new DnsClients(seed, start, 60, keepAlive);
  const play = (dns: DnsClients, from: number, seconds: number, answer: number, unreachable = reachable) => {
    let share = 1;
    for (let at = from; at < from + seconds * second; at += 10 * second) share = dns.step(at, at + 10 * second, answer, unreachable);
    return share;
  };

  it('stays where it is while the answer does not change', () => {
    expect(play(clients(1), start, 3600, 1)).toBe(1);
  });

  it('leaves within a TTL but for the resolvers that ignore it', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const dns = clients(seed);
      expect(dns.ignoring).toHaveLength(ignoringResolvers);
      const half = play(dns, start, 30, 0);
      expect(half).toBeGreaterThan(0.2);
      expect(half).toBeLessThan(0.8);
      const held = dns.ignoring.reduce((sum, rank) => sum + 1 / (rank + 1), 0) / 6.792823;
      expect(play(dns, start + 30 * second, 40, 0)).toBeLessThanOrEqual(held + 1e-6);
      expect(play(dns, start + 70 * second, 3600, 0)).toBe(0);
    }
  });

  it('tells apart what honouring resolvers hold, and what their users still send', () => {
    const dns = clients(1, { share: 0.4, meanLength: 3 * minute });
    expect(dns.honouring).toEqual({ requests: 1, lookUps: 1 });
    const all = play(dns, start, 70, 0);
    expect(dns.honouring.lookUps).toBe(0);
    expect(dns.honouring.requests).toBeGreaterThan(0.1);
    expect(dns.honouring.requests).toBeLessThan(0.4);
    expect(all).toBeGreaterThan(dns.honouring.requests);
    play(dns, start + 70 * second, 3 * 3600, 0);
    expect(dns.honouring).toEqual({ requests: 0, lookUps: 0 });
  });

  it('gives a small weight a share that scatters around it', () => {
    const shares = Array.from({ length: 60 }, (_, seed) => 1 - play(clients(seed), start, 120, 0.95));
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.05, 1);
    expect(Math.max(...shares)).toBeGreaterThan(0.07);
    expect(Math.min(...shares)).toBeLessThan(0.035);
  });

  it('keeps long-lived connections until they end', () => {
    const keepAlive = { share: 0.5, meanLength: 5 * minute };
    const dns = clients(8, keepAlive);
    const without = play(clients(8), start, 90, 0);
    const share = play(dns, start, 90, 0);
    expect(share - without * 0.5).toBeGreaterThan(0.5 * Math.exp(-90 / 300) * 0.9);
    expect(play(dns, start + 90 * second, 2 * 3600, 0)).toBe(0);
  });

  it('breaks connections to an unreachable side at once, as far as the caches allow', () => {
    const keepAlive = { share: 0.5, meanLength: 5 * minute };
    const broken = play(clients(8, keepAlive), start, 90, 0, { primary: true, standby: false });
    expect(broken).toBeCloseTo(play(clients(8), start, 90, 0), 6);
  });

  it('makes the same choices whatever an arm did before', () => {
    const wanderer = clients(4);
    const homebody = clients(4);
    play(wanderer, start, 4 * 3600, 0);
    play(homebody, start, 4 * 3600, 1);
    const from = start + 4 * 3600 * second;
    // After everybody has looked up at least once under the same answer, both see the same.
    expect(play(wanderer, from, 3700, 0.5)).toBeCloseTo(play(homebody, from, 3700, 0.5), 10);
  });
});
