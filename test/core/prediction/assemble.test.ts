import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble, settleTime, silence } from '../../../core/prediction/assemble.ts';
import type { Point } from '../../../core/prediction/port.ts';

const minute = 60_000;
const metrics = [
  { name: 'latency', role: 'latency', periodSeconds: 60 },
  { name: 'errors', role: 'errors', periodSeconds: 60 },
  { name: 'requests', role: 'requests', periodSeconds: 60 },
] as const;
const series = (points: Record<string, Point[]>) => new Map(Object.entries(points));
const point = (at: number, value = 1): Point => ({ timestamp: at * minute, value });

describe('observations', () => {
  it('are complete, in order and given once', () => {
    const all = series({ latency: [point(0), point(1)], errors: [point(0), point(1)], requests: [point(0), point(1)] });
    const first = assemble(metrics, all, null, 10 * minute);
    expect(first.map(({ timestamp }) => timestamp)).toEqual([0, minute]);
    expect(assemble(metrics, all, minute, 10 * minute)).toEqual([]);
  });

  it('wait for a metric that is late, and do not let later ones overtake it', () => {
    const late = series({ latency: [point(0), point(1)], errors: [point(0), point(1)], requests: [point(1)] });
    expect(assemble(metrics, late, null, 3 * minute)).toEqual([]);
  });

  it('stop waiting when nothing more can come', () => {
    const late = series({ latency: [point(0)], errors: [], requests: [] });
    expect(assemble(metrics, late, null, minute + settleTime - 1)).toEqual([]);
    expect(assemble(metrics, late, null, minute + settleTime)).toEqual([{ timestamp: 0, values: { latency: 1 } }]);
  });

  it('take no errors beside requests for zero, and nothing beside nothing for nothing', () => {
    const quiet = series({ latency: [point(0)], errors: [], requests: [point(0, 500)] });
    expect(assemble(metrics, quiet, null, 10 * minute)[0]?.values).toEqual({ latency: 1, errors: 0, requests: 500 });
    expect(assemble(metrics, series({ latency: [point(0)] }), null, 10 * minute)[0]?.values).toEqual({ latency: 1 });
  });

  it('do not wait for a five-minute metric where it cannot have a point', () => {
    const mixed = [...metrics, { name: 'cpu', role: 'cpu', periodSeconds: 300 }] as const;
    const one = (at: number) => ({ latency: [point(at)], errors: [point(at)], requests: [point(at)] });
    expect(assemble(mixed, series(one(6)), null, 8 * minute)).toHaveLength(1);
    expect(assemble(mixed, series(one(5)), null, 8 * minute)).toEqual([]);
    expect(assemble(mixed, series({ ...one(5), cpu: [point(5)] }), null, 11 * minute)).toHaveLength(1);
  });

  it('leave fresh points that may be partial', () => {
    const all = series({ latency: [point(0)], errors: [point(0)], requests: [point(0)] });
    expect(assemble(metrics, all, null, 2 * minute - 1)).toEqual([]);
    expect(assemble(metrics, all, null, 2 * minute)).toHaveLength(1);
  });

  it('are the same whether read at once or bit by bit', () => {
    const values = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 30 }), delay: fc.integer({ min: 1, max: 3 }), metric: fc.constantFrom('latency', 'errors', 'requests') }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(values, (arrivals) => {
        const known = (now: number) =>
          series(
            Object.fromEntries(
              metrics.map(({ name }) => [
                name,
                [...new Set(arrivals.filter(({ metric, at, delay }) => metric === name && (at + 1 + delay) * minute <= now).map(({ at }) => at))]
                  .sort((a, b) => a - b)
                  .map((at) => point(at)),
              ]),
            ),
          );
        const end = 60 * minute;
        const bitByBit: unknown[] = [];
        let after: number | null = null;
        for (let now = 0; now <= end; now += minute)
          for (const observation of assemble(metrics, known(now), after, now)) {
            bitByBit.push(observation);
            after = observation.timestamp;
          }
        expect(bitByBit).toEqual(assemble(metrics, known(end), null, end));
      }),
    );
  });
});

describe('silence', () => {
  it('is said only when what should be known is missing for two periods', () => {
    expect(silence(metrics, null, 100 * minute)).toBeUndefined();
    expect(silence(metrics, 0, 5 * minute)).toBeUndefined();
    expect(silence(metrics, 0, 6 * minute)).toEqual({ timestamp: 2 * minute, values: {} });
    expect(silence([], 0, 60 * minute)).toBeUndefined();
  });
});
