// A standby that is too small is warmed only when the account may run what it lacks; what is not known does not refuse.
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { beforeEach, describe, expect, it } from 'vitest';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { Quotas } from '../../../lambdas/adapters/quotas.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { failoverTest, request, step } from '../../fixtures/failover.ts';
import { MemoryKind } from '../../fixtures/memory-kind.ts';

const test = failoverTest();
const check = () => checkTarget({ ...step, warmed: 'none' }, test.services);
const reasons = async () => (await test.services.failovers.story('f1')).at(-1)?.reasons ?? [];
beforeEach(async () => {
  const kind = new MemoryKind();
  kind.instances.set('i-1', { id: 'i-1', state: 'running', ready: true, type: 'm7i.large', vcpus: 2 });
  test.services = { ...test.services, kinds: { 'ec2-instance': kind } };
  await test.tables.put('resources', {
    ...{ serviceId: 'shop', subjectId: 'mirror#00', slot: 0, generation: 1, instanceId: 'i-1', status: 'ready' },
    updatedAt: new Date(test.outside.now).toISOString(),
  });
  test.outside.ready.standby = 0;
  await openFailover(request, test.services);
});

describe('a standby that is too small', () => {
  it('is warmed when the quota leaves room', async () => {
    test.outside.vcpuQuota = 64;
    expect(await check()).toEqual({ decision: 'warm' });
    expect(await reasons()).toContainEqual(expect.stringMatching(/the quota allows 64 vCPUs, .* 3 more instances need 6/));
  });

  it('is not when it certainly does not, and the record says what to raise', async () => {
    test.outside.vcpuQuota = 3;
    expect(await check()).toEqual({ decision: 'hold' });
    expect((await test.record()).reasons).toContainEqual(expect.stringMatching(/the quota allows 3 vCPUs/));
  });

  it('is when the quota is not known, and the record says so', async () => {
    expect(await check()).toEqual({ decision: 'warm' });
    expect(await reasons()).toContain('the quota of vCPUs is not known');
  });
});

describe('a quota', () => {
  it('that AWS does not tell is not known', async () => {
    const refuse = (client: unknown) => {
      expect(client).toBeInstanceOf(ServiceQuotasClient);
      (client as ServiceQuotasClient).middlewareStack.add(() => () => Promise.reject(new Error('denied')), { step: 'initialize' });
    };
    attachToClients({ customiser: refuse, fetch });
    expect(await new Quotas().value('eu-central-1', { serviceCode: 'ec2', quotaCode: 'L-1216C47A' })).toBeUndefined();
  });
});
