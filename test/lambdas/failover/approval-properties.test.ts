// Whatever people answer, whenever it is looked for, and whoever cannot be told: an answer is given once, and nobody is moved without one.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { checkApproval } from '../../../lambdas/check-approval/check-approval.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { openFailover } from '../../../lambdas/open-failover/open-failover.ts';
import { failoverTest, minute, request } from '../../fixtures/failover.ts';
import { planInput } from '../../fixtures/plan.ts';
import { serviceRecord } from '../../fixtures/service.ts';

const test = failoverTest();

type Action =
  | { readonly what: 'look'; readonly told: boolean; readonly twice: boolean }
  | { readonly what: 'answer'; readonly answer: 'granted' | 'denied'; readonly by: string }
  | { readonly what: 'wait'; readonly minutes: number };
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('look' as const), told: fc.boolean(), twice: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('answer' as const),
      answer: fc.constantFrom('granted' as const, 'denied' as const),
      by: fc.constantFrom('Ann', 'Ben'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('wait' as const), minutes: fc.constantFrom(1, 9, 20) }) },
);

it('an answer never changes, decides alone, and is what the move goes by', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('hold' as const, 'proceed' as const), fc.array(action, { minLength: 3, maxLength: 14 }), async (onTimeout, actions) => {
      await test.services.failovers.removeRunning(`f${run}`);
      const step = { serviceId: 'shop', failoverId: `f${++run}` };
      const plan = Plan.parse(planInput({ approval: { required: ['predictive'], timeoutMinutes: 30, escalateAfterMinutes: 10, onTimeout } }));
      await test.tables.put('services', { ...serviceRecord({ plan }) });
      await openFailover({ ...request, ...step }, test.services);
      await checkTarget({ ...step, warmed: 'none' }, test.services);
      const silent = { ...test.services, notifier: { tell: () => Promise.reject(new Error('SNS is down')) } as unknown as typeof test.services.notifier };
      const stateNow = async () => (await test.record(step.failoverId)).approval?.state;
      /** The first final state of the question; it has to stay. */
      let final: string | undefined;
      const decisions: string[] = [];
      for (const one of actions) {
        if (one.what === 'wait') test.outside.now += one.minutes * minute;
        if (one.what === 'answer') {
          const asked = (await stateNow()) === 'asked';
          expect(await test.services.approvals.answer(step.failoverId, one.answer, one.by, new Date(test.outside.now).toISOString())).toBe(asked);
        }
        if (one.what === 'look') {
          const services = one.told ? test.services : silent;
          let { decision } = await checkApproval(step, services);
          if (one.twice) expect((await checkApproval(step, services)).decision).toBe(decision);
          if (decision === 'recheck') {
            await checkTarget({ ...step, warmed: 'none' }, test.services);
            ({ decision } = await checkApproval(step, services));
          }
          decisions.push(decision);
        }
        const state = await stateNow();
        if (final !== undefined) expect(state).toBe(final);
        else if (state !== undefined && state !== 'asked') final = state;
      }
      const yes = final === 'granted' || (final === 'timed-out' && onTimeout === 'proceed');
      const no = final === 'denied' || (final === 'timed-out' && onTimeout === 'hold');
      if (decisions.includes('granted')) expect(yes).toBe(true);
      if (decisions.includes('denied')) expect(no).toBe(true);
      expect(decisions.includes('granted') && decisions.includes('denied')).toBe(false);
      expect(test.outside.changes).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 60_000);
