// What users of other canary tools were burned by, each by its report: https://github.com/<owner>/<repository>/issues/<number>.
import { describe, expect, it } from 'vitest';
import { decide } from '../../../core/canary/decide.ts';
import { judge } from '../../../core/canary/judge.ts';
import { input, metric, ordinary, side } from '../../fixtures/evidence.ts';

const minute = 60_000;
const calm = [10, 11, 9, 10, 12, 10, 11, 9, 10, 10];

describe('traffic that is not there', () => {
  it('flagger#1035: no traffic does not fail the canary, it is no evidence', () => {
    for (const nothing of [undefined, { requests: 0, failed: 0, slow: 0 }]) {
      const judgement = judge(input(nothing));
      expect(judgement.verdict).toBe('no-evidence');
      expect(judgement.reasons[0]).toMatch(/only 0 live requests to the receiving side, 250 are needed/);
      expect(decide(judgement, 0, 10 * minute).decision).toBe('wait');
    }
  });

  it('flagger#1689: a metric without any values neither fails nor passes anything', () => {
    const judgement = judge(input(side(), side(), { metrics: [metric([], [])] }));
    expect(judgement.findings.find(({ metric: name }) => name === 'orders')).toMatchObject({ result: 'missing' });
    expect(judgement).toMatchObject({ verdict: 'pass', score: null });
    expect(judge(input(undefined, undefined, { metrics: [metric([], [])] })).verdict).toBe('no-evidence');
  });

  it('one error at low volume does not fail the canary', () => {
    for (const requests of [1, 2, 10, 30, 100, 249]) expect(judge(input(side({ requests, failed: 1 }))).verdict).toBe('no-evidence');
    expect(judge(input(side({ requests: 500, failed: 1 }))).verdict).not.toBe('fail');
  });

  it('flagger#1011: when traffic stops, what passed before does not go on', () => {
    expect(judge(input(side())).verdict).toBe('pass');
    // The window of the next step is empty; the balancer counts nothing, or says that there was nothing.
    for (const lagging of [undefined, { requests: 0, errors: 0 }]) {
      const stopped = judge({ ...input(undefined, undefined), receiving: { live: undefined, lagging } });
      expect(stopped.verdict).toBe('no-evidence');
      expect(decide(stopped, 11 * minute, 10 * minute).decision).toBe('no-evidence');
    }
    // Users who are served well are no live evidence: the balancer never passes anything.
    expect(judge({ ...input(undefined), receiving: { live: undefined, lagging: { requests: 100_000, errors: 0 } } }).verdict).toBe('no-evidence');
  });
});

describe('measurements that are missing', () => {
  const judged = (points: number[] | undefined, critical = true) => judge(input(side(), side(), { metrics: [metric(points, calm, { critical })] }));

  it('argo-rollouts#1905: holds while a critical metric is empty, and goes on when it returns', () => {
    for (const empty of [undefined, [], [10], [Number.NaN, Number.NaN, Number.NaN, Number.NaN]]) {
      const judgement = judged(empty);
      expect(judgement.verdict).toBe('no-evidence');
      expect(judgement.reasons[0]).toMatch(/^orders: missing by minimum points/);
      expect(decide(judgement, minute, 10 * minute).decision).toBe('wait');
    }
    expect(decide(judged([10, 11, 10, 9]), minute, 10 * minute).decision).toBe('pass');
    expect(judged([], false).verdict).toBe('pass');
  });

  it('argo-rollouts#4479: when all measurements failed, the verdict is not success', () => {
    const metrics = ['one', 'two', 'three'].map((name) => metric(undefined, undefined, { name }));
    expect(judge(input(undefined, undefined, { metrics })).verdict).toBe('no-evidence');
    // All probes failed: that is a measurement, of a side that does not serve.
    expect(judge(input(side({ requests: 500, failed: 500 }))).verdict).toBe('fail');
    const allCritical = metrics.map((one) => ({ ...one, critical: true }));
    expect(judge(input(side(), side(), { metrics: allCritical })).verdict).toBe('no-evidence');
  });
});

