// One deliberately broken variant of the product for each invariant: what chaos has to catch, so that its silence means something.
import type { FunctionName } from '../../../core/contracts/deployment.ts';
import { checkTarget } from '../../../lambdas/check-target/check-target.ts';
import { judgeCanary } from '../../../lambdas/judge-canary/judge-canary.ts';
import { latchSide } from '../../../lambdas/latch-side/latch-side.ts';
import { prepareStandby } from '../../../lambdas/prepare-standby/prepare-standby.ts';
import { type Services, services } from '../../../lambdas/services.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/shift-traffic.ts';
import { startWorkflow } from '../../../lambdas/start-workflow/start-workflow.ts';
import { verifyShift } from '../../../lambdas/verify-shift/verify-shift.ts';
import { asDeployed } from '../../../rehearsal/chaos/handlers.ts';
import type { InvariantResult } from '../../../rehearsal/results.ts';
import type { Handler } from '../../../rehearsal/runtime/functions.ts';
import type { RuntimeSources } from '../../../rehearsal/runtime/runtime.ts';

export interface Mutation {
  readonly invariant: InvariantResult['id'];
  /** What is broken. */
  readonly what: string;
  /** As `--replay` takes it. */
  readonly cases: readonly string[];
  readonly handlers: Partial<Record<FunctionName, Handler>>;
}

/** The product with some handlers replaced. */
export const mutated = ({ handlers }: Pick<Mutation, 'handlers'>): RuntimeSources => ({
  ...asDeployed,
  handlers: async (name) => handlers[name] ?? asDeployed.handlers(name),
});

type Methods<Port> = { [Name in keyof Port]?: Port[Name] };

/** A port whose methods are replaced; the others see the port as it is. */
function broken<Port extends object>(port: Port, methods: Methods<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      const replaced = methods[name as keyof Port];
      if (replaced !== undefined) return replaced;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A step that runs with other ports. */
const withPorts =
  <Input>(step: (input: Input, services: Services) => Promise<unknown>, breaking: (services: Services) => Partial<Services>): Handler =>
  (event) => {
    const whole = services();
    return step(event as Input, { ...whole, ...breaking(whole) });
  };

/** Nine ready instances, whatever there is. */
const boastful = ({ targets }: Services): Partial<Services> => ({
  targets: broken(targets, { health: async () => new Map(Array.from({ length: 9 }, (_, index) => [`i-${index}`, 'healthy'])) }),
});

/** The lock is always one's own. */
const lockless = (all: Services): Partial<Services> => ({ services: broken(all.services, { holdsLock: async () => true }) });

export const mutations: readonly Mutation[] = [
  {
    invariant: 'I1',
    what: 'the evacuation latches the side that serves',
    cases: ['death'],
    handlers: {
      'latch-side': withPorts(latchSide, ({ failovers }) => ({
        failovers: broken(failovers, {
          get: async (id) => {
            const record = await failovers.get(id);
            return { ...record, from: record.to, to: record.from };
          },
        }),
      })),
    },
  },
  {
    invariant: 'I2',
    what: 'capacity is believed, not counted',
    cases: ['small'],
    handlers: { 'check-target': withPorts(checkTarget, boastful), 'shift-traffic': withPorts(shiftTraffic, boastful) },
  },
  {
    invariant: 'I3',
    what: 'the steps of a shift do not ask whether the lock is still held',
    cases: ['fresh/fail-over.Shift traffic/lock-taken'],
    handlers: {
      'shift-traffic': withPorts(shiftTraffic, lockless),
      'verify-shift': withPorts(verifyShift, lockless),
      'judge-canary': withPorts(judgeCanary, lockless),
    },
  },
  {
    invariant: 'I4',
    what: 'the old side is taken from its balancer while it drains',
    cases: ['fresh'],
    handlers: {
      'check-drain': async () => {
        const { targets, services: store } = services();
        const { plan } = await store.get('shop');
        const { region, loadBalancer } = plan.sides.primary;
        const health = await targets.health(region, loadBalancer.targetGroupArn);
        await targets.deregister(region, loadBalancer.targetGroupArn, [...health.keys()].slice(0, 1));
        return { decision: 'drained' };
      },
    },
  },
  {
    invariant: 'I5',
    what: 'instances are launched without being recorded',
    cases: ['small'],
    handlers: {
      'prepare-standby': withPorts(prepareStandby, ({ mirrors }) => ({
        mirrors: broken(mirrors, { intend: async () => true, save: async () => true }),
      })),
    },
  },
  {
    invariant: 'I6',
    what: 'each delivery of an event starts an execution of its own',
    cases: ['fresh/run/event-duplicated'],
    handlers: {
      'start-workflow': withPorts(startWorkflow, ({ failovers, workflows }) => ({
        failovers: broken(failovers, { claim: async () => true }),
        workflows: broken(workflows, { start: (machine, name, input) => workflows.start(machine, `${name}.${Date.now()}`.slice(-80), input) }),
      })),
    },
  },
  {
    invariant: 'I7',
    what: 'a step does not ask whether the service may still be changed',
    cases: ['fresh/fail-over.Shift traffic/switched-off@mode'],
    handlers: {
      'shift-traffic': withPorts(shiftTraffic, (all) => ({
        services: broken(all.services, { get: async (id) => ({ ...(await all.services.get(id)), mode: 'act' }) }),
      })),
    },
  },
  {
    invariant: 'I8',
    what: 'neither the rule on failed executions nor the sweeper does anything',
    cases: ['fresh/shift-traffic.Bake/aborted', 'fresh/fail-over.Shift traffic/aborted'],
    handlers: { 'settle-execution': async () => null, 'sweep-orphans': async () => null },
  },
];
