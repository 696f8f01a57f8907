// A stored state of which a part is not readable: what no history brings back is kept.
import { describe, expect, it } from 'vitest';
import { emptyState, parseState } from '../../lambdas/score-risk/scoring-state.ts';

const levels = { level: 'full', since: 5, critical: true, criticalSince: 6 };
const service = { levels, unhealthySince: 7, emitted: { critical: 'shop.critical.6' }, planned: [{ name: 'sale', from: 8, requestsPerSecond: 9 }] };
const last = { silent: false, timestamp: 1, failureProbability: 90, anomalyScore: 0.5, expectedInMinutes: null, reasons: [] };
const stored = { version: 1, observedUntil: 1, detector: { version: 2 }, last, requestsPerSecond: 3, service };
const parse = (changes: Record<string, unknown>) => parseState(JSON.stringify({ ...stored, ...changes }));

describe('a stored state', () => {
  it('is read as it was written', () => {
    expect(parse({})).toEqual(stored);
  });

  it.each([
    ['last', { last: { ...last, reasons: [{ metric: 'cpu', kind: 'omen', detail: '' }] } }],
    ['observedUntil', { observedUntil: 'yesterday' }],
    ['requestsPerSecond', { requestsPerSecond: {} }],
    ['version', { version: 7 }],
  ])('whose %s is not readable keeps level and decisions, and its history is read anew', (_what, changes) => {
    expect(parse(changes)).toMatchObject({ version: 1, observedUntil: null, service });
    expect(parse(changes).detector).toBeUndefined();
  });

  it('keeps the level when only what is remembered beside it is not readable', () => {
    expect(parse({ service: { ...service, planned: 'much', emitted: 3 } }).service).toMatchObject({ levels, unhealthySince: 7, emitted: {} });
  });

  it('without a readable level has none, and keeps its last score', () => {
    expect(parse({ service: { ...service, levels: { ...levels, level: 'warm' } } })).toEqual({ ...emptyState, last });
  });

  it.each(['{"version": 1, "obser', '7', 'null', '[]', '""', '{"service": 3}'])('that is %s is empty', (text) => {
    expect(parseState(text)).toEqual(emptyState);
  });
});
