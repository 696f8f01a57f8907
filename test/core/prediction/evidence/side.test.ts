// The risk of a side with what is said of it: as much as it has to be, and as sideRisk without.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHostEvent } from '../../../../core/prediction/evidence/host-events.ts';
import { resourceWithEvidence, type SideResource, type SideView, sideRiskWithEvidence } from '../../../../core/prediction/evidence/side.ts';
import { sideRisk } from '../../../../core/prediction/service-risk.ts';
import { account, deployed, iso, minute, now, record } from './fixture.ts';

const part = (failureProbability: number | null) => ({ failureProbability, expectedInMinutes: null, reasons: [] });
const resources = (count: number, zone = 'euw1-az1', from = 0): SideResource[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i-${from + index}`, zones: [zone], part: part(1), metrics: [] }));
const view = (changes: Partial<SideView>): SideView => ({
  ...{ entry: part(2), entryMetrics: [], resources: resources(4), needed: 3, evidence: [], neighbours: [], planned: undefined, horizonMinutes: 60, now },
  ...changes,
});
const announced = (id: string, changes: Parameters<typeof record>[0] = {}) =>
  record({ subjectId: `evidence#announced#${id}`, event: id, names: [id], ...changes });

describe('without anything said', () => {
  it('is the risk of what is measured', () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(100)),
        fc.array(fc.option(fc.nat(100)), { maxLength: 6 }),
        fc.option(fc.nat(6), { nil: undefined }),
        (entry, measured, needed) => {
          const parts = measured.map(part);
          const known = measured.map((score, index): SideResource => ({ id: `i-${index}`, zones: ['a'], part: part(score), metrics: [] }));
          expect(sideRiskWithEvidence(view({ entry: part(entry), resources: known, needed }))).toEqual(sideRisk(part(entry), parts, needed));
        },
      ),
    );
  });
});

describe('an announced stop', () => {
  it('of an instance that nothing can replace is the risk of the side', () => {
    const risk = sideRiskWithEvidence(view({ needed: 4, evidence: [announced('i-0')] }));
    expect(risk.score).toBeGreaterThan(95);
    expect(risk.expectedInMinutes).toBe(30);
    expect(risk.reasons[0]?.detail).toBe('i-0: EC2 has announced instance-retirement, on 2026-03-02 12:30 UTC, in 30 minutes');
  });
  it('that spare capacity covers is none', () => {
    const risk = sideRiskWithEvidence(view({ needed: 2, evidence: [announced('i-0')] }));
    expect(risk.score).toBeLessThan(10);
  });
  it('that takes the last spare one warms a standby, and says why', () => {
    const risk = sideRiskWithEvidence(view({ needed: 3, evidence: [announced('i-0')] }));
    expect(risk.score).toBeGreaterThanOrEqual(30);
    expect(risk.score).toBeLessThan(70);
    expect(risk.reasons.map(({ detail }) => detail)).toContainEqual('3 of 4 instances will be left, and 3 carry the load: none of them may fail');
  });
  it('is one fact, whether EC2 says it, or AWS Health, or both', () => {
    const twice = [announced('i-0'), record({ kind: 'health', event: 'h', subjectId: 'evidence#health#h#i-0', names: ['i-0'] })];
    expect(sideRiskWithEvidence(view({ needed: 4, evidence: twice })).score).toBe(sideRiskWithEvidence(view({ needed: 4, evidence: twice.slice(0, 1) })).score);
  });
  it('of five days from now is a warning', () => {
    const risk = sideRiskWithEvidence(
      view({ needed: 4, evidence: [announced('i-0', { from: iso(now + 5 * 1440 * minute), validUntil: iso(now + 9 * 1440 * minute) })] }),
    );
    expect(risk.score).toBeLessThan(15);
    expect(risk.reasons[0]?.detail).toContain('in 5 days');
  });
});

