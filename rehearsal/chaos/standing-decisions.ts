// What scoring decides while a story is played: a decision that stands without effect is repeated each 15 minutes under a numbered name.
import { detailType, eventSource } from '../../core/contracts/events.ts';
import { decisionName } from '../../core/contracts/names.ts';
import { otherSide, type SideName } from '../../core/contracts/plan.ts';
import { minute } from '../world/faults.ts';
import type { Stage } from './stage.ts';

const repeatTime = 15 * minute;
/** Route 53 reports each minute, one to two minutes late here, and two minutes in a row are wanted. */
const noticed = 3 * minute;

/** Stands in for dispatch and scoring of the service: the same decisions under the same names, without the reading and the arithmetic. */
export class StandingDecisions {
  readonly #stage: Stage;
  readonly #told = new Set<string>();
  #critical: { readonly side: SideName; readonly since: number; readonly expectedInMinutes: number | null } | undefined;
  #lost: { readonly side: SideName; readonly since: number } | undefined;

  /** Looks each minute from now on. */
  constructor(stage: Stage) {
    this.#stage = stage;
    stage.runtime.clock.every(minute, () => this.#look(), 7_000);
  }

  /** The score of the active side has crossed the critical threshold. */
  crossed(expectedInMinutes: number | null): void {
    this.#critical = { side: this.#stage.service.activeSide, since: this.#stage.now, expectedInMinutes };
    this.#repeatCritical();
  }

  /** The score has fallen again. */
  over(): void {
    this.#critical = undefined;
  }

  #look(): void {
    this.#repeatCritical();
    this.#lookAtHealth();
  }

  #repeatCritical(): void {
    const { now, service, metricsFlow } = this.#stage;
    const critical = this.#critical;
    const atWork = service.lock !== undefined && Date.parse(service.lock.expiresAt) > now;
    // A held score is no evidence.
    if (critical === undefined || critical.side !== service.activeSide || atWork || !metricsFlow) return;
    const attempt = Math.floor((now - critical.since) / repeatTime);
    const { side, expectedInMinutes } = critical;
    this.#tell(detailType.critical, decisionName(service.serviceId, 'critical', iso(critical.since), attempt), {
      ...{ side, score: 90, expectedInMinutes, reasons: ['latency is 2.5 times the usual'] },
    });
  }

  #lookAtHealth(): void {
    const { now, service } = this.#stage;
    const { activeSide } = service;
    const lost = !this.#stage.found(activeSide) && this.#stage.found(otherSide(activeSide));
    if (!lost || this.#lost?.side !== activeSide) this.#lost = lost ? { side: activeSide, since: now } : undefined;
    if (this.#lost === undefined || now - this.#lost.since < noticed) return;
    const since = this.#lost.since + noticed;
    const attempt = Math.floor((now - since) / repeatTime);
    this.#tell(detailType.sideUnhealthy, decisionName(service.serviceId, 'unhealthy', iso(since), attempt), { side: activeSide });
  }

  #tell(what: string, decisionId: string, detail: Readonly<Record<string, unknown>>): void {
    if (this.#told.has(decisionId)) return;
    this.#told.add(decisionId);
    const { service, now, runtime } = this.#stage;
    runtime.deliverEvent({ source: eventSource, detailType: what, detail: { serviceId: service.serviceId, decisionId, decidedAt: iso(now), ...detail } });
  }
}

const iso = (time: number) => new Date(time).toISOString();
