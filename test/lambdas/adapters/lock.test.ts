// The lock on real tables: whatever several holders do, in whatever order, no two ever act with the same token.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultTableName } from '../../../core/contracts/deployment.ts';
import { leaseMinutes } from '../../../core/failover/lock.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { ServiceStore } from '../../../lambdas/adapters/service-store.ts';
import { serviceRecord } from '../../fixtures/service.ts';
import { startTables, type TestTables } from '../../fixtures/tables.ts';

const services = new ServiceStore('eu-central-1', defaultTableName('services'));
const holders = ['f1', 'f2', 'f3'];
let tables: TestTables;

beforeAll(async () => {
  tables = await startTables();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: tables.endpoint });
  attachToClients(undefined);
});
afterAll(async () => {
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  await tables.close();
});

type Action = { readonly what: 'read' | 'acquire' | 'act' | 'release'; readonly holder: string } | { readonly what: 'wait'; readonly minutes: number };
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constantFrom('read' as const, 'acquire' as const, 'act' as const), holder: fc.constantFrom(...holders) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('release' as const), holder: fc.constantFrom(...holders) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait' as const), minutes: fc.constantFrom(1, leaseMinutes - 1, leaseMinutes) }) },
);

describe('the lock', () => {
  it('gives each tenure a higher token, and lets nobody act who does not hold it', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
        const serviceId = `shop-${run++}`;
        await tables.put('services', { ...serviceRecord({ serviceId }) });
        let now = Date.parse('2026-03-02T12:00:00Z');
        /** What each holder believes: the service as it read it last (perhaps long ago), and its token. */
        const seen = new Map(await Promise.all(holders.map(async (holder) => [holder, await services.get(serviceId)] as const)));
        const tokens = new Map<string, number>();
        const owners = new Map<number, string>();
        let current = 0;
        for (const one of actions) {
          if (one.what === 'wait') {
            now += one.minutes * 60_000;
            continue;
          }
          const { what, holder } = one;
          const token = tokens.get(holder);
          if (what === 'read') seen.set(holder, await services.get(serviceId));
          if (what === 'acquire') {
            const taken = await services.acquireLock(seen.get(holder) ?? serviceRecord({ serviceId }), holder, now);
            if (taken === undefined) continue;
            // A token belongs to one holder for ever, and a new tenure has a higher one than any before it.
            expect(owners.get(taken) ?? holder).toBe(holder);
            if (!owners.has(taken)) expect(taken).toBeGreaterThan(current);
            owners.set(taken, holder);
            tokens.set(holder, taken);
            current = Math.max(current, taken);
            expect(taken).toBe(current);
          }
          if (what === 'act' && token !== undefined && (await services.holdsLock(serviceId, holder, token, now))) expect(token).toBe(current);
          if (what === 'release') await services.releaseLock(serviceId, holder, undefined);
        }
        // At the end at most one of all that ever had a token may still act.
        const acting = await Promise.all([...tokens].map(([holder, token]) => services.holdsLock(serviceId, holder, token, now)));
        expect(acting.filter(Boolean).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('is taken by one of many that try at the same time', async () => {
    const serviceId = 'contended';
    await tables.put('services', { ...serviceRecord({ serviceId }) });
    const service = await services.get(serviceId);
    const now = Date.parse('2026-03-02T12:00:00Z');
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, index) => services.acquireLock(service, `f${index}`, now)));
    expect(tokens.filter((token) => token !== undefined)).toEqual([1]);
  });
});
