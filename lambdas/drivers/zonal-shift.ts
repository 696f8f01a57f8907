// Driver `zonal-shift`: a load balancer's traffic leaves one Availability Zone while the standby serves.
import { type DriverOf, driverKey, regionOfArn } from '../../core/contracts/plan-drivers.ts';
import { type ZonalShift, ZonalShifts } from '../adapters/zonal-shifts.ts';
import type { Services } from '../services.ts';
import { type DriverPlace, type DriverPort, DriverRefusedError } from './port.ts';

type Settings = DriverOf<'zonal-shift'>;

const hour = 3_600_000;

/**
 * A balancer has one manual shift at a time, which is what makes a second one impossible. One that somebody else began away from the same zone does what is
 * wanted: it is left to them, and never cancelled. The token is the shift's id, or `theirs`.
 */
export const zonalShift: DriverPort<'zonal-shift'> = {
  name: 'zonal-shift',
  gradual: false,

  async read({ settings }) {
    const shift = await standing(settings);
    return {
      standby: shift ? 100 : 0,
      detail: shift
        ? `${driverKey(settings)} is away from ${shift.awayFrom} until ${new Date(shift.expiresAt).toISOString()}`
        : `${driverKey(settings)} has no shift`,
    };
  },

  async apply({ plan, settings, to }) {
    const zonalShifts = shiftsOf(settings);
    const shift = await standing(settings);
    const own = shift?.comment === commentOf(plan.service);
    if (to === 'primary') {
      if (shift && own) await zonalShifts.cancel(shift.id);
      return { state: 'done', ...(shift && !own ? { token: 'theirs' } : {}) };
    }
    if (shift) return { state: 'done', token: own ? shift.id : 'theirs' };
    const { loadBalancerArn, awayFrom, expiresHours } = settings;
    const id = await zonalShifts.start({ loadBalancerArn, awayFrom, expiresHours, comment: commentOf(plan.service) });
    // Perhaps its own, asked for a second time after a lost answer.
    const begun = id === undefined ? await standing(settings) : undefined;
    if (id === undefined && begun?.comment !== commentOf(plan.service))
      throw new DriverRefusedError(
        `${driverKey(settings)} is kept from shifting by another shift or a practice run; end it, then begin the shift away from ${awayFrom} by hand`,
      );
    return { state: 'done', token: id ?? begun?.id ?? '' };
  },

  isDone: async () => true,
};

/** Prolonged when half of its time is over, so that several sweeps may fail before it ends. One that is gone was ended by somebody, and stays so. */
export async function prolongShift({
  plan,
  settings,
  services,
}: Pick<DriverPlace<'zonal-shift'>, 'plan' | 'settings'> & { services: Pick<Services, 'now'> }): Promise<boolean> {
  const zonalShifts = shiftsOf(settings);
  const own = (await zonalShifts.active(settings.loadBalancerArn)).find(({ comment }) => comment === commentOf(plan.service));
  if (!own || own.expiresAt - services.now() > (settings.expiresHours * hour) / 2) return false;
  await zonalShifts.prolong(own.id, settings.expiresHours);
  return true;
}

const shiftsOf = ({ loadBalancerArn }: Settings) => new ZonalShifts(regionOfArn(loadBalancerArn));

/** Marks a shift as Forestall's. */
const commentOf = (serviceId: string) => `Forestall: ${serviceId}`;

/** The manual shift away from the plan's zone. AWS's own shifts (autoshift, practice runs) give way to manual ones. */
async function standing(settings: Settings): Promise<ZonalShift | undefined> {
  const zonalShifts = shiftsOf(settings);
  const active = (await zonalShifts.active(settings.loadBalancerArn)).filter(({ manual }) => manual);
  const other = active.find(({ awayFrom }) => awayFrom !== settings.awayFrom);
  if (other)
    throw new DriverRefusedError(
      `${driverKey(settings)} is shifted away from ${other.awayFrom} ("${other.comment}") by somebody else; end that shift, or leave that zone and not ${settings.awayFrom}`,
    );
  return active[0];
}
