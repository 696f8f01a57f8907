import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../core/canary/decide.ts';
import { type JudgeInput, judge } from '../../../core/canary/judge.ts';
import { input, metric, ordinary, side } from '../../fixtures/evidence.ts';

const slower = (factor: number) => side({ latencyAt: (quantile) => factor * ordinary(quantile) });
const withBalancer = (lagging: JudgeInput['receiving']['lagging'], live = side()): JudgeInput => ({ ...input(live), receiving: { live, lagging } });

describe('the judge', () => {
  it('passes a side that answers', () => {
    expect(judge(input(side()))).toMatchObject({ verdict: 'pass', comparison: 'unclear', onlySlower: false, score: null });
    expect(judge(input(side({ requests: 500 }), side({ requests: 500 }))).verdict).toBe('pass');
  });

  it('fails a side that fails 5 % of real requests', () => {
    expect(judge(input(side({ requests: 500, failed: 25 }))).verdict).toBe('fail');
  });

  it('fails a side that times out although few requests fitted in, and nothing else with so few', () => {
    expect(judge(input(side({ requests: 150, failed: 150 }))).verdict).toBe('fail');
    expect(judge(input(side({ requests: 249 }))).verdict).toBe('no-evidence');
    expect(judge(input(side({ requests: 3, failed: 3 }))).verdict).toBe('no-evidence');
  });

  it('has no evidence when the errors are neither ruled out nor proved', () => {
    expect(judge(input(side({ requests: 500, failed: 4 }))).verdict).toBe('no-evidence');
  });

  it('has nothing to compare with when nobody probed the losing side', () => {
    const judgement = judge({ ...input(side()), losing: { live: undefined, lagging: undefined } });
    expect(judgement.verdict).toBe('no-evidence');
    expect(judgement.reasons[0]).toMatch(/nothing to compare with/);
  });

  it('has no evidence of latency in what older versions stored', () => {
    const { latencies: _, ...old } = side();
    const judgement = judge(input(old, old));
    expect(judgement.verdict).toBe('no-evidence');
    expect(judgement.reasons[0]).toMatch(/0 latencies of the receiving side/);
  });

  it('lets the balancer veto what probes passed, but never pass what they did not', () => {
    expect(judge(withBalancer({ requests: 10_000, errors: 500 })).verdict).toBe('fail');
    expect(judge(withBalancer({ requests: 10_000, errors: 0 }, side({ requests: 10 }))).verdict).toBe('no-evidence');
    expect(judge(withBalancer({ requests: 20, errors: 3 })).verdict).toBe('pass');
    expect(judge(withBalancer({ requests: 300, errors: 400 })).verdict).toBe('fail');
  });

  it('refuses counts that contradict each other', () => {
    expect(() => judge(input({ requests: 10, failed: 11, slow: 0 }))).toThrow(/11 failed and 0 slow of 10 requests cannot be/);
    expect(() => judge(input({ requests: 10, failed: 0.5, slow: 0 }))).toThrow(RangeError);
  });
});

describe('latency', () => {
  it('that is 1.5 times the losing side’s never passes, as a whole or in its tail alone', () => {
    expect(judge(input(slower(1.5))).verdict).not.toBe('pass');
    expect(judge(input(slower(2))).verdict).toBe('fail');
    for (const from of [0.9, 0.95, 0.98])
      expect(judge(input(side({ latencyAt: (quantile) => ordinary(quantile) * (quantile > from ? 1.6 : 1) }))).verdict).not.toBe('pass');
  });

  it('that is a little worse is tolerated', () => {
    expect(judge(input(slower(1.05))).verdict).toBe('pass');
    // Significant beyond doubt, and irrelevant: significance alone is no failure.
    expect(judge(input(slower(1.2), side({ requests: 5000 }))).verdict).not.toBe('fail');
  });

  it('beyond the objective fails, unless the losing side is worse', () => {
    const bad = side({ latencyAt: (quantile) => (quantile > 0.8 ? 2000 : 100) });
    const worse = side({ latencyAt: (quantile) => (quantile > 0.4 ? 3000 : 100) });
    expect(judge(input(bad)).verdict).toBe('fail');
    expect(judge(input(bad, worse)).verdict).toBe('pass');
  });

  it('of a side that is merely slower does not stop a failover while it is within the objective', () => {
    const judgement = judge(input(slower(1.8)));
    expect(judgement).toMatchObject({ verdict: 'fail', onlySlower: true });
    expect(decide(judgement, 0, 1)).toMatchObject({ decision: 'pass', verdict: 'pass', reasons: [expect.stringMatching(/within the objective/)] });
    expect(judge(input(slower(4)))).toMatchObject({ verdict: 'fail', onlySlower: false });
    // One failure in so few requests is neither here nor there: more of them decide, and nothing is taken back for them.
    const early = judge(input(side({ requests: 500, failed: 1, latencyAt: (quantile) => 1.8 * ordinary(quantile) }), side({ requests: 500 })));
    expect(early).toMatchObject({ verdict: 'fail', onlySlower: false, slowerSoFar: true });
    expect(decide(early, 0, 1)).toMatchObject({ decision: 'wait', verdict: 'no-evidence' });
    expect(decide(early, 1, 1)).toMatchObject({ decision: 'no-evidence', verdict: 'no-evidence' });
    // Not for errors: those are never within anything.
    expect(judge(input(side({ failed: 30, latencyAt: (quantile) => 1.8 * ordinary(quantile) })))).toMatchObject({
      verdict: 'fail',
      onlySlower: false,
      slowerSoFar: false,
    });
  });

  it('has nothing to be compared with when the losing side answers nothing', () => {
    expect(judge(input(side(), side({ failed: 1000 })))).toMatchObject({ verdict: 'pass', comparison: 'receiving-better' });
  });
});

