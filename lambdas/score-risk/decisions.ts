// From a service's risk to the events that start workflows. Each decision is named by when it arose, so that repeating it changes nothing.
import { detailType, type WorkflowEvent } from '../../core/contracts/events.ts';
import { decisionName } from '../../core/contracts/names.ts';
import { otherSide } from '../../core/contracts/plan.ts';
import type { ServiceRecord } from '../../core/contracts/records.ts';
import { initialLevel, type LevelState, nextLevel } from '../../core/mirroring/levels.ts';
import { canaryIsFresh, higherLevel, lowestLevel, snapshotIsDue } from '../../core/mirroring/policy.ts';
import type { Risk } from '../../core/prediction/service-risk.ts';
import type { Health } from '../failover/endpoint-health.ts';
import type { ScoringState } from './scoring-state.ts';

/** A decision that stands and has had no effect is repeated this often, ms: the first event may have been lost or refused. */
const repeatTime = 15 * 60_000;

type ServiceState = NonNullable<ScoringState['service']>;

export interface Decided {
  readonly state: ServiceState;
  readonly events: readonly WorkflowEvent[];
}

/** `saidOnly`: nothing was measured of what users meet, and the score is of what is said alone. It raises a level, and it lowers none. */
export type DecisiveRisk = Risk & { readonly saidOnly?: boolean };

const iso = (time: number) => new Date(time).toISOString();

/**
 * @param time of the risk, ms: that of the newest observation, so that a repeated message decides the same
 * @param now ms
 */
export function decide(
  service: ServiceRecord,
  before: ServiceState | undefined,
  risk: DecisiveRisk,
  health: Record<'primary' | 'standby', Health>,
  time: number,
  now: number,
): Decided {
  const { plan, serviceId, activeSide } = service;
  const floor = lowestLevel(plan);
  const previous = before?.levels ?? initialLevel(time, 'minimal');
  // A held score is no evidence: it neither lowers a level nor moves traffic.
  const measured = risk.held ? null : risk.score;
  const next = nextLevel(previous, measured, time, plan.thresholds, floor);
  const levels = risk.saidOnly ? raisedOnly(previous, next) : next;
  // A critical state of earlier measurements is no ground to move users on a report that alone is not critical.
  const isGround = !risk.saidOnly || (measured ?? 0) >= plan.thresholds.critical;
  const emitted: Record<string, string> = { ...before?.emitted };
  const events: WorkflowEvent[] = [];
  const emit = (what: string, event: WorkflowEvent) => {
    if (emitted[what] === event.detail.decisionId) return;
    emitted[what] = event.detail.decisionId;
    events.push(event);
  };
  const decision = (what: Parameters<typeof decisionName>[1], since: number, attempt = 0) => ({
    serviceId,
    decisionId: decisionName(serviceId, what, iso(since), attempt),
    decidedAt: iso(now),
  });

  if (levels.level !== previous.level)
    emit('level', {
      'detail-type': detailType.levelChanged,
      detail: { ...decision('level', levels.since), level: levels.level, previous: previous.level, score: risk.score },
    });
  else if (mirrorIsBehind(service, levels, now))
    emit('due', { 'detail-type': detailType.mirroringDue, detail: { ...decision('due', Math.floor(now / repeatTime) * repeatTime), level: levels.level } });

  // While a failover or an evacuation is at work there is nothing to decide; it may take longer than the repeat.
  const atWork = service.lock !== undefined && Date.parse(service.lock.expiresAt) > now;
  if (levels.critical && levels.criticalSince !== null && measured !== null && isGround && !atWork) {
    const attempt = Math.floor(Math.max(0, time - levels.criticalSince) / repeatTime);
    const { expectedInMinutes } = risk;
    emit('critical', {
      'detail-type': detailType.critical,
      detail: {
        ...decision('critical', levels.criticalSince, attempt),
        side: activeSide,
        score: measured,
        expectedInMinutes,
        reasons: risk.reasons.map(({ detail }) => detail),
      },
    });
  }

  const lost = health[activeSide] === 'unhealthy' && health[otherSide(activeSide)] === 'healthy';
  const unhealthySince = lost ? (before?.unhealthySince ?? now) : health[activeSide] === 'healthy' ? null : (before?.unhealthySince ?? null);
  // An evacuation needs the lock. Asked for while another move holds it, it would be refused, and asked for again only much later.
  if (lost && unhealthySince !== null && !atWork) {
    const attempt = Math.floor((now - unhealthySince) / repeatTime);
    emit('unhealthy', { 'detail-type': detailType.sideUnhealthy, detail: { ...decision('unhealthy', unhealthySince, attempt), side: activeSide } });
  }
  return { state: { levels, emitted, unhealthySince }, events };
}

function raisedOnly(previous: LevelState, next: LevelState): LevelState {
  const { level, since } = higherLevel(previous.level, next.level) === previous.level ? previous : next;
  const { critical, criticalSince } = previous.critical ? previous : next;
  return { level, since, critical, criticalSince };
}

/** The mirror is not what the level asks for, for longer than a change takes; or a snapshot or a canary is due. */
function mirrorIsBehind(service: ServiceRecord, levels: ServiceState['levels'], now: number): boolean {
  // Advice is given once, when the level changes; nothing would come of repeating it.
  if (service.activeSide !== 'primary' || service.mode !== 'act') return false;
  const late = now - levels.since > repeatTime;
  const { plan } = service;
  return (
    late &&
    (service.level !== levels.level ||
      snapshotIsDue(plan, levels.level, service.lastSnapshotAt, now) ||
      (levels.level === 'full' && !canaryIsFresh(plan, service.canary, 'standby', now)))
  );
}