describe('a notice', () => {
  const health = (changes: Parameters<typeof record>[0]) =>
    record({
      kind: 'health',
      event: 'h',
      subjectId: 'evidence#health#h#primary',
      impact: 'issue',
      names: [],
      from: iso(now - 20 * minute),
      label: 'AWS Health: issue',
      ...changes,
    });
  it('about the side raises it, measured or not, and never to a move by itself', () => {
    const said = [health({ scope: 'side' })];
    expect(sideRiskWithEvidence(view({ evidence: said })).score).toBeGreaterThanOrEqual(30);
    expect(sideRiskWithEvidence(view({ evidence: said })).score).toBeLessThan(70);
    expect(sideRiskWithEvidence(view({ entry: part(80), evidence: said })).score).toBeGreaterThan(85);
    expect(sideRiskWithEvidence(view({ entry: undefined, resources: [], evidence: said })).score).toBe(35);
  });
  it('about a zone counts for the resources in it, as far as the others do not carry the load', () => {
    const both = [...resources(4), ...resources(4, 'euw1-az2', 4)];
    const said = [health({ scope: 'zone', names: ['euw1-az2'] })];
    expect(sideRiskWithEvidence(view({ resources: both, needed: 4, evidence: said })).score).toBeLessThan(10);
    expect(sideRiskWithEvidence(view({ resources: both, needed: 5, evidence: said })).score).toBeGreaterThan(40);
  });
  it('about a zone by its id counts for the side when no resource has a zone id, or none is known', () => {
    const said = [health({ scope: 'zone', names: ['euw1-az2'] })];
    expect(sideRiskWithEvidence(view({ resources: resources(4, 'eu-west-1a'), needed: 4, evidence: said })).score).toBeCloseTo(36, 0);
    expect(sideRiskWithEvidence(view({ entry: undefined, resources: [], evidence: said })).score).toBe(35);
    expect(
      sideRiskWithEvidence(view({ resources: resources(4, 'eu-west-1a'), needed: 4, evidence: [health({ scope: 'zone', names: ['eu-west-1b'] })] })).score,
    ).toBeLessThan(10);
  });
  it('that was closed as a whole says nothing of its parts, until it is opened again', () => {
    const parts = health({ scope: 'instance', names: ['i-0'], subjectId: 'evidence#health#h#i-0', order: iso(now - 10 * minute) });
    const closed = health({ scope: 'side', status: 'closed', order: iso(now - 5 * minute) });
    const needed = 4;
    expect(sideRiskWithEvidence(view({ needed, evidence: [parts] })).score).toBeGreaterThan(50);
    expect(sideRiskWithEvidence(view({ needed, evidence: [parts, closed] })).score).toBeLessThan(10);
    expect(sideRiskWithEvidence(view({ needed, evidence: [{ ...parts, order: iso(now) }, closed] })).score).toBeGreaterThan(50);
  });
});

describe('a deployment', () => {
  const deployment = record({
    kind: 'deployment',
    impact: 'none',
    scope: 'side',
    names: [],
    from: iso(now - 4 * minute),
    validUntil: iso(now + 26 * minute),
    label: 'deployment of 1.4.2 was completed',
  });
  const unusual = { ...part(80), reasons: [{ metric: 'latency-p99', kind: 'level' as const, detail: 'latency-p99 3 s' }] };
  it('is named with what is unusual, and changes no score', () => {
    const risk = sideRiskWithEvidence(view({ entry: unusual, evidence: [deployment] }));
    expect(risk.score).toBe(80);
    expect(risk.reasons.map(({ detail }) => detail)).toEqual(['latency-p99 3 s', 'deployment of 1.4.2 was completed 4 minutes before this']);
  });
  it('is not named when nothing is unusual', () => {
    expect(sideRiskWithEvidence(view({ evidence: [deployment] })).reasons).toEqual([]);
  });
  it('stops instances on purpose', () => {
    const stopped = record({ kind: 'state', event: 'i-0', names: ['i-0'], from: iso(now - minute) });
    expect(sideRiskWithEvidence(view({ needed: 4, evidence: [stopped] })).score).toBeGreaterThan(90);
    expect(sideRiskWithEvidence(view({ needed: 4, evidence: [stopped, deployment] })).score).toBeLessThan(10);
  });
});

describe('a deployment of hours', () => {
  const event = (state: string, changes: object) => {
    const detail = { application: 'shop', deploymentGroup: 'web', deploymentId: 'd-1', state };
    const read = readHostEvent(deployed(detail, { source: 'aws.codedeploy', ...changes }), account, now);
    if ('ignored' in read) throw new Error(read.ignored);
    return record({ kind: 'deployment', impact: 'none', scope: 'side', names: [], from: iso(read.from), validUntil: iso(read.validUntil), label: read.label });
  };
  const begun = event('START', {});
  const stoppedAt = (at: number) => record({ kind: 'state', event: 'i-0', names: ['i-0'], from: iso(at), validUntil: iso(at + 30 * minute) });
  const scoreAt = (minutes: number, deployment: typeof begun) => {
    const at = now + minutes * minute;
    return sideRiskWithEvidence(view({ needed: 4, evidence: [stoppedAt(at - minute), deployment], now: at })).score;
  };
  it('is what stops instances until it ends, of which nothing is heard before', () => {
    for (const minutes of [29, 31, 95, 239]) expect(scoreAt(minutes, begun)).toBeLessThan(10);
    expect(scoreAt(241, begun)).toBeGreaterThan(90);
    const ended = event('SUCCESS', {});
    expect(scoreAt(29, ended)).toBeLessThan(10);
    expect(scoreAt(31, ended)).toBeGreaterThan(90);
  });
  it('is named for half an hour', () => {
    const unusual = { ...part(80), reasons: [{ metric: 'latency-p99', kind: 'level' as const, detail: 'latency-p99 3 s' }] };
    const reasonsAt = (minutes: number) => sideRiskWithEvidence(view({ entry: unusual, evidence: [begun], now: now + minutes * minute })).reasons;
    expect(reasonsAt(29)).toHaveLength(2);
    expect(reasonsAt(31)).toHaveLength(1);
  });
});

