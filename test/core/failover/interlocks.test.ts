import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherSide } from '../../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../../core/contracts/records.ts';
import { checkInterlocks, type InterlockInput, standingRefusals, standingWindow, untold } from '../../../core/failover/interlocks.ts';
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

  it('do not refuse a move because its standby was tried without users a moment ago', () => {
    const validated = { failoverId: 'f0', outcome: 'validated', endedAt: '2026-03-02T11:59:00.000Z' };
    expect(check({ lastFailover: validated, lastDrill: validated }).decision).toBe('proceed');
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

describe('windows', () => {
  const service = serviceRecord();
  const windows = [
    { kind: 'blocked' as const, reason: 'the sale', from: '2026-03-02T00:00:00Z', until: '2026-03-03T00:00:00Z' },
    { kind: 'maintenance' as const, reason: 'patches', from: '2026-03-02T11:00:00Z', until: '2026-03-02T13:00:00Z' },
  ];
  const inWindow = { plan: { ...service.plan, windows } };
  const home = { ...request, kind: 'fail-back' as const, from: 'standby' as const, to: 'primary' as const };

  it('refuse what would begin in them, with their end and what to do', () => {
    expect(refusal(check(inWindow))).toMatch(/blocked window until 2026-03-03T00:00:00.000Z \(the sale\); .*taking the window out of the plan/);
    expect(refusal(check(inWindow, { request: { ...request, kind: 'drill', drill: 'failover' } }))).toMatch(/window/);
    expect(refusal(check({ ...inWindow, activeSide: 'standby' }, { request: { ...home, approvedBy: 'plan' } }))).toMatch(/window/);
    expect(refusal(check({ ...inWindow, activeSide: 'standby' }, { request: { ...home, approvedBy: 'Ann' } }))).toMatch(/approve the fail-back again then/);
  });

  it('let go home what is away for practice', () => {
    expect(check({ ...inWindow, activeSide: 'standby' }, { request: { ...home, drill: 'failover', approvedBy: 'plan' } }).decision).toBe('proceed');
  });

  it('never stop an evacuation', () => {
    expect(standingWindow(inWindow.plan, { kind: 'evacuation', from: 'primary', to: 'standby', score: null }, now)).toBeUndefined();
  });
});

describe('a service that flaps', () => {
  const recentMoves = ['09', '10', '11'].map((hour) => ({ failoverId: `f${hour}`, outcome: 'failed-over', endedAt: `2026-03-02T${hour}:00:00.000Z` }));
  const home = { ...request, kind: 'fail-back' as const, from: 'standby' as const, to: 'primary' as const };

  it('stays where it is until a person moves it', () => {
    expect(refusal(check({ recentMoves }))).toMatch(/flaps: 3 moves within 24 hours/);
    expect(refusal(check({ recentMoves, activeSide: 'standby' }, { request: { ...home, approvedBy: 'plan' } }))).toMatch(/flaps/);
    expect(check({ recentMoves, activeSide: 'standby' }, { request: { ...home, approvedBy: 'Ann' } }).decision).toBe('proceed');
    expect(check({ recentMoves, activeSide: 'standby' }, { request: { ...home, approvedBy: 'plan', drill: 'failover' } }).decision).toBe('proceed');
  });
});

describe('the risk of the target', () => {
  it('has to be lower', () => {
    expect(refusal(check({}, { request: { ...request, score: 90 }, scores: { primary: 20, standby: 90 } }))).toMatch(/expected to fail itself/);
    expect(check({}, { request: { ...request, score: 90 }, scores: { primary: 20, standby: 60 } }).decision).toBe('proceed');
    expect(refusal(check({}, { scores: { primary: 50, standby: 60 } }))).toMatch(/would lower no risk/);
  });
});

describe('refusals that stand', () => {
  const latched = serviceRecord({ latched: { standby: '2026-03-02T11:00:00.000Z' } });

  it('are told once, and again when they are others', () => {
    const standing = standingRefusals(latched, request, now);
    expect(standing).toMatchObject([{ key: 'latched', page: true }]);
    expect(untold(latched, standing)).toEqual(standing);
    const told = { ...latched, toldRefusals: Object.fromEntries(standing.map(({ key, id }) => [key, id])) };
    expect(untold(told, standing)).toEqual([]);
    const later = { ...told, latched: { standby: '2026-03-02T11:30:00.000Z' } };
    expect(untold(later, standingRefusals(later, request, now))).toHaveLength(1);
  });
});

describe('whatever is true of a service', () => {
  const time = fc.integer({ min: -48, max: 1 }).map((hours) => new Date(now + hours * 3_600_000).toISOString());
  const move = fc.record({ failoverId: fc.constantFrom('f8', 'f9'), outcome: fc.constantFrom('failed-over', 'rolled-back', 'held'), endedAt: time });
  const anyService = fc.record({
    mode: fc.constantFrom('observe' as const, 'advise' as const, 'act' as const),
    killSwitch: fc.boolean(),
    activeSide: fc.constantFrom('primary' as const, 'standby' as const),
    latched: fc.constantFrom({}, { standby: '2026-03-02T11:00:00.000Z' }, { primary: '2026-03-02T11:00:00.000Z' }),
    recentMoves: fc.array(move, { maxLength: 5 }),
    lastFailover: move,
  });
  const anyRequest = fc.record({
    kind: fc.constantFrom('predictive' as const, 'fail-back' as const, 'drill' as const),
    from: fc.constantFrom('primary' as const, 'standby' as const),
    approvedBy: fc.constantFrom(null, 'plan', 'Ann'),
  });
  const anyOthers = fc.array(fc.record({ failoverId: fc.constantFrom('f5', 'f6', 'f7'), zone: fc.constantFrom('eu-west-1a', 'us-east-1a') }), { maxLength: 3 });

  it('nothing proceeds unless it may, and what is refused says why', () => {
    fc.assert(
      fc.property(anyService, anyRequest, anyOthers, (changes, asked, running) => {
        const to = otherSide(asked.from);
        const result = check(changes, { request: { ...request, ...asked, to }, running });
        if (result.decision !== 'proceed') {
          expect(result.reasons.length).toBeGreaterThan(0);
          return;
        }
        const { caps, sides } = serviceRecord().plan;
        expect(changes).toMatchObject({ mode: 'act', killSwitch: false, activeSide: asked.from });
        expect(running.length).toBeLessThan(caps.perAccount);
        expect(running.filter(({ zone }) => zone === sides[asked.from].zone).length).toBeLessThan(caps.perZone);
        if (asked.kind !== 'fail-back') {
          expect(changes.latched).not.toHaveProperty(to);
          expect(Date.parse(changes.lastFailover.endedAt)).toBeLessThanOrEqual(now - 3_600_000);
        }
      }),
      { numRuns: 1000 },
    );
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
