// Switches: drivers that are thrown once, in the plan's order, when the traffic has moved; and thrown back by a fail-back's hand-over.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import { driverKey, regionOfDriver, type TrafficDriver } from '../../core/contracts/plan-drivers.ts';
import type { DriverRecord, FailoverRecord } from '../../core/contracts/records.ts';
import { isUnanswered } from '../failover/control-plane.ts';
import type { Session } from '../failover/session.ts';
import type { Services } from '../services.ts';
import { askDriver } from './ask.ts';
import { loadBalancerWeights } from './load-balancer-weights.ts';
import { DriverRefusedError, type DriverState } from './port.ts';
import { switchOf } from './registry.ts';
import { prolongShift } from './zonal-shift.ts';

/** How long one switch may be under way before a person has to look, ms. */
const patience = 60 * 60_000;
/** How long the Region that is left is asked again, ms. */
const silence = 60_000;

/**
 * Throws what is not thrown yet, one after the other; the next one only when the one before is done. `wait`: one is under way; call again.
 * A balancer whose last step did not reach it is asked again, in its place. Whatever a driver throws is thrown: the record then says which are done. But
 * for what is in the Region that is left: that is told to people when it does not answer for a minute.
 */
export async function throwSwitches(session: Session, services: Services): Promise<'done' | 'wait'> {
  const { plan, at } = session;
  let { record } = session;
  for (const [index, settings] of plan.drivers.entries()) {
    const key = driverKey(settings);
    const known = record.drivers[key];
    if (settings.driver === 'route53-weights' || isThrown(settings, known, record.to)) continue;
    let answer: Awaited<ReturnType<typeof ask>>;
    try {
      answer = await ask({ ...session, record }, settings, services);
    } catch (error) {
      // The Region that is left may be failing: what is there must not keep the service from being handed over.
      if (regionOfDriver(settings) !== plan.sides[record.from].region || !isUnanswered(error)) throw error;
      if (services.now() - Date.parse(known?.at ?? at) < silence) return 'wait';
      await tellUnreached(session, [`${key}: ${String(error)}`], services);
      continue;
    }
    record = answer.record;
    if (answer.state === 'under-way') {
      const since = known?.at ?? at;
      if (services.now() - Date.parse(since) > patience)
        throw new DriverRefusedError(`${key} has been under way since ${since}; see why it does not end, and finish the hand-over by hand`);
      return 'wait';
    }
    await services.failovers.tell(record.failoverId, `065-driver-${index}`, {
      at,
      phase: 'hand-over',
      message: `${key} switched to ${record.to}`,
      reasons: answer.token === undefined ? [] : [`token ${answer.token}`],
    });
  }
  return 'done';
}

/** A balancer is done when its last step was the whole: the token is the standby's share. */
const isThrown = ({ driver }: TrafficDriver, known: DriverRecord | undefined, to: SideName): boolean =>
  known?.status === 'done' && (driver !== 'load-balancer-weights' || known.token === (to === 'standby' ? '100' : '0'));

function ask(
  session: Session,
  settings: Exclude<TrafficDriver, { driver: 'route53-weights' }>,
  services: Services,
): Promise<DriverState & { record: FailoverRecord }> {
  return settings.driver === 'load-balancer-weights'
    ? askDriver(session, loadBalancerWeights, settings, 100, services)
    : askDriver(session, switchOf(settings), settings, 100, services);
}

/**
 * After an evacuation: asks every switch once, whatever the others said. The lost side's Region may not answer, and nothing waits for it:
 * what was not done is told, and left to people. The latch has been set before.
 */
export async function throwSwitchesAfterEvacuation(session: Session, services: Services): Promise<void> {
  const { plan } = session;
  let { record } = session;
  const open: string[] = [];
  for (const settings of plan.drivers) {
    const key = driverKey(settings);
    if (settings.driver === 'route53-weights' || settings.driver === 'health-check' || isThrown(settings, record.drivers[key], record.to)) continue;
    try {
      const answer = await ask({ ...session, record }, settings, services);
      record = answer.record;
      if (answer.state === 'under-way') open.push(`${key} is under way`);
    } catch (error) {
      open.push(`${key}: ${String(error)}`);
    }
  }
  if (open.length === 0) return;
  await tellUnreached({ ...session, record }, open, services);
}

async function tellUnreached({ record, at }: Session, open: readonly string[], { failovers, notifier }: Services): Promise<void> {
  await failovers.tell(record.failoverId, '066-drivers-open', { at, phase: record.phase, message: 'not everything was switched', reasons: open });
  await notifier.tell('page', `${record.serviceId}: switch by hand what did not answer`, [
    ...open,
    `failover ${record.failoverId}`,
    'see the runbook "A hand-over stopped between two drivers"',
  ]);
}

/** What ends by itself is made to last while the standby serves. Returns the keys of what was prolonged; throws the first error when all were tried. */
export async function prolongSwitches(plan: Plan, services: Services): Promise<string[]> {
  const prolonged: string[] = [];
  const failures: unknown[] = [];
  for (const settings of plan.drivers) {
    if (settings.driver !== 'zonal-shift') continue;
    try {
      if (await prolongShift({ plan, settings, services })) prolonged.push(driverKey(settings));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return prolonged;
}