describe('a zone whose resources turn unusual together', () => {
  const both = [...resources(9, 'use1-az2'), ...resources(22, 'use1-az1', 9)];
  const neighbours = both.map(({ zones }, index) => ({ serviceId: 'shop', zone: zones[0], unusualSince: index < 7 || index === 20 ? now - 5 * minute : null }));
  it('raises the side when the others do not carry the load, with the reason', () => {
    const risk = sideRiskWithEvidence(view({ resources: both, needed: 26, neighbours }));
    expect(risk.score).toBeGreaterThanOrEqual(50);
    expect(risk.score).toBeLessThan(70);
    expect(risk.reasons).toContainEqual({
      metric: 'use1-az2',
      kind: 'neighbourhood',
      detail: '7 of 9 resources in use1-az2 turned unusual within 15 minutes; 1 of 22 elsewhere',
    });
    expect(sideRiskWithEvidence(view({ resources: both, needed: 20, neighbours })).score).toBeLessThan(10);
  });
  it('raises those that are not unusual yet, and not those whose metrics it is made of', () => {
    const measured = both.map((one, index): SideResource => ({ ...one, part: part(index < 7 ? 72 : 1) }));
    expect(sideRiskWithEvidence(view({ resources: measured, needed: both.length, neighbours })).score).toBe(72);
  });
});

describe('resources of which nothing is known', () => {
  const unknown = (count: number) => resources(count).map((one): SideResource => ({ ...one, part: undefined }));
  it('are there: the announced loss of one that they replace is not that of the side', () => {
    expect(sideRiskWithEvidence(view({ resources: unknown(6), needed: 4, evidence: [announced('i-0')] })).score).toBeLessThan(10);
    expect(sideRiskWithEvidence(view({ resources: unknown(6), needed: 6, evidence: [announced('i-0')] })).score).toBeGreaterThan(95);
  });
  it('make nothing that is measured less', () => {
    const mixed = [...resources(2, 'a', 10).map((one): SideResource => ({ ...one, part: part(90) })), ...unknown(4)];
    const measured = sideRiskWithEvidence(view({ resources: mixed, needed: 4 })).score;
    expect(measured).toBe(90);
    expect(sideRiskWithEvidence(view({ resources: mixed, needed: 4, evidence: [announced('i-0')] })).score).toBeGreaterThanOrEqual(90);
  });
  it('are no ground for a decision by themselves', () => {
    expect(sideRiskWithEvidence(view({ entry: undefined, resources: unknown(6), needed: 4, evidence: [announced('i-0')] }))).toMatchObject({ held: true });
  });
});

it('tells of an instance what is said of it', () => {
  const about = { evidence: [announced('i-0')], horizonMinutes: 60, now };
  expect(resourceWithEvidence(part(3), 'i-0', about)?.failureProbability).toBeGreaterThan(95);
  expect(resourceWithEvidence(part(3), 'i-1', about)).toEqual(part(3));
});

it('is a score or none, whatever is kept', () => {
  const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
  const kept = fc.record({
    ...{ kind: fc.constantFrom('announced', 'status', 'state', 'health', 'deployment'), scope: fc.constantFrom('instance', 'zone', 'side') },
    ...{ impact: fc.constantFrom('stop', 'reboot', 'maintenance', 'issue', 'investigation', 'none'), status: fc.constantFrom('open', 'closed') },
    ...{ names: fc.array(fc.constantFrom('i-0', 'i-9', 'euw1-az1', 'eu-west-1a', '')), event: fc.constantFrom('a', 'b'), order: fc.string() },
    ...{ from: time, until: fc.option(time, { nil: undefined }), validUntil: time },
  });
  fc.assert(
    fc.property(
      fc.array(kept, { maxLength: 8 }),
      fc.option(fc.nat(100)),
      fc.option(fc.nat(8), { nil: undefined }),
      fc.nat(4),
      (records, entry, needed, count) => {
        const evidence = records.map(({ until, ...changes }) =>
          record({ ...changes, ...(until === undefined ? {} : { until }) } as Parameters<typeof record>[0]),
        );
        const { score, reasons } = sideRiskWithEvidence(view({ entry: part(entry), resources: resources(count), needed, evidence }));
        if (score !== null) expect(score >= 0 && score <= 100).toBe(true);
        expect(reasons.length).toBeLessThanOrEqual(8);
      },
    ),
  );
});
