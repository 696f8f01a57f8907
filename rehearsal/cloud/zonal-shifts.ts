// Zonal shifts of every Region: of load balancers that take part. Asked over REST, since there is no SDK client; times are seconds.
import { MalformedInputError } from './call.ts';
import type { Draws } from './draw.ts';
import { type CallContext, mutates, page, reads, type Service } from './service.ts';

const hour = 3_600_000;
const longest = 72 * hour;

interface Shift {
  readonly zonalShiftId: string;
  readonly resourceIdentifier: string;
  readonly awayFrom: string;
  readonly startedAt: number;
  expiresAt: number;
  cancelled: boolean;
  comment: string;
}
interface StartInput {
  readonly resourceIdentifier?: string;
  readonly awayFrom?: string;
  readonly expiresIn?: string;
  readonly comment?: string;
}
interface OneInput {
  readonly zonalShiftId?: string;
  readonly expiresIn?: string;
  readonly comment?: string;
}
interface ListInput {
  readonly resourceIdentifier?: string;
  readonly status?: string;
  readonly nextToken?: string;
}

const fault = (name: string, status: number, message: string, reason?: string) =>
  Object.assign(new Error(message), { name, reason, $fault: 'client', $metadata: { httpStatusCode: status } });

export class SimulatedZonalShifts {
  readonly #draws: Draws;
  readonly #balancers = new Set<string>();
  readonly #shifts: Shift[] = [];

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  readonly service: Service = {
    name: 'arc-zonal-shift',
    operations: {
      StartZonalShift: mutates((input: StartInput, context) => this.#start(input, context)),
      UpdateZonalShift: mutates((input: OneInput, context) => this.#update(input, context)),
      CancelZonalShift: mutates((input: OneInput, context) => this.#cancel(input, context)),
      ListZonalShifts: reads((input: ListInput, context) => this.#list(input, context)),
    },
  };

  /** A balancer on which zonal shift is enabled. */
  enable(loadBalancerArn: string): void {
    this.#balancers.add(loadBalancerArn);
  }

  /** Zones that the balancer's traffic is away from now. */
  awayFrom(loadBalancerArn: string, at: number): string[] {
    return this.#shifts.filter((shift) => shift.resourceIdentifier === loadBalancerArn && statusOf(shift, at) === 'ACTIVE').map(({ awayFrom }) => awayFrom);
  }

  #start({ resourceIdentifier = '', awayFrom = '', expiresIn = '', comment = '' }: StartInput, { at, region }: CallContext): object {
    if (!this.#balancers.has(resourceIdentifier) || resourceIdentifier.split(':')[3] !== region)
      throw fault('ResourceNotFoundException', 404, `There is no managed resource ${resourceIdentifier}`);
    if (awayFrom === '' || comment.length > 128) throw fault('ValidationException', 400, 'A shift needs a zone and a comment of at most 128 characters');
    if (this.awayFrom(resourceIdentifier, at).length > 0)
      throw fault('ConflictException', 409, 'There is already an active zonal shift for that resource', 'ZonalShiftAlreadyExists');
    const shift: Shift = {
      ...{ zonalShiftId: this.#draws.hex(32, 'zonal-shift', this.#shifts.length), resourceIdentifier, awayFrom, startedAt: at },
      ...{ expiresAt: at + lengthOf(expiresIn), cancelled: false, comment },
    };
    this.#shifts.push(shift);
    return viewOf(shift, at);
  }

  #update({ zonalShiftId = '', expiresIn, comment }: OneInput, { at }: CallContext): object {
    const shift = this.#active(zonalShiftId, at);
    if (expiresIn !== undefined) shift.expiresAt = at + lengthOf(expiresIn);
    if (comment !== undefined) shift.comment = comment;
    return viewOf(shift, at);
  }

  #cancel({ zonalShiftId = '' }: OneInput, { at }: CallContext): object {
    const shift = this.#active(zonalShiftId, at);
    shift.cancelled = true;
    return viewOf(shift, at);
  }

  #list({ resourceIdentifier, status, nextToken }: ListInput, { at, region }: CallContext): object {
    const found = this.#shifts
      .filter(
        (shift) => shift.resourceIdentifier.split(':')[3] === region && (resourceIdentifier === undefined || shift.resourceIdentifier === resourceIdentifier),
      )
      .map((shift) => viewOf(shift, at))
      .filter((view) => status === undefined || view.status === status);
    const { items, next } = page(found, 100, nextToken, () => fault('ValidationException', 400, 'Invalid token'));
    return { items, ...(next ? { nextToken: next } : {}) };
  }

  #active(id: string, at: number): Shift {
    const shift = this.#shifts.find(({ zonalShiftId }) => zonalShiftId === id);
    if (!shift) throw fault('ResourceNotFoundException', 404, `There is no zonal shift ${id}`);
    if (statusOf(shift, at) !== 'ACTIVE') throw fault('ConflictException', 409, 'The zonal shift is not active', 'ZonalShiftStatusNotActive');
    return shift;
  }
}

const statusOf = ({ cancelled, expiresAt }: Shift, at: number) => (cancelled ? 'CANCELED' : at >= expiresAt ? 'EXPIRED' : 'ACTIVE');

const viewOf = (shift: Shift, at: number) => ({
  ...{ zonalShiftId: shift.zonalShiftId, resourceIdentifier: shift.resourceIdentifier, awayFrom: shift.awayFrom, comment: shift.comment },
  ...{ startTime: shift.startedAt / 1000, expiryTime: shift.expiresAt / 1000, status: statusOf(shift, at), shiftType: 'ZONAL_SHIFT' },
});

/** `24h` or `90m`, ms. */
function lengthOf(expiresIn: string): number {
  const [, count, unit] = /^([1-9]\d*)([mh])$/.exec(expiresIn) ?? [];
  const length = Number(count) * (unit === 'h' ? hour : hour / 60);
  if (!(length > 0 && length <= longest)) throw new MalformedInputError(`arc-zonal-shift: a shift lasts 1m to 72h, not '${expiresIn}'`);
  return length;
}
