// The scores that interlocks compare: of the same evidence as the scores that decide.
import { afterEach, describe, expect, it } from 'vitest';
import type { EvidenceRecord } from '../../../core/contracts/evidence.ts';
import { Plan, type PlanInput } from '../../../core/contracts/plan.ts';
import { SubjectRecord } from '../../../core/contracts/records.ts';
import { sideScores } from '../../../lambdas/failover/side-scores.ts';
import type { Services } from '../../../lambdas/services.ts';
import { iso, minute, now, record } from '../../core/prediction/evidence/fixture.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

let subjects: SubjectRecord[] = [];
let evidence: EvidenceRecord[] = [];
afterEach(() => {
  subjects = [];
  evidence = [];
});

const scores = (changes: Partial<PlanInput> = {}) =>
  sideScores({ ...serviceRecord(), plan: Plan.parse(planInput(changes)) }, {
    subjects: { withEvidence: () => Promise.resolve({ subjects, evidence }) },
    now: () => now,
  } as unknown as Services);

const add = (subjectId: string, age: number, changes: Record<string, unknown> = {}, score = 1) => {
  const last = { timestamp: now - age * minute, failureProbability: score, expectedInMinutes: null, reasons: [], ...changes };
  const [type, side] = subjectId.split('#');
  subjects.push(
    SubjectRecord.parse({
      ...{ serviceId: 'shop', subjectId, side, kind: type === 'entry' ? 'entry' : 'ec2-instance', region: 'eu-west-1', metrics: [], shard: 'due#0' },
      ...{ nextDueAt: iso(now), score, zoneId: subjectId.includes('#j-') ? 'euw1-az1' : 'euw1-az2' },
      detectorState: JSON.stringify({ version: 1, observedUntil: now, detector: null, last, requestsPerSecond: type === 'entry' ? 200 : null, ...changes }),
    }),
  );
};
const instances = (count: number, age: number) => {
  for (let index = 0; index < count; index++) add(`resource#primary#i-${index}`, age);
};

describe('the score of a side', () => {
  it('has what is said of an instance whose own score is not fresh', async () => {
    add('entry#primary', 2);
    instances(2, 600);
    evidence = [record({ names: ['i-0'] })];
    expect((await scores()).primary).toBeGreaterThan(90);
  });

  it('counts those of whom nothing is known among what carries the load', async () => {
    add('entry#primary', 2);
    instances(6, 600);
    evidence = [record({ names: ['i-0'] })];
    expect((await scores()).primary).toBeLessThan(10);
  });

  it('is none when nothing is measured, whatever is said of one that others replace', async () => {
    instances(6, 600);
    evidence = [record({ names: ['i-0'], from: iso(now + 9000 * minute), validUntil: iso(now + 9999 * minute) })];
    expect(await scores()).toEqual({ primary: null, standby: null });
  });

  it('has announced load that the side does not carry', async () => {
    add('entry#primary', 2);
    const sale = { name: 'sale', factor: 20, from: iso(now + 20 * minute), until: iso(now + 200 * minute) };
    expect((await scores()).primary).toBeLessThan(10);
    expect((await scores({ plannedLoad: [sale] })).primary).toBeGreaterThanOrEqual(30);
  });

  it('has the pattern of a zone', async () => {
    add('entry#primary', 2);
    for (let index = 0; index < 4; index++) add(`resource#primary#i-${index}`, 2, { unusualSince: now - 5 * minute }, 20);
    for (let index = 0; index < 10; index++) add(`resource#primary#j-${index}`, 2);
    // So much load that every instance counts.
    add('entry#primary', 2, { requestsPerSecond: 1e5 });
    subjects = subjects.slice(1);
    expect((await scores()).primary).toBeGreaterThanOrEqual(50);
  });
});
