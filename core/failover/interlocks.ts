// What must be true before a failover may start. Each refusal says why; nothing here changes anything.

import type { SideName } from '../contracts/plan.ts';
import type { FailoverRecord, ServiceRecord } from '../contracts/records.ts';
import type { FailoverInput } from '../contracts/workflow.ts';
import { byPlan } from './approval.ts';
import { flapping } from './flap.ts';
import { checkTargetRisk } from './target-risk.ts';
import { windowsAt } from './windows.ts';

/** A running failover elsewhere in the account, for the caps. */
export interface RunningFailover {
  readonly failoverId: string;
  readonly zone: string;
}

/** Fresh scores of both sides (0-100); null: not known. */
export type SideScores = Readonly<Record<SideName, number | null>>;

export interface InterlockInput {
  readonly service: ServiceRecord;
  readonly request: FailoverInput;
  readonly running: readonly RunningFailover[];
  readonly scores: SideScores;
  /** ms since the epoch */
  readonly now: number;
}

export type InterlockResult =
  | { readonly decision: 'proceed' }
  /** `advised`: everything else would have allowed it, but the mode is not `act` */
  | { readonly decision: 'refused' | 'advised'; readonly reasons: readonly string[] };

type Move = Pick<FailoverRecord, 'kind' | 'from' | 'to' | 'score'> & {
  readonly drill?: FailoverRecord['drill'] | null;
  readonly approvedBy?: string | null | undefined;
};

/** A refusal that lasts until something changes: people are told once, and what asks again is ignored. */
export interface StandingRefusal {
  /** what refuses */
  readonly key: 'paused' | 'latched' | 'flap' | 'window';
  /** names this occurrence of it */
  readonly id: string;
  readonly reason: string;
  /** a person has to do something about it */
  readonly page: boolean;
}

/** The way home of a drill is part of the drill: what would keep a new move from beginning does not keep the service away from home. */
const isDrillsWayHome = ({ kind, drill }: Move) => kind === 'fail-back' && drill !== undefined && drill !== null;
/** A move that a person has asked for by name. */
const isAskedFor = ({ kind, approvedBy }: Move) => kind === 'fail-back' && approvedBy !== undefined && approvedBy !== null && approvedBy !== byPlan;

/** The window (maintenance or blocked) that keeps a move from beginning. A move that has begun is never stopped by one. */
export function standingWindow(plan: ServiceRecord['plan'], move: Move, now: number): StandingRefusal | undefined {
  if (move.kind === 'evacuation' || isDrillsWayHome(move)) return undefined;
  const windows = windowsAt(plan, now);
  const last = windows.toSorted((a, b) => a.until - b.until).at(-1);
  if (!last) return undefined;
  const until = new Date(last.until).toISOString();
  const remedy = isAskedFor(move) ? 'approve the fail-back again then' : 'what is urgent can be moved by taking the window out of the plan and applying it';
  return {
    key: 'window',
    id: `${last.kind} ${new Date(last.from).toISOString()}`,
    reason: `${last.kind} window until ${until} (${last.reason}); ${remedy}`,
    // In maintenance the metrics are not to be trusted; in a blocked time a service is expected to fail and nothing will move it.
    page: move.kind === 'predictive' && windows.some(({ kind }) => kind === 'blocked'),
  };
}

/** What will refuse the same move again and again until a person or time changes it. */
export function standingRefusals(service: ServiceRecord, move: Move, now: number): StandingRefusal[] {
  const { plan, killSwitch, killSwitchTurned, latched } = service;
  const found: StandingRefusal[] = [];
  if (killSwitch) {
    const by = killSwitchTurned ? ` (turned on by ${killSwitchTurned.by} at ${killSwitchTurned.at})` : '';
    found.push({ key: 'paused', id: killSwitchTurned?.at ?? 'on', reason: `the kill switch of the service is on${by}`, page: false });
  }
  // A fail-back goes to the side that is latched: lifting the latch is part of it.
  const since = latched[move.to];
  if ((move.kind === 'predictive' || move.kind === 'drill') && since)
    found.push({ key: 'latched', id: `${move.to} ${since}`, reason: `${move.to} is latched since ${since} and waits for an approved fail-back`, page: true });
  const flaps = isDrillsWayHome(move) || isAskedFor(move) ? undefined : flapping(plan, service.recentMoves, now);
  if (flaps) {
    const reason = `the service flaps: ${flaps.moves} moves within ${plan.failover.flap.withinHours} hours; it stays where it is until ${new Date(flaps.until).toISOString()}, or until a person moves it`;
    found.push({ key: 'flap', id: flaps.newest, reason, page: true });
  }
  const window = standingWindow(plan, move, now);
  return window ? [...found, window] : found;
}

/** Which refusals people have not been told of. */
export const untold = (service: ServiceRecord, refusals: readonly StandingRefusal[]): StandingRefusal[] =>
  refusals.filter(({ key, id }) => service.toldRefusals[key] !== id);

export function checkInterlocks({ service, request, running, scores, now }: InterlockInput): InterlockResult {
  const { plan } = service;
  const zone = plan.sides[request.from].zone;
  const others = running.filter(({ failoverId }) => failoverId !== request.failoverId);
  const reasons = standingRefusals(service, request, now).map(({ reason }) => reason);

  if (service.activeSide !== request.from) reasons.push(`traffic is on ${service.activeSide} already`);
  if (plan.data === 'local') reasons.push("the plan's data is local: moving traffic would lose writes");
  // A drill of the canary alone has moved nobody: practice must not keep a service from being moved when it is needed.
  const last = service.lastFailover?.outcome === 'validated' ? undefined : service.lastFailover;
  const cooledDown = last ? Date.parse(last.endedAt) + plan.failover.cooldownMinutes * 60_000 : 0;
  if (request.kind !== 'fail-back' && now < cooledDown)
    reasons.push(`cooling down until ${new Date(cooledDown).toISOString()} after ${last?.failoverId} (${last?.outcome})`);
  // Whatever moves by plan or prediction takes a place, ways home too: one zone or account is never moved at once. Only evacuations do not ask.
  if (others.length >= plan.caps.perAccount) reasons.push(`${others.length} failovers are running in the account, the plan allows ${plan.caps.perAccount}`);
  const inZone = others.filter((other) => other.zone === zone).length;
  if (inZone >= plan.caps.perZone) reasons.push(`${inZone} failovers out of ${zone} are running, the plan allows ${plan.caps.perZone}`);
  const { refusal } = checkTargetRisk({ ...riskOf(request, scores), thresholds: plan.thresholds });
  if (refusal !== undefined) reasons.push(refusal);

  if (service.mode !== 'act')
    return { decision: service.mode === 'advise' && reasons.length === 0 ? 'advised' : 'refused', reasons: [...reasons, `the mode is ${service.mode}`] };
  return reasons.length > 0 ? { decision: 'refused', reasons } : { decision: 'proceed' };
}

/** The losing side's score is that of the decision, if there is one: it is what the move was decided on. */
export const riskOf = (move: Move, scores: SideScores) => ({
  move: { kind: move.kind, from: move.from, to: move.to, ...(move.drill ? { drill: move.drill } : {}) },
  target: scores[move.to],
  losing: move.score ?? scores[move.from],
});
