// What has to be true before anything is done to a side that was left, asked again before each call that changes something.
import type { FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import type { FailoverStep } from '../../core/contracts/workflow.ts';
import { checkCapacity } from '../../core/traffic/steps.ts';
import { balancerSeries, demand, readyInstances } from '../failover/side-evidence.ts';
import { againstSide } from '../failover/side-wellness.ts';
import type { Services } from '../services.ts';

const minute = 60_000;
/** Between two looks at a receiving side that is not well enough, and at a lock, seconds. */
const lookAgainSeconds = 300;
const lockSeconds = 60;
/** What is begun and does not come on is given up after so long, ms: instances boot, and balancers drain, within minutes. */
const stallPatience = 3 * 60 * minute;
/** What is not possible for so long after the soak is given up, ms. */
const patience = 24 * 60 * minute;

/** Nothing may be done to the side now, or ever: the step ends with this decision. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
  readonly decision: 'soak' | 'wait' | 'refused';
  readonly waitSeconds: number;
  readonly reasons: readonly string[];

  constructor(decision: 'soak' | 'wait' | 'refused', reasons: readonly string[], waitSeconds = lookAgainSeconds) {
    super(reasons.join('; '));
    this.decision = decision;
    this.reasons = reasons;
    this.waitSeconds = decision === 'refused' ? 0 : waitSeconds;
  }
}

/** The failover and its service, as they are now. */
export interface Left {
  readonly record: FailoverRecord;
  readonly service: ServiceRecord;
}

const soakEnd = ({ record, service }: Left): number => Date.parse(record.endedAt ?? '') + service.plan.after.soakMinutes * minute;

/** Whether the other side has been left for good, and people want something done to this one. Throws NotNow. */
export async function requireLeft({ serviceId, failoverId }: FailoverStep, services: Services): Promise<Left> {
  const [record, service] = await Promise.all([services.failovers.get(failoverId), services.services.get(serviceId)]);
  const { from, to, kind, outcome, pointOfNoReturn, endedAt } = record;
  const { plan, activeSide, latched, lock } = service;
  const reasons: string[] = [];
  if (!pointOfNoReturn || endedAt === undefined || (outcome !== 'failed-over' && outcome !== 'evacuated'))
    reasons.push(`the failover ${endedAt === undefined ? 'has not ended' : `ended as ${outcome}`}: ${from} was not left for good`);
  if (kind !== 'predictive' && kind !== 'evacuation') reasons.push(`${from} was left by a ${kind}`);
  if (plan.after.losingSide === 'standby') reasons.push(`the plan wants ${from} to stay as it is`);
  if (from !== 'primary') reasons.push(`the instances of ${from} are mirrors, which mirroring keeps`);
  if (service.mode !== 'act') reasons.push(`the mode is ${service.mode}`);
  if (service.killSwitch) reasons.push('the kill switch of the service is on');
  if (activeSide !== to) reasons.push(`traffic is on ${activeSide} again`);
  else if (latched[from] === undefined) reasons.push(`${from} is not latched any more: somebody is going back to it`);
  if (reasons.length > 0) throw new NotNow('refused', reasons);
  if (lock && Date.parse(lock.expiresAt) > services.now())
    throw impatient({ record, service }, new NotNow('wait', [`${lock.holder} holds the lock`], lockSeconds), services);
  return { record, service };
}

/** As above, and the receiving side has served well for as long as the plan wants, with capacity for all, and nobody is left on the other one. Throws NotNow. */
export async function requireSafe(step: FailoverStep, services: Services): Promise<Left> {
  const left = await requireLeft(step, services);
  const { record, service } = left;
  const { plan } = service;
  const now = services.now();
  const soaking = soakEnd(left) - now;
  if (soaking > 0)
    throw new NotNow('soak', [`${record.to} has to serve well until ${new Date(soakEnd(left)).toISOString()}`], Math.min(3600, Math.ceil(soaking / 1000)));
  const against = await againstSide(service, record.to, now - plan.after.soakMinutes * minute, services);
  const capacity = checkCapacity(plan, record.to, await readyInstances(plan, record.to, services), await demand(plan, services), 1);
  const reasons = [...against, ...(capacity.enough ? [] : [capacity.reason]), ...(await usersLeft(left, services))];
  if (reasons.length > 0) throw impatient(left, new NotNow('soak', reasons), services);
  return left;
}

/** Who keeps old DNS answers or connections is on the old side for long after its weight is 0: an overdue drain, or an evacuation, does not wait for them. */
async function usersLeft({ record, service: { plan } }: Left, services: Services): Promise<string[]> {
  // CloudWatch is up to three minutes late; a balancer without requests reports nothing.
  const until = Math.floor(services.now() / minute) * minute - 4 * minute;
  const sides = [record.from, record.to].map((side) => balancerSeries(plan, side, until - 10 * minute, until, services));
  const [left = 0, received = 0] = (await Promise.all(sides)).map(({ requests }) => requests.reduce((sum, { value }) => sum + value, 0));
  if (received === 0) return [`the balancer of ${record.to} reports no requests`];
  const share = left / (left + received);
  return share < plan.failover.drainedBelow ? [] : [`${record.from} still receives ${(share * 100).toFixed(2)} % of the requests`];
}

/** A state that does not allow it is waited out for a day; then a person has to look. */
export const impatient = (left: Left, notNow: NotNow, services: Services): NotNow =>
  services.now() > soakEnd(left) + patience ? new NotNow('refused', [...notNow.reasons, 'this was waited out for a day']) : notNow;

/** What has been begun has to come on. `progress`: ISO times of what was written last. Throws NotNow. */
export function requireProgress(progress: readonly string[], what: string, services: Services): void {
  const last = Math.max(...progress.map((time) => Date.parse(time)));
  if (services.now() - last > stallPatience) throw new NotNow('refused', [`${what}: nothing has come on since ${new Date(last).toISOString()}`]);
}
