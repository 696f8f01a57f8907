// The rehearsal's world in real time on the emulator: it looks, ticks and reports until it is told to stop.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, Clients } from '../../rehearsal/arms/account.ts';
import { Play, type WeightsSince } from '../../rehearsal/arms/play.ts';
import type { TrafficSample } from '../../rehearsal/results.ts';
import type { Run } from '../../rehearsal/world/run.ts';
import { EmulatorClients } from './clients.ts';
import { EmulatedCloud } from './emulated-cloud.ts';
import type { SideEndpoints } from './endpoints.ts';

/** ms */
const lookAgainAfter = 2_000;

export interface LiveOptions {
  /** Begins about now. */
  readonly run: Run;
  readonly account: Account;
  /** URL of the emulator, or of what stands before it. */
  readonly endpoint: string;
  /** The servers of the sides, which answer as the world has it. */
  readonly endpoints?: SideEndpoints;
  /** Aborted when the world is to stop. It also stops at the end of the run. */
  readonly until: AbortSignal;
  /** Told what went wrong, and what changed. */
  readonly report?: (line: string) => void;
  /** Told when the history is in CloudWatch, and the service may be made known to Forestall. */
  readonly ready?: () => void;
}

/** What the world's users met. Times in ms. */
export interface LivePlayed {
  readonly weights: readonly WeightsSince[];
  /** Minute by minute. */
  readonly samples: readonly TrafficSample[];
  readonly totals: { readonly requests: number; readonly failed: number; readonly slow: number };
  readonly movedAt: number | null;
}

/**
 * Plays until it is told to stop. A call that fails is reported and made again at the next tick: meanwhile the world goes by what it last saw.
 * Rejects when it cannot begin (no first picture of the account, no history) and when it cannot go on (the service's records or checks are gone).
 */
export async function playLive({ endpoint, ...options }: LiveOptions): Promise<LivePlayed> {
  const clients = new EmulatorClients(endpoint);
  try {
    return await playThrough(clients, options);
  } finally {
    clients.close();
  }
}

/** As `playLive`, through clients of any cloud. */
export async function playThrough(clients: Clients, options: Omit<LiveOptions, 'endpoint'>): Promise<LivePlayed> {
  const { run, account, endpoints, until, report = () => {}, ready = () => {} } = options;
  const { service } = run.plan;
  const cloud = await EmulatedCloud.of(run.plan, clients, Date.now());
  const play = new Play(run, cloud, account);
  play.publishHistory();
  await cloud.send();
  const attempt = async (what: string, work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      if (!until.aborted) report(`${service}: ${what} failed, to be repeated: ${error instanceof Error ? error.message : error}`);
    }
  };
  // A target is healthy on the emulator as soon as it is registered, and probed a second later: no tick comes in between.
  const look = throttled(async () => {
    await attempt('looking at the cloud', cloud.refresh(Date.now()));
    play.world.lookAgain(Date.now());
  });
  endpoints?.follow(run.seed, (side) => play.world.moment(side), look);
  ready();
  while (!until.aborted && play.world.now < run.end) {
    await sleep(Math.max(0, play.world.now - Date.now()), undefined, { signal: until }).catch(() => {});
    if (until.aborted) break;
    await attempt('looking at the cloud', cloud.refresh(Date.now()));
    const known = play.weights.length;
    // Late ticks are made up for at once, by the same picture.
    play.until(Date.now());
    for (const { primary, standby } of play.weights.slice(known)) report(`${service}: the weights are ${primary}/${standby}`);
    await attempt('sending metrics', cloud.send());
  }
  return { weights: play.weights, samples: play.world.samples, totals: play.world.totals, movedAt: play.movement.movedAt };
}

/** Does the work once for all who ask while it is under way and shortly after. */
function throttled(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  let over = 0;
  return () => {
    if (done === undefined || Date.now() > over) {
      over = Number.POSITIVE_INFINITY;
      done = work().finally(() => {
        over = Date.now() + lookAgainAfter;
      });
    }
    return done;
  };
}
