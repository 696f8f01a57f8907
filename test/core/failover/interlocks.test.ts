import { describe, expect, it } from 'vitest';
import type { ServiceRecord } from '../../../core/contracts/records.ts';
import { checkInterlocks, type InterlockInput } from '../../../core/failover/interlocks.ts';
import { leaseUntil, lockState } from '../../../core/failover/lock.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const now = Date.parse('2026-03-02T12:00:00Z');
const request: InterlockInput['request'] = {
  serviceId: 'shop',
  failoverId: 'f1',
  kind: 'predictive',
  drill: null,
  score: null,
  from: 'primary',
  to: 'standby',
  expectedInMinutes: null,
  reasons: [],
};
const check = (service: Partial<ServiceRecord> = {}, more: Partial<InterlockInput> = {}) =>
  checkInterlocks({ service: serviceRecord(service), request, running: [], scores: { primary: null, standby: null }, now, ...more });

const refusal = (result: ReturnType<typeof check>) => (result.decision === 'proceed' ? '' : result.reasons.join('; '));

describe('interlocks', () => {
  it('let a service in act proceed', () => {
    expect(check()).toEqual({ decision: 'proceed' });
  });

  it.each(['observe', 'advise'] as const)('never proceed in %s', (mode) => {
    expect(check({ mode }).decision).toBe(mode === 'advise' ? 'advised' : 'refused');
  });

  it('advise only what act would do', () => {
    expect(check({ mode: 'advise', killSwitch: true }).decision).toBe('refused');
  });

  it('refuse with the kill switch on, and say so', () => {
    expect(refusal(check({ killSwitch: true }))).toMatch(/kill switch/);
  });

  it('refuse when the traffic is on the other side already', () => {
    expect(refusal(check({ activeSide: 'standby' }))).toMatch(/on standby already/);
  });

  it('refuse a predictive move onto a latched side, and let an approved fail-back go there', () => {
    const latched = { latched: { standby: '2026-03-02T11:00:00.000Z' } };
    expect(refusal(check(latched))).toMatch(/latched since/);
    expect(check(latched, { request: { ...request, kind: 'fail-back' } }).decision).toBe('proceed');
  });

  it('refuse within the cool-down, not after it', () => {
    const ended = (endedAt: string) => ({ lastFailover: { failoverId: 'f0', outcome: 'rolled-back', endedAt } });
    expect(refusal(check(ended('2026-03-02T11:30:00.000Z')))).toMatch(/cooling down until 2026-03-02T12:30:00.000Z/);
    expect(check(ended('2026-03-02T11:00:00.000Z')).decision).toBe('proceed');
  });

  it('hold the caps per account and per zone, without counting themselves', () => {
    const elsewhere = { failoverId: 'f2', zone: 'us-east-1a' };
    expect(check({}, { running: [elsewhere] }).decision).toBe('proceed');
    expect(refusal(check({}, { running: [elsewhere, { failoverId: 'f3', zone: 'us-east-1b' }] }))).toMatch(/in the account/);
    expect(refusal(check({}, { running: [{ failoverId: 'f2', zone: 'eu-west-1a' }] }))).toMatch(/out of eu-west-1a/);
    expect(check({}, { running: [{ failoverId: 'f1', zone: 'eu-west-1a' }] }).decision).toBe('proceed');
  });

  it('refuse to move local data', () => {
    const service = serviceRecord();
    expect(refusal(check({ plan: { ...service.plan, data: 'local' } }))).toMatch(/lose writes/);
  });
});

describe('the lock', () => {
  const held = { holder: 'f0', token: 3, expiresAt: leaseUntil(now) };
  it('is held until its lease runs out', () => {
    expect(lockState(undefined, 'f1', now)).toBe('free');
    expect(lockState(held, 'f1', now)).toBe('held');
    expect(lockState(held, 'f0', now)).toBe('mine');
    expect(lockState(held, 'f1', Date.parse(held.expiresAt))).toBe('free');
  });
});
