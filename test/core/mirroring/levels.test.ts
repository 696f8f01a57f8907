// Levels and critical: hysteresis that neither flaps nor forgets.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { initialLevel, type LevelState, nextLevel } from '../../../core/mirroring/levels.ts';

const thresholds = Plan.shape.thresholds.parse(undefined);
const minute = 60_000;
const order = ['minimal', 'partial', 'full'] as const;
const rank = (level: (typeof order)[number]) => order.indexOf(level);
const run = (scores: readonly (number | null)[], stepMinutes = 1, floor: (typeof order)[number] = 'minimal') => {
  const states: LevelState[] = [];
  let state = initialLevel(0, floor);
  scores.forEach((score, index) => {
    state = nextLevel(state, score, index * stepMinutes * minute, thresholds, floor);
    states.push(state);
  });
  return states;
};
const levels = (states: readonly LevelState[]) => states.map(({ level }) => level);
const many = <T>(value: T, count: number): T[] => new Array<T>(count).fill(value);

const anyScore = fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: null });

describe('levels', () => {
  test('are entered at their thresholds, at once', () => {
    expect(levels(run([0, 29.9, 30, 69.9, 70, 100]))).toEqual(['minimal', 'minimal', 'partial', 'partial', 'full', 'full']);
    expect(levels(run([0, 90]))).toEqual(['minimal', 'full']);
  });

  test('are left below the exit threshold, after the dwell time', () => {
    expect(levels(run([75, ...many(60, 30)])).at(-1)).toBe('full');
    const falling = levels(run([75, ...many(59.9, 12)]));
    expect(falling.lastIndexOf('full')).toBe(9);
    expect(falling.at(-1)).toBe('partial');
    expect(levels(run([75, ...many(5, 12)])).at(-1)).toBe('minimal');
  });

  test('critical is entered at 85 and left below 75 after the dwell time', () => {
    const critical = run([84, 85, ...many(75, 20), ...many(74, 3)]).map((state) => state.critical);
    expect(critical.slice(0, 3)).toEqual([false, true, true]);
    expect(critical[21]).toBe(true);
    expect(critical[22]).toBe(false);
    expect(run([90]).at(-1)?.criticalSince).toBe(0);
    expect(run([90, ...many(0, 9)]).at(-1)?.critical).toBe(true);
    expect(run([90, ...many(0, 11)]).at(-1)).toMatchObject({ critical: false, criticalSince: null });
  });

  test('a floor holds from the first moment, and when it rises', () => {
    expect(levels(run(many(0, 30), 1, 'partial'))).toEqual(many('partial', 30));
    expect(nextLevel(initialLevel(0), null, 5, thresholds, 'partial')).toMatchObject({ level: 'partial', since: 5 });
  });

  test('no evidence changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyScore), fc.nat(), (scores, later) => {
        const state = run(scores).at(-1) ?? initialLevel(0);
        expect(nextLevel(state, null, scores.length * minute + later, thresholds)).toEqual(state);
      }),
    );
  });

  test('a level is never lowered before its dwell time, and never below what the score asks for', () => {
    fc.assert(
      fc.property(fc.array(anyScore, { minLength: 2, maxLength: 80 }), fc.integer({ min: 1, max: 7 }), (scores, step) => {
        const states = run(scores, step);
        states.forEach((state, index) => {
          const before = states[index - 1];
          const score = scores[index] ?? null;
          if (score !== null) expect(rank(state.level)).toBeGreaterThanOrEqual(score >= 70 ? 2 : score >= 30 ? 1 : 0);
          if (before === undefined) return;
          if (rank(state.level) < rank(before.level)) {
            expect(index * step * minute - before.since).toBeGreaterThanOrEqual(thresholds.dwellMinutes * minute);
            expect(score).toBeLessThan(60);
          }
          if (state.level === before.level) expect(state.since).toBe(before.since);
        });
      }),
    );
  });

  test('higher scores never give a lower level', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true })), { maxLength: 60 }),
        (pairs) => {
          // Dwell makes histories differ, so that only single steps from one state are comparable.
          const from = run(pairs.map(([score]) => score)).at(-1) ?? initialLevel(0);
          const at = (pairs.length + 20) * minute;
          for (const [a, b] of pairs) {
            const lower = nextLevel(from, Math.min(a, b), at, thresholds);
            const higher = nextLevel(from, Math.max(a, b), at, thresholds);
            expect(rank(lower.level)).toBeLessThanOrEqual(rank(higher.level));
            expect(Number(lower.critical)).toBeLessThanOrEqual(Number(higher.critical));
          }
        },
      ),
    );
  });
});
