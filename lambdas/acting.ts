// Whether a service may be changed at all: asked again by every step that changes a customer's resources, since an operator may have said stop meanwhile.
import type { ServiceRecord } from '../core/contracts/records.ts';

/** The service is not, or no longer, to be changed: a workflow that began before stops here. */
export class NotActingError extends Error {
  override readonly name = 'NotActingError';
}

/** Throws NotActingError. */
export function requireActing({ serviceId, mode, killSwitch }: ServiceRecord): void {
  if (mode !== 'act') throw new NotActingError(`the mode of '${serviceId}' is ${mode}: nothing is changed`);
  if (killSwitch) throw new NotActingError(`the kill switch of '${serviceId}' is on: nothing is changed`);
}
