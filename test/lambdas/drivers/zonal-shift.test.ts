import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ZonalShift, ZonalShifts } from '../../../lambdas/adapters/zonal-shifts.ts';
import { DriverRefusedError } from '../../../lambdas/drivers/port.ts';
import { prolongShift, zonalShift } from '../../../lambdas/drivers/zonal-shift.ts';
import { requestOf, zonalDriver } from '../../fixtures/drivers.ts';

const hour = 3_600_000;
const now = Date.parse('2026-03-02T12:00:00Z');
const shift = (changes: Partial<ZonalShift> = {}): ZonalShift => ({
  ...{ id: 'abc-1', awayFrom: 'euw1-az1', expiresAt: now + 20 * hour, comment: 'Forestall: shop', manual: true },
  ...changes,
});
const active = vi.spyOn(ZonalShifts.prototype, 'active');
const start = vi.spyOn(ZonalShifts.prototype, 'start');
const cancel = vi.spyOn(ZonalShifts.prototype, 'cancel');
const prolong = vi.spyOn(ZonalShifts.prototype, 'prolong');

beforeEach(() => {
  active.mockResolvedValue([]);
  start.mockResolvedValue('abc-9');
  cancel.mockResolvedValue();
  prolong.mockResolvedValue();
});
afterEach(() => vi.clearAllMocks());

describe('to the standby', () => {
  it('begins a shift away from the zone, marked as its own', async () => {
    expect(await zonalShift.apply(requestOf(zonalDriver))).toEqual({ state: 'done', token: 'abc-9' });
    expect(start.mock.calls).toEqual([[{ loadBalancerArn: zonalDriver.loadBalancerArn, awayFrom: 'euw1-az1', expiresHours: 24, comment: 'Forestall: shop' }]]);
  });

  it('begins none when its own stands: the answer was lost', async () => {
    active.mockResolvedValue([shift()]);
    expect(await zonalShift.apply(requestOf(zonalDriver))).toEqual({ state: 'done', token: 'abc-1' });
    expect(start).not.toHaveBeenCalled();
  });

  it('finds its own when the SDK has asked twice', async () => {
    start.mockResolvedValue(undefined);
    active.mockResolvedValueOnce([]).mockResolvedValueOnce([shift()]);
    expect(await zonalShift.apply(requestOf(zonalDriver))).toEqual({ state: 'done', token: 'abc-1' });
  });

  it("makes do with somebody else's shift away from the same zone", async () => {
    active.mockResolvedValue([shift({ comment: 'operator' })]);
    expect(await zonalShift.apply(requestOf(zonalDriver))).toEqual({ state: 'done', token: 'theirs' });
  });

  it('lets a practice run of AWS be', async () => {
    active.mockResolvedValue([shift({ manual: false, awayFrom: 'euw1-az2', comment: 'practice' })]);
    expect(await zonalShift.apply(requestOf(zonalDriver))).toEqual({ state: 'done', token: 'abc-9' });
  });

  it.each([
    [
      'another zone is left already',
      () => active.mockResolvedValue([shift({ awayFrom: 'euw1-az2', comment: 'operator' })]),
      /away from euw1-az2 \("operator"\) by somebody else/,
    ],
    ['something stands in the way', () => start.mockResolvedValue(undefined), /kept from shifting/],
  ])('stops when %s', async (_what, given, words) => {
    given();
    const failure = await zonalShift.apply(requestOf(zonalDriver)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DriverRefusedError);
    expect((failure as Error).message).toMatch(words);
  });
});

describe('back to the primary', () => {
  const back = requestOf(zonalDriver, { to: 'primary' });
  it('ends its own shift', async () => {
    active.mockResolvedValue([shift()]);
    expect(await zonalShift.apply(back)).toEqual({ state: 'done' });
    expect(cancel.mock.calls).toEqual([['abc-1']]);
  });

  it("leaves somebody else's, and none is none", async () => {
    expect(await zonalShift.apply(back)).toEqual({ state: 'done' });
    active.mockResolvedValue([shift({ comment: 'operator' })]);
    expect(await zonalShift.apply(back)).toEqual({ state: 'done', token: 'theirs' });
    expect(cancel).not.toHaveBeenCalled();
  });
});

describe('while the standby serves', () => {
  it.each([
    ['is not touched in its first half', shift({ expiresAt: now + 13 * hour }), 0],
    ['is prolonged in its second half', shift({ expiresAt: now + 12 * hour }), 1],
    ['is left to whoever began it', shift({ expiresAt: now + hour, comment: 'operator' }), 0],
    ['is not begun again when somebody has ended it', undefined, 0],
  ])('a shift %s', async (_what, standing, times) => {
    active.mockResolvedValue(standing ? [standing] : []);
    expect(await prolongShift(requestOf(zonalDriver))).toBe(times === 1);
    expect(prolong).toHaveBeenCalledTimes(times);
  });
});