describe('which side is better', () => {
  it('is said only with confidence', () => {
    const failing = side({ failed: 200 });
    expect(judge(input(failing)).comparison).toBe('losing-better');
    expect(judge(input(side(), failing)).comparison).toBe('receiving-better');
    expect(judge(input(side({ failed: 1 }))).comparison).toBe('unclear');
    expect(judge(input(side(), undefined)).comparison).toBe('unclear');
    expect(judge(input(side(), side({ requests: 10, failed: 10 }))).comparison).toBe('unclear');
  });

  it('takes a bad target when the source is far worse, and keeps that it did not pass', () => {
    const judgement = judge(input(side({ failed: 50 }), side({ failed: 400 })));
    expect(decide(judgement, 0, 1)).toMatchObject({ decision: 'pass', verdict: 'fail' });
    expect(decide(judge(input(side({ failed: 50 }))), 0, 1)).toMatchObject({ decision: 'fail', reasons: ['the losing side measures better'] });
  });

  it('does not take a target whose users meet more failures than the source has, whatever the probes find', () => {
    const source = side({ failed: 50 });
    const met = (errors: number) => judge({ ...input(side(), source), receiving: { live: side(), lagging: { requests: 2000, errors } } });
    expect(met(1000)).toMatchObject({ verdict: 'fail', comparison: 'unclear' });
    expect(decide(met(1000), 0, 1).decision).toBe('fail');
    // More than the objective allows, and fewer than the source has: moving still helps.
    expect(met(40)).toMatchObject({ verdict: 'fail', comparison: 'receiving-better' });
    expect(decide(met(40), 0, 1).decision).toBe('pass');
  });
});

describe('metrics of the plan', () => {
  const calm = [10, 11, 9, 10, 12, 10, 11, 9, 10, 10];
  const judged = (...metrics: JudgeInput['metrics'] & object) => judge(input(side(), side(), { metrics }));

  it('fail alone when they are critical, and by their share when not', () => {
    const bad = metric([50, 60, 55, 70], calm);
    expect(judged({ ...bad, critical: true })).toMatchObject({ verdict: 'fail', score: null });
    const good = ['a', 'b', 'c', 'd'].map((name) => metric([10, 11, 10, 9], calm, { name }));
    expect(judged(bad, ...good)).toMatchObject({ verdict: 'pass', score: 80 });
    expect(judged(bad, ...good.slice(1))).toMatchObject({ verdict: 'fail', score: 75 });
    expect(judge(input(side(), side(), { metrics: [bad, ...good.slice(1)], passScore: 70 })).verdict).toBe('pass');
  });

  it('know which direction is worse', () => {
    const points = [2, 1, 2, 1, 2];
    expect(judged(metric(points, calm, { critical: true })).verdict).toBe('pass');
    for (const worse of ['lower', 'either'] as const) expect(judged(metric(points, calm, { critical: true, worse })).verdict).toBe('fail');
    expect(judged(metric([10, 11, 10, 9, 10], calm, { critical: true, worse: 'either' })).verdict).toBe('pass');
  });

  it('fail at their limit, whatever the losing side has', () => {
    expect(
      judged(
        metric(
          [100, 100, 100],
          calm.map((value) => value * 10),
          { critical: true, limit: 100 },
        ),
      ).verdict,
    ).toBe('fail');
  });

  it('are not waited for while there is no time, and veto all the same', () => {
    const late = metric([10], calm, { critical: true });
    const urgent = (given: typeof late) => judge(input(side(), side(), { metrics: [given], metricsOnlyVeto: true }));
    expect(judged(late).verdict).toBe('no-evidence');
    expect(urgent(late)).toMatchObject({ verdict: 'pass', reasons: expect.arrayContaining([expect.stringContaining('missing')]) });
    expect(urgent(metric([50, 60, 55, 70], calm, { critical: true })).verdict).toBe('fail');
    // The probes are waited for.
    expect(judge(input(side({ requests: 10 }), side(), { metrics: [late], metricsOnlyVeto: true })).verdict).toBe('no-evidence');
  });

  it('never let anything pass that the probes did not', () => {
    const good = metric([10, 11, 10, 9], calm, { critical: true });
    expect(judge(input(undefined, side(), { metrics: [good] })).verdict).toBe('no-evidence');
  });
});

describe('whatever the evidence', () => {
  const counts = fc
    .integer({ min: 0, max: 1500 })
    .chain((requests) => fc.record({ requests: fc.constant(requests), failed: fc.integer({ min: 0, max: requests }) }));

  it('a pass needs enough live requests and an error rate within bounds, a failure needs something bad, and there are reasons', () => {
    fc.assert(
      fc.property(counts, counts, fc.double({ min: 0.5, max: 3, noNaN: true }), (receiving, losing, factor) => {
        const live = side({ ...receiving, latencyAt: (quantile) => factor * ordinary(quantile) });
        const { verdict, reasons } = judge(input(live, side(losing)));
        if (verdict === 'pass') {
          expect(live.requests).toBeGreaterThanOrEqual(250);
          expect(live.failed / live.requests).toBeLessThanOrEqual(0.02);
        }
        if (verdict === 'fail') expect(live.failed > 0 || factor > 1.4).toBe(true);
        expect(reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('more failures never help', () => {
    const rank = { fail: 0, 'no-evidence': 1, pass: 2 };
    const verdicts = Array.from({ length: 40 }, (_, failed) => rank[judge(input(side({ failed }), side({ failed: 3 }))).verdict]);
    for (const [index, verdict] of verdicts.entries()) expect(verdict).toBeLessThanOrEqual(verdicts[index - 1] ?? 2);
  });
});
