import { describe, expect, it } from 'vitest';
import type { DrillMeasured, EvacuationMeasured, MoveMeasured, Reached } from '../../bench/failover-run.ts';
import {
  broken,
  callsLine,
  costTable,
  drillsTable,
  evacuationsTable,
  median,
  moveSummaryTable,
  movesTable,
  partsTable,
  summariseMoves,
  worst,
} from '../../bench/failover-tables.ts';

const minute = 60_000;
const reached = (lookUps: number | null, honouring: number | null, all: number | null): Reached => {
  const of = (time: number | null) => (time === null ? null : time * minute);
  return { lookUps: of(lookUps), honouring: of(honouring), all: of(all) };
};
const move = (seed: number, forestall: Reached): MoveMeasured => ({
  ...{ question: 'move', scenario: 'gray-failure', seed, outcome: 'failed-over', canary: 'fresh', forestall },
  ...{ oracle: reached(1, 6, 8), stepped: reached(3, 8, 10) },
  ...{ firstWeight: 0.5 * minute, allWeight: 3.5 * minute, verified: 3.4 * minute, handedOver: 16 * minute, closed: 16 * minute },
  parts: { start: 0, propagation: 60_000, bake: 120_000, probes: 20_000, evidence: 0, capacity: 0, approval: 0, drain: 0, 'hand-over': 0, other: 10_000 },
  cost: {
    ...{ transitions: 100, invocations: 40, gigabyteSeconds: 20, metrics: 200, apiCalls: { 'route53:GetChange': seed } },
    dollars: { transitions: 0.0025, metrics: 0.002, lambda: 0.0003, sum: 0.0048 },
  },
});
const evacuation = (seed: number, flipped: number, lookUps: number): EvacuationMeasured => ({
  ...{ question: 'evacuation', seed, outcome: 'evacuated', dies: 'hosts', flipped: flipped * 1000, latched: 300_000 },
  ...{ forestall: { lookUps: lookUps * 1000, honouring: null, all: null }, reactive: reached(2, 3, 4), oracle: reached(1, 2, 3) },
  ...{ otherChecks: { '30 s x 3': 90_000, '10 s x 3': 31_000 }, failed: { forestall: 90, reactive: 100 }, cost: null },
});
const drill = (seed: number, moves: readonly string[], failed: number): DrillMeasured => ({
  ...{ question: 'drill', seed, moves, requests: 1_000_000, failed: { forestall: failed, none: 7 } },
  ...{ slow: { forestall: 1, none: 1 }, transitions: 300, dollars: 0.01 },
});

describe('median and worst', () => {
  it('know times that never came', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, null, 2])).toBe(2);
    expect(median([null, null, 2])).toBeNull();
    expect(median([])).toBeNull();
    expect(worst([3, 1, 2])).toBe(3);
    expect(worst([3, null])).toBeNull();
    expect(worst([])).toBeNull();
  });
});

describe('summariseMoves', () => {
  it('counts who was in time, by whom', () => {
    const summary = summariseMoves([move(1, reached(4, 9, 11)), move(2, reached(4.5, 10, null))]);
    expect(summary.withinLimit).toEqual({
      lookUps: { forestall: 2, stepped: 2, oracle: 2 },
      honouring: { forestall: 2, stepped: 2, oracle: 2 },
      all: { forestall: 0, stepped: 2, oracle: 2 },
    });
    expect(summary.behindOracle).toEqual([3 * minute, null]);
  });
});

describe('broken', () => {
  const ttl = minute;
  const both = ['drill failed-over 18.0 min', 'fail-back failed-over 29.0 min'];

  it('says nothing when everything was kept', () => {
    expect(broken([move(1, reached(9.9, 20, null))], [evacuation(1, 64, 150)], [drill(1, both, 7)], ttl)).toEqual([]);
  });

  it('names what was late, what did not come home, and what users lost', () => {
    expect(
      broken(
        [move(1, reached(10.1, 10.2, 10.3)), move(2, reached(null, null, null))],
        [evacuation(3, 91, 140), evacuation(4, 60, 151)],
        [drill(5, both, 8), drill(6, both.slice(0, 1), 7), drill(7, ['drill rolled-back 2.0 min', both[1] ?? ''], 7)],
        ttl,
      ),
    ).toEqual([
      'gray-failure 1: new connections were not moved within 10 minutes',
      'gray-failure 2: new connections were not moved within 10 minutes',
      'evacuation 3: Route 53 answered the lost side after 90 seconds',
      'evacuation 4: new connections were not moved within 90 seconds and the TTL',
      'drill 6: did not go over and home (drill failed-over 18.0 min)',
      'drill 7: did not go over and home (drill rolled-back 2.0 min, fail-back failed-over 29.0 min)',
      'drill 5: 8 failed requests, 7 without it',
    ]);
  });
});

describe('tables', () => {
  const kinds = new Map([['gray', [move(1, reached(4, 9, 11)), move(3, reached(5, 10, null))]]]);
  const lines = (text: string) => text.split('\n');

  it('have as many cells in each row', () => {
    for (const text of [
      movesTable(kinds.get('gray') ?? []),
      moveSummaryTable(kinds),
      partsTable(kinds),
      costTable(kinds),
      evacuationsTable([evacuation(1, 60, 110)]),
      drillsTable([drill(1, [], 7)]),
    ])
      expect(new Set(lines(text).map((line) => line.split(' | ').length)).size).toBe(1);
  });

  it('say what was measured', () => {
    expect(lines(movesTable(kinds.get('gray') ?? []))[3]).toBe(
      '| gray-failure | 3 | fresh | 3.5 | 5.0 / 3.0 / 1.0 | 10.0 / 8.0 / 6.0 | never / 10.0 / 8.0 | 16.0 |',
    );
    expect(lines(moveSummaryTable(kinds))[2]).toContain('| 5.0 / 5.0 | 3.0 / 3.0 | 1.0 / 1.0 | 2, 2, 2 | 4.0 / 4.0 |');
    expect(lines(partsTable(kinds))[0]).toBe('| runs | propagation | bake | probes | other | all weight in sync | then until handed over |');
    expect(lines(costTable(kinds))[2]).toContain('| 100 / 100 |');
    expect(callsLine(kinds.get('gray') ?? [])).toBe('route53:GetChange 3');
    expect(lines(drillsTable([drill(1, [], 7)]))[2]).toBe('| 1 | none | 1,000,000 | 7, 7 | 1, 1 | 300 | 0.0100 |');
  });
});
