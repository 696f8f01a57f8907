import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../rehearsal/arms/outcome.ts';

type Failovers = Parameters<typeof outcomeOf>[0]['failovers'];
const failover = (outcome: string | null, endedAt: number, kind = 'predictive'): Failovers[number] => ({
  failoverId: `f${endedAt}`,
  kind,
  outcome,
  startedAt: endedAt - 10,
  endedAt,
  reasons: [],
  events: [],
});
const of = (failovers: Failovers, answer: number) => outcomeOf({ failovers }, { answer });

describe('outcomeOf', () => {
  it('is no-action when nothing was tried, or only spoken of', () => {
    expect(of([], 1)).toBe('no-action');
    for (const outcome of ['advised', 'refused']) expect(of([failover(outcome, 10)], 1)).toBe('no-action');
  });
  it('is held when something stopped short', () => {
    for (const outcome of ['held', 'halted']) expect(of([failover(outcome, 10), failover('refused', 20)], 1)).toBe('held');
  });
  it('is what the newest decided failover was', () => {
    expect(of([failover('rolled-back', 10), failover('failed-over', 20)], 0)).toBe('failed-over');
    expect(of([failover('failed-over', 20), failover('rolled-back', 10), failover('refused', 30)], 0)).toBe('failed-over');
    expect(of([failover('rolled-back', 10), failover('evacuated', 20)], 0)).toBe('evacuated');
    expect(of([failover('rolled-back', 10)], 1)).toBe('rolled-back');
  });
  it('is evacuated when health checks moved the traffic and nobody wrote it down', () => {
    expect(of([], 0)).toBe('evacuated');
    expect(of([failover('rolled-back', 10)], 0)).toBe('evacuated');
  });
  it('does not count the way home', () => {
    expect(of([failover('failed-over', 10), failover('failed-over', 20, 'fail-back')], 1)).toBe('failed-over');
  });
});