describe('a minority that hides in ranks', () => {
  it('spinnaker#6278: 7 of 10 points 100 times worse fail', () => {
    const bad = [10, 11, 9, ...Array.from({ length: 7 }, () => 1000)];
    const judgement = judge(input(side(), side(), { metrics: [metric(bad, calm, { critical: true })] }));
    expect(judgement.verdict).toBe('fail');
    expect(judgement.reasons[0]).toMatch(/^orders: fail/);
  });

  it('spinnaker#6278: live, 7 of 10 answers 100 times slower fail, and so does one of twenty', () => {
    for (const share of [0.7, 0.05]) {
      const slowed = side({ latencyAt: (quantile) => ordinary(quantile) * (quantile > 1 - share ? 100 : 1) });
      expect(judge(input(slowed)).verdict).toBe('fail');
    }
    // Within the objective, and all the more hidden: 3 % of the answers take twice the longest of the others.
    const hidden = judge(input(side({ requests: 2000, latencyAt: (quantile) => (quantile > 0.97 ? 900 : ordinary(quantile)) }), side({ requests: 2000 })));
    expect(hidden.verdict).toBe('fail');
    expect(hidden.reasons[0]).toMatch(/99th percentile/);
  });

  it('a few points beyond everything are not passed either', () => {
    const judgement = judge(input(side(), side(), { metrics: [metric([10, 11, 9, 10, 10, 9, 11, 1000, 1000, 1000], calm, { critical: true })] }));
    expect(judgement.verdict).not.toBe('pass');
  });
});

describe('errors that are rare', () => {
  const zeros = Array.from({ length: 15 }, () => 0);

  it('kayenta#426: sparse errors do not fail a metric that is mostly zero', () => {
    for (const sparse of [
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
      [0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
    ])
      expect(judge(input(side(), side(), { metrics: [metric(sparse, zeros, { critical: true })] })).verdict).toBe('pass');
    const both = judge(input(side(), side(), { metrics: [metric([0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], { critical: true })] }));
    expect(both.verdict).toBe('pass');
  });

  it('kayenta#426: and errors that are not sparse any more do', () => {
    expect(judge(input(side(), side(), { metrics: [metric([0, 5, 7, 4, 6, 0, 8], zeros, { critical: true })] })).verdict).toBe('fail');
  });

  it('kayenta#426: live, a few errors against none are not a failure, and fifteen are', () => {
    expect(judge(input(side({ failed: 2 }))).verdict).toBe('pass');
    expect(judge(input(side({ failed: 6 }))).verdict).not.toBe('fail');
    expect(judge(input(side({ failed: 15 }))).verdict).toBe('fail');
  });
});

describe('why', () => {
  it('kayenta#521: every finding names the metric, both values, the bound and the rule', () => {
    const metrics = [
      metric([100, 110, 105, 107, 103], calm, { name: 'queue', critical: true }),
      metric(calm, calm, { name: 'calm' }),
      metric([], calm, { name: 'gone' }),
    ];
    const { reasons } = judge(input(side({ failed: 40, latencyAt: (quantile) => 3 * ordinary(quantile) }), side({ failed: 1 }), { metrics }));
    const about = (start: string) => reasons.find((reason) => reason.startsWith(start)) ?? '';
    expect(about('queue:')).toMatch(/fail by rank test.*median 105.*receiving side.*median 10.*losing one; more than 5 higher is worse/);
    expect(about('calm:')).toMatch(/pass by rank test/);
    expect(about('gone:')).toMatch(/missing by minimum points: 0 points of the receiving side \(3 are needed\)/);
    expect(about('live errors: fail by comparison')).toMatch(
      /40 of 1000 live requests failed on the receiving side, 1 of 1000 on the losing one.*1\.00 % more is the bound/,
    );
    expect(about('live errors: fail by the objective')).toMatch(/40 of 1000 .* the objective is 1\.00 %/);
    expect(about('live latency: fail')).toMatch(/typically (2\.99|3\.0\d) times slower than the losing side \(median .* against .*\), 1\.5 times is the bound/);
  });

  it('argo-rollouts#404: what decided comes first', () => {
    const failed = judge(input(side({ failed: 40 })));
    expect(failed.reasons[0]).toMatch(/fail/);
    const unclear = judge(input(side({ failed: 7 })));
    expect(unclear.verdict).toBe('no-evidence');
    expect(unclear.reasons[0]).toMatch(/unclear.*not excluded/);
    const score = judge(input(side(), side(), { metrics: [metric([50, 60, 55], calm), metric(calm, calm, { name: 'other' })] }));
    expect(score).toMatchObject({ verdict: 'fail', score: 50 });
    expect(score.reasons[0]).toBe('score: fail by the pass score: 1 of 2 metrics are no worse, 80 % are needed');
  });
});
