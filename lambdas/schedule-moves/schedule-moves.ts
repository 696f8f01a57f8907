// Every few minutes: asks for the moves that the plans themselves want: drills, their way home, automatic fail-backs. Whether they begin is decided by their own gates.
import { schedules } from '../../core/contracts/deployment.ts';
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { decisionName } from '../../core/contracts/names.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { byPlan } from '../../core/failover/approval.ts';
import { drillDue, drillHomeDue, failBackDue } from '../../core/failover/planned-moves.ts';
import { instancesAt } from '../../core/mirroring/policy.ts';
import { againstSide, sideWellness } from '../failover/side-wellness.ts';
import { mayShrink } from '../mirroring/standby.ts';
import type { Services } from '../services.ts';
import { againstLeftSide, probeLeftSide } from './left-side.ts';

const every = schedules['schedule-moves'].rateMinutes * 60_000;

/** What a move has left behind is looked for so long after its end, ms. */
const warmedAge = 3 * 60 * 60_000;

/** Looking at a side that is dead takes seconds of waiting; so many services share a look, and the function's minute. */
const atATime = 8;

/** What cannot be scheduled does not keep the rest from it; the first error is thrown at the end. Returns the decisions that were asked for. */
export async function scheduleMoves(services: Services): Promise<readonly string[]> {
  const failures: unknown[] = [];
  const asked: string[] = [];
  const waiting = (await services.services.all()).toSorted((a, b) => rank(a) - rank(b));
  const look = async () => {
    for (let service = waiting.shift(); service; service = waiting.shift()) {
      try {
        const event = await dueMove(service, services);
        if (event === undefined) continue;
        await services.bus.emit([event]);
        asked.push(event.detail.decisionId);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, look));
  if (failures.length > 0) throw failures[0];
  return asked;
}

/** Ways home come first, that of a drill before any other: users are away for practice only. */
function rank({ activeSide, lastDrill, lastFailover }: ServiceRecord): number {
  if (activeSide === 'primary') return 2;
  return lastDrill !== undefined && lastDrill.failoverId === lastFailover?.failoverId ? 0 : 1;
}

async function dueMove(service: ServiceRecord, services: Services): Promise<WorkflowEvent | undefined> {
  if (service.mode !== 'act' || service.killSwitch) return undefined;
  if (service.activeSide === 'primary') return (await drill(service, services)) ?? warmedMirror(service, services);
  return (await practised(service, services)) ? drillHome(service, services) : failBack(service, services);
}

/** The real thing while nothing is wrong: anything that is wrong, or not known, puts it off. */
async function drill(service: ServiceRecord, services: Services): Promise<WorkflowEvent | undefined> {
  const { plan, serviceId } = service;
  const now = services.now();
  const due = drillDue(service, now, every);
  if (due === undefined || plan.drills === undefined) return undefined;
  const decisionId = decisionName(serviceId, 'drill', new Date(due.window.from).toISOString());
  // One drill a window: when it began in this one, there is nothing left to say.
  if (await services.failovers.find(decisionId)) return undefined;
  const against = due.against.length > 0 ? due.against : await againstBothSides(service, services);
  if (against.length === 0)
    return { 'detail-type': detailType.drillDue, detail: { serviceId, decisionId, decidedAt: new Date(now).toISOString(), scope: plan.drills.scope } };
  if (due.lastChance) await services.notifier.tell('info', `${serviceId}: the drill (${plan.drills.scope}) of this window does not take place`, against);
  return undefined;
}

async function againstBothSides(service: ServiceRecord, services: Services): Promise<string[]> {
  const now = services.now();
  const primary = await againstSide(service, 'primary', now, services);
  // Where nothing runs, nothing can be healthy: it is warmed first, and proved by the canary.
  const cold = instancesAt(service.plan, service.level) === 0;
  return cold ? primary : [...primary, ...(await againstSide(service, 'standby', now, services))];
}

/** A move has warmed the standby beyond its level, and nobody is left there: mirroring is asked to look, once, instead of when the next snapshot is due. */
async function warmedMirror(service: ServiceRecord, { mirrors, now }: Services): Promise<WorkflowEvent | undefined> {
  const { serviceId, plan, level, lastFailover } = service;
  if (lastFailover === undefined || now() - Date.parse(lastFailover.endedAt) > warmedAge || !mayShrink(service, now())) return undefined;
  const kept = (await mirrors.instances(serviceId)).filter(({ status }) => status !== 'terminated').length;
  if (kept <= instancesAt(plan, level)) return undefined;
  const decisionId = decisionName(serviceId, 'due', lastFailover.endedAt);
  return { 'detail-type': detailType.mirroringDue, detail: { serviceId, decisionId, decidedAt: new Date(now()).toISOString(), level } };
}

/** When the service is on the standby for practice, the time at which that drill ended. Anything that was tried since is somebody's own business. */
async function practised({ lastFailover }: ServiceRecord, { failovers }: Services): Promise<string | undefined> {
  if (lastFailover?.outcome !== 'failed-over') return undefined;
  return (await failovers.find(lastFailover.failoverId))?.kind === 'drill' ? lastFailover.endedAt : undefined;
}

async function drillHome(service: ServiceRecord, services: Services): Promise<WorkflowEvent | undefined> {
  const endedAt = service.lastFailover?.endedAt ?? '';
  // Only what is measured: a side that has just begun to serve may have no score yet.
  const uneasy = (await sideWellness(service, 'standby', services.now(), services)).against.length > 0;
  const due = drillHomeDue(service, endedAt, uneasy, services.now());
  return due && fetchHome(service, due, { approvedBy: 'drill', drill: 'failover' }, services);
}

async function failBack(service: ServiceRecord, services: Services): Promise<WorkflowEvent | undefined> {
  const { plan, latched, lock } = service;
  if (!plan.failBack.automatic || latched.primary === undefined || lock !== undefined) return undefined;
  await probeLeftSide(service, latched.primary, services);
  const due = failBackDue(service, services.now());
  if (due === undefined) return undefined;
  const against = [
    ...(await againstLeftSide(service, latched.primary, due.from, every, services)),
    ...(await againstSide(service, 'primary', due.from, services)),
  ];
  if (against.length > 0) return undefined;
  return fetchHome(service, due, { approvedBy: byPlan, drill: null }, services);
}

const fetchHome = (
  { serviceId }: ServiceRecord,
  { since, attempt }: { since: string; attempt: number },
  why: { approvedBy: string; drill: 'failover' | null },
  { now }: Services,
): WorkflowEvent => ({
  'detail-type': detailType.failBackApproved,
  detail: { serviceId, decisionId: decisionName(serviceId, 'fail-back', since, attempt), decidedAt: new Date(now()).toISOString(), ...why },
});
