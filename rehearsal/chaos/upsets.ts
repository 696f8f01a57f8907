// What goes wrong in the world around a failover: sides, Regions, control planes, metrics, other people. All of it ends by itself.
import type { FailoverRecord } from '../../core/contracts/records.ts';
import type { CallFate, PendingCall } from '../cloud/call.ts';
import { minute, second } from '../world/faults.ts';
import { apiError } from './errors.ts';
import type { Fault } from './fault.ts';
import type { Stage } from './stage.ts';
import type { StandingDecisions } from './standing-decisions.ts';

/** Longer than anything that is waited for before giving up. */
const lastsMs = 20 * minute;
const connectTimeout = 2 * second;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** An earlier failover that ended without releasing its lock. */
const ghost = 'shop.critical.20260303T090000Z';
/** Somebody else's weights, by the fault's part. */
const foreign = { home: { primary: 100, standby: 0 }, between: { primary: 60, standby: 40 }, away: { primary: 0, standby: 100 } } as const;

export class Upsets {
  /** When the last of them is over, ms. */
  quietFrom = 0;
  readonly #stage: Stage;
  readonly #decisions: StandingDecisions;
  readonly #gone = { region: false, route53: false };

  constructor(stage: Stage, decisions: StandingDecisions) {
    this.#stage = stage;
    this.#decisions = decisions;
  }

  /** Carries out a fault that is not about a single call. */
  begin({ kind, part }: Fault): void {
    const stage = this.#stage;
    switch (kind) {
      case 'standby-dies':
        stage.kill('standby');
        this.#later(() => stage.heal('standby'));
        return;
      case 'primary-recovers':
        stage.heal('primary');
        this.#decisions.over();
        return;
      case 'region-unreachable':
      case 'partition':
        this.#gone.region = true;
        if (kind === 'partition') stage.unreachable.add('primary');
        this.#later(() => {
          this.#gone.region = false;
          stage.unreachable.delete('primary');
        });
        return;
      case 'route53-down':
        this.#gone.route53 = true;
        this.#later(() => {
          this.#gone.route53 = false;
        });
        return;
      case 'metrics-missing':
        stage.metricsFlow = false;
        this.#later(() => {
          stage.metricsFlow = true;
        });
        return;
      case 'foreign-weights':
        this.#do(() => stage.items.setWeights(foreign[(part ?? 'between') as keyof typeof foreign] ?? foreign.between));
        return;
      case 'switched-off': {
        const switched = part === 'kill-switch' ? { killSwitch: true } : { mode: 'observe' };
        this.#do(() => stage.items.set('services', { serviceId: stage.plan.service }, switched));
        return;
      }
      case 'lock-taken':
        this.#do(() => this.#haunt('leased'));
        return;
      case 'stale-lock':
        this.#do(() => this.#haunt(part ?? 'leased'));
        return;
      default:
    }
  }

  /** Regions and control planes that cannot be reached. */
  intercept(call: PendingCall): Error | CallFate | undefined {
    if (call.caller !== 'forestall') return undefined;
    if (this.#gone.route53 && call.service === 'route53') return apiError(call, 'server-error');
    if (this.#gone.region && call.region === this.#stage.plan.sides.primary.region)
      return { before: () => pause(connectTimeout).then(() => Promise.reject(apiError(call, 'time-out'))) };
    return undefined;
  }

  #later(action: () => void): void {
    const at = this.#stage.now + lastsMs;
    this.quietFrom = Math.max(this.quietFrom, at);
    this.#stage.runtime.clock.at(at, action);
  }

  #do(work: () => Promise<void>): void {
    this.#stage.runtime.clock.at(this.#stage.now, work);
  }

  /** A failover that has ended holds the lock: its last write was lost, or its lease was taken over. */
  async #haunt(what: string): Promise<void> {
    const { items, service, plan, now } = this.#stage;
    const long = new Date(now - 2 * 60 * minute).toISOString();
    const token = service.fencingToken + 1;
    const record: FailoverRecord = {
      ...{ failoverId: ghost, entry: 'record', serviceId: plan.service, decisionId: ghost, kind: 'predictive', from: 'primary', to: 'standby' },
      ...{ zone: plan.sides.primary.zone, profile: 'urgent', phase: 'closed', phaseStartedAt: long, pointOfNoReturn: false, fencingToken: token },
      ...{ startedAt: long, endedAt: long, outcome: 'refused', reasons: ['an earlier failover'], score: null, mechanism: 'weights', drivers: {} },
    };
    const expiresAt = new Date(now + (what === 'expired' ? -minute : 60 * minute)).toISOString();
    await items.put('failovers', record);
    if (what !== 'expired') await items.set('failovers', { failoverId: '#running', entry: 'record' }, { zones: { [ghost]: 'elsewhere' } });
    await items.set('services', { serviceId: plan.service }, { lock: { holder: ghost, token, expiresAt }, fencingToken: token });
  }
}
