// An event becomes a workflow, once.
import { describe, expect, it } from 'vitest';
import { detailType, type WorkflowEvent } from '../../../core/contracts/events.ts';
import { startWorkflow } from '../../../lambdas/start-workflow/start-workflow.ts';
import { failoverTest } from '../../fixtures/failover.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();

describe('starting workflows', () => {
  const event: WorkflowEvent = {
    'detail-type': detailType.critical,
    detail: {
      serviceId: 'shop',
      decisionId: 'shop.critical.1',
      decidedAt: '2026-03-02T12:00:00Z',
      side: 'primary',
      score: 91.4,
      expectedInMinutes: 20,
      reasons: ['p99 latency 3x'],
    },
  };

  it('starts one execution for one decision, however often the event comes', async () => {
    expect(await startWorkflow(event, test.services)).toBe('started');
    expect(await startWorkflow(event, test.services)).toBe('exists');
    expect(test.outside.started).toHaveLength(1);
    expect(test.outside.started[0]).toMatchObject({
      machine: 'fail-over',
      name: 'shop.critical.1',
      input: { from: 'primary', to: 'standby', reasons: ['failure probability score 91 of primary', 'p99 latency 3x'] },
    });
  });

  it('starts after a crash between the claim and the start', async () => {
    await test.services.failovers.claim('shop.critical.1', '2026-03-02T12:00:00Z');
    expect(await startWorkflow(event, test.services)).toBe('started');
  });

  it('starts nothing for a service that only observes', async () => {
    await test.tables.put('services', { ...serviceRecord({ mode: 'observe' }) });
    expect(await startWorkflow(event, test.services)).toBe('ignored');
    expect(test.outside.started).toEqual([]);
  });

  it.each([
    ['ignored', '2026-03-02T11:30:00Z', 'given before the primary was left once more, and late'],
    ['started', '2026-03-02T11:50:00Z', 'late by another clock only'],
    ['started', '2026-03-02T12:05:00Z', 'given since'],
  ] as const)('a fail-back is %s when its approval of %s was %s', async (result, decidedAt, _why) => {
    test.outside.now += 5 * 60_000;
    await test.tables.put('services', { ...serviceRecord({ activeSide: 'standby', latched: { primary: '2026-03-02T11:55:00.000Z' } }) });
    const approved: WorkflowEvent = {
      'detail-type': detailType.failBackApproved,
      detail: { serviceId: 'shop', decisionId: 'shop.fail-back.1', decidedAt, approvedBy: 'ada', drill: null },
    };
    expect(await startWorkflow(approved, test.services)).toBe(result);
    expect(test.outside.started).toHaveLength(result === 'started' ? 1 : 0);
  });

  it('a fail-back that comes late is started as long as nothing has moved since it was approved', async () => {
    await test.tables.put('services', { ...serviceRecord({ activeSide: 'standby', latched: { primary: '2026-03-02T08:00:00.000Z' } }) });
    const approved: WorkflowEvent = {
      'detail-type': detailType.failBackApproved,
      detail: { serviceId: 'shop', decisionId: 'shop.fail-back.1', decidedAt: '2026-03-02T10:00:00Z', approvedBy: 'ada', drill: null },
    };
    expect(await startWorkflow(approved, test.services)).toBe('started');
  });
});
