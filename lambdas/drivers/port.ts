// The port that every traffic driver fills. Steps of a failover know drivers only through this.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { DriverName, DriverOf } from '../../core/contracts/plan-drivers.ts';
import type { DriverRecord, FailoverRecord } from '../../core/contracts/records.ts';
import type { Services } from '../services.ts';

/** What stands where a driver would act is not what the plan, or Forestall, has left there. Nothing was changed; a person has to look. */
export class DriverRefusedError extends Error {
  override readonly name = 'DriverRefusedError';
}

/** A driver and the place at which it acts, as the plan names it. */
export interface DriverPlace<Name extends DriverName> {
  readonly plan: Plan;
  readonly settings: DriverOf<Name>;
  readonly services: Pick<Services, 'router' | 'services' | 'now'>;
}

export interface DriverRequest<Name extends DriverName> extends DriverPlace<Name> {
  readonly services: Services;
  readonly record: FailoverRecord;
  /** what the failover's record said of this driver before it was asked; undefined: it was never asked */
  readonly known: DriverRecord | undefined;
  /** the side that is to have the traffic: undoing is applying towards the other side */
  readonly to: SideName;
  /** share of the traffic for `to` (0-100); a switch is thrown at 100 only */
  readonly percent: number;
}

/** `token`: what the driver needs to ask later how far it is, or to know again what it has left; kept in the failover's record. */
export interface DriverState {
  readonly state: 'done' | 'under-way';
  readonly token?: string;
}

/** Where something stands now: the standby's share (0-100; of a switch 0 or 100), and the same in words. */
export interface Standing {
  readonly standby: number;
  readonly detail: string;
  /** for how long a client that has come once is sent to the same side whatever the weights, s; absent: it is not */
  readonly stickySeconds?: number;
}

export interface DriverPort<Name extends DriverName> {
  readonly name: Name;
  /** true: takes every step of a shift; false: a switch, thrown once, at the hand-over */
  readonly gradual: boolean;
  /** Throws DriverRefusedError when what the plan names is missing, unfit, or stands at neither side. */
  read(place: DriverPlace<Name>): Promise<Standing>;
  /** Token to be written to the record with `intended`, before the driver is asked. */
  intent?(request: DriverRequest<Name>): string;
  /**
   * Moves to `percent` for `to`, by compare-and-set. May be repeated: what stands already is done, what is under way is found again.
   * Throws DriverRefusedError or WeightsChangedError when somebody else has changed it.
   */
  apply(request: DriverRequest<Name>): Promise<DriverState>;
  /** Whether what `apply` began has come to its end. Throws DriverRefusedError when it ended otherwise. */
  isDone(request: DriverRequest<Name>, token: string): Promise<boolean>;
}
