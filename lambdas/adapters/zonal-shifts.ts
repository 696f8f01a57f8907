// Application Recovery Controller: zonal shifts of a load balancer. There is no SDK client for it here, so that its REST API is called as it is:
// POST /zonalshifts, GET /zonalshifts, PATCH and DELETE /zonalshifts/<id>, version 2022-10-30. Times of the API are seconds since the epoch.
import { z } from 'zod';
import { RestError, signedRequest } from './signed-rest.ts';

const Shift = z.object({
  zonalShiftId: z.string(),
  resourceIdentifier: z.string(),
  awayFrom: z.string(),
  expiryTime: z.number(),
  status: z.enum(['ACTIVE', 'EXPIRED', 'CANCELED']),
  comment: z.string(),
  shiftType: z.string().optional(),
});
const Page = z.object({ items: z.array(Shift).default([]), nextToken: z.string().nullish() });

export interface ZonalShift {
  readonly id: string;
  readonly awayFrom: string;
  /** ms since the epoch */
  readonly expiresAt: number;
  readonly comment: string;
  /** Begun by an operator or a tool, as opposed to AWS itself (autoshift, practice run). */
  readonly manual: boolean;
}

export class ZonalShifts {
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  /** Active shifts of the balancer. */
  async active(loadBalancerArn: string): Promise<ZonalShift[]> {
    const found: ZonalShift[] = [];
    let token: string | undefined;
    do {
      const page = Page.parse(
        await this.#ask('GET', '', { query: { resourceIdentifier: loadBalancerArn, status: 'ACTIVE', ...(token === undefined ? {} : { nextToken: token }) } }),
      );
      // Asked for by its ARN; what is not of this balancer is not ours to look at.
      for (const shift of page.items) if (shift.resourceIdentifier === loadBalancerArn && shift.status === 'ACTIVE') found.push(toShift(shift));
      token = page.nextToken ?? undefined;
    } while (token !== undefined);
    return found;
  }

  /** Returns the id; undefined: another shift stands in the way. */
  async start(shift: { loadBalancerArn: string; awayFrom: string; expiresHours: number; comment: string }): Promise<string | undefined> {
    const body = { resourceIdentifier: shift.loadBalancerArn, awayFrom: shift.awayFrom, expiresIn: `${shift.expiresHours}h`, comment: shift.comment };
    try {
      return Shift.parse(await this.#ask('POST', '', { body })).zonalShiftId;
    } catch (error) {
      if (error instanceof RestError && error.name === 'ConflictException') return undefined;
      throw error;
    }
  }

  /** From now on it lasts so many hours. */
  async prolong(id: string, expiresHours: number): Promise<void> {
    await this.#ask('PATCH', `/${id}`, { body: { expiresIn: `${expiresHours}h` } });
  }

  /** One that is over already is no error. */
  async cancel(id: string): Promise<void> {
    try {
      await this.#ask('DELETE', `/${id}`, {});
    } catch (error) {
      const over = error instanceof RestError && (error.name === 'ResourceNotFoundException' || error.reason === 'ZonalShiftStatusNotActive');
      if (!over) throw error;
    }
  }

  #ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, more: { query?: Record<string, string>; body?: object }): Promise<unknown> {
    return signedRequest({ service: 'arc-zonal-shift', region: this.#region, method, path: `/zonalshifts${path}`, ...more });
  }
}

const toShift = ({ zonalShiftId, awayFrom, expiryTime, comment, shiftType }: z.infer<typeof Shift>): ZonalShift => ({
  id: zonalShiftId,
  awayFrom,
  expiresAt: expiryTime * 1000,
  comment,
  manual: shiftType === undefined || shiftType === 'ZONAL_SHIFT',
});
