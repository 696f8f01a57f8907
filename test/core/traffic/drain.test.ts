// The losing side's share of the requests, from metrics that come late and not together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureDrain } from '../../../core/traffic/drain.ts';

const minute = 60_000;
const now = 100 * minute;
/** values by minutes ago */
const series = (values: Record<number, number>) =>
  Object.entries(values)
    .map(([ago, value]) => ({ timestamp: now - Number(ago) * minute, value }))
    .sort((a, b) => a.timestamp - b.timestamp);

describe('the share of the losing side', () => {
  it('is that of the newest minute which both sides tell', () => {
    expect(measureDrain(series({ 3: 6000, 2: 9900 }), series({ 3: 6000, 2: 100 }), now)).toEqual({ share: 0.01, newest: now - 2 * minute });
  });

  it('is compared with an earlier total when the receiving side is late, and with the smallest, since load falls', () => {
    expect(measureDrain(series({ 4: 6000, 3: 7000 }), series({ 4: 4000, 3: 2000, 2: 90 }), now)).toEqual({ share: 0.01, newest: now - 2 * minute });
  });

  it('is not known while the losing side is late', () => {
    expect(measureDrain(series({ 2: 9900 }), series({}), now)).toEqual({ share: undefined, newest: 0 });
  });

  it('is nothing when the losing side has reported nothing for so long that it would have', () => {
    expect(measureDrain(series({ 5: 9000, 4: 9900 }), series({}), now)).toEqual({ share: 0, newest: now - 4 * minute });
  });

  it('is not known when neither side reports', () => {
    expect(measureDrain([], [], now)).toEqual({ share: undefined, newest: 0 });
    expect(measureDrain(series({ 30: 0 }), series({ 30: 0 }), now)).toEqual({ share: undefined, newest: 0 });
  });

  it('is everything when the receiving side gets nothing', () => {
    expect(measureDrain(series({ 5: 0, 4: 0 }), series({ 5: 500, 4: 500 }), now)).toEqual({ share: 1, newest: now - 4 * minute });
  });

  it('is a share, whatever is told when', () => {
    const points = fc
      .dictionary(fc.integer({ min: 0, max: 12 }).map(String), fc.integer({ min: 0, max: 20_000 }), { maxKeys: 12 })
      .map((values) => series(values));
    fc.assert(
      fc.property(points, points, (receiving, losing) => {
        const { share = 0 } = measureDrain(receiving, losing, now);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }),
    );
  });
});
