// One EC2 instance: its state, status checks and volumes follow from when things were asked of it, without timers.
import type { AnnouncedEvent, InstanceState, InstanceView } from './cloud.ts';
import type { Draws } from './draw.ts';

const impairedAfterMs = 120_000;

/** One state and since when. The last one that has begun counts. */
interface Transition {
  readonly at: number;
  readonly state: InstanceState;
}

export interface Launch {
  readonly instanceId: string;
  readonly region: string;
  readonly zone: string;
  readonly at: number;
  /** True: it has been running for long. */
  readonly booted: boolean;
  readonly launchTemplateId: string | undefined;
  readonly instanceType: string;
  readonly imageId: string;
  readonly clientToken: string | undefined;
  readonly reservationId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly volumesGiB: readonly number[];
}

export class Instance {
  readonly launch: Launch;
  readonly tags: Record<string, string>;
  readonly volumes: readonly { readonly volumeId: string; readonly sizeGiB: number; readonly device: string }[];
  /** Scheduled events, by id. */
  readonly announced = new Map<string, AnnouncedEvent>();
  readonly #draws: Draws;
  #timeline: Transition[];
  /** Status checks are ok from then on, while running. */
  #checksOkAt: number;
  #starts = 1;
  #unreachableSince: number | undefined;
  #reachableSince: number;

  constructor(launch: Launch, draws: Draws) {
    this.launch = launch;
    this.#draws = draws;
    this.tags = { ...launch.tags };
    const { at, booted, instanceId } = launch;
    this.volumes = launch.volumesGiB.map((sizeGiB, index) => ({
      volumeId: `vol-${draws.hex(17, 'ec2/volume', instanceId, index)}`,
      sizeGiB,
      device: index === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(102 + index)}`,
    }));
    this.#reachableSince = at;
    if (booted) {
      this.#timeline = [{ at, state: 'running' }];
      this.#checksOkAt = at;
    } else {
      const runningAt = at + this.#duration('boot', 20_000, 60_000);
      this.#timeline = [
        { at, state: 'pending' },
        { at: runningAt, state: 'running' },
      ];
      this.#checksOkAt = runningAt + this.#duration('checks', 60_000, 150_000);
    }
  }

  #duration(what: string, low: number, high: number): number {
    // A client token names the launch, whatever else was launched before it.
    return Math.round(this.#draws.between(low, high, 'ec2', what, this.launch.clientToken ?? this.launch.instanceId, this.#starts));
  }

  #transition(now: number): Transition {
    return this.#timeline.findLast(({ at }) => at <= now) ?? { at: this.launch.at, state: 'pending' };
  }

  state(now: number): InstanceState {
    return this.#transition(now).state;
  }

  #enter(now: number, ...transitions: Transition[]): void {
    this.#timeline = [this.#transition(now), ...transitions];
  }

  start(now: number): void {
    this.#starts++;
    const runningAt = now + this.#duration('start', 15_000, 45_000);
    this.#enter(now, { at: now, state: 'pending' }, { at: runningAt, state: 'running' });
    this.#checksOkAt = runningAt + this.#duration('checks', 60_000, 150_000);
    this.#unreachableSince = undefined;
    this.#reachableSince = now;
  }

  stop(now: number): void {
    this.#enter(now, { at: now, state: 'stopping' }, { at: now + this.#duration('stop', 20_000, 60_000), state: 'stopped' });
  }

  terminate(now: number): void {
    this.#enter(now, { at: now, state: 'shutting-down' }, { at: now + this.#duration('terminate', 20_000, 60_000), state: 'terminated' });
  }

  crash(now: number): void {
    this.#enter(now, { at: now, state: 'stopped' });
  }

  /** The moment since when it has been running, or undefined. */
  runningSince(now: number): number | undefined {
    const { at, state } = this.#transition(now);
    return state === 'running' ? at : undefined;
  }

  get reachable(): boolean {
    return this.#unreachableSince === undefined;
  }

  /** The moment since when the guest has been answering (running and reachable), or undefined. */
  answeringSince(now: number): number | undefined {
    const running = this.runningSince(now);
    return running === undefined || !this.reachable ? undefined : Math.max(running, this.#reachableSince);
  }

  /** The moment since when the guest has not been answering, or undefined when it answers. */
  silentSince(now: number): number | undefined {
    const { at, state } = this.#transition(now);
    return state === 'running' ? this.#unreachableSince : at;
  }

  setReachable(now: number, reachable: boolean): void {
    if (reachable === this.reachable) return;
    this.#unreachableSince = reachable ? undefined : now;
    if (reachable) this.#reachableSince = now;
  }

  /** Instance status check as DescribeInstanceStatus shows it. */
  status(now: number): 'ok' | 'impaired' | 'initializing' | 'not-applicable' {
    const running = this.runningSince(now);
    if (running === undefined) return 'not-applicable';
    if (this.#unreachableSince !== undefined && now - this.#unreachableSince >= impairedAfterMs) return 'impaired';
    if (now < this.#checksOkAt) return 'initializing';
    // After it answers again, the next check has to pass first.
    return this.#unreachableSince === undefined && this.#reachableSince > running && now - this.#reachableSince < 60_000 ? 'impaired' : 'ok';
  }

  view(now: number): InstanceView {
    const { at, state } = this.#transition(now);
    return {
      instanceId: this.launch.instanceId,
      region: this.launch.region,
      zone: this.launch.zone,
      state,
      since: at,
      launchedAt: this.launch.at,
      runningSince: this.runningSince(now),
      launchTemplateId: this.launch.launchTemplateId,
      tags: this.tags,
      reachable: this.reachable,
    };
  }
}
