// Lets the deployed schedules, functions and state machines do their work while the world plays, until every failover has ended.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { z } from 'zod';
import { detailType } from '../core/contracts/events.ts';
import type { Run } from '../rehearsal/world/run.ts';
import { type CollectedRun, collectFailovers, collectRun } from './assertions/collect-run.ts';
import { clientEnvironment, withoutAws } from './emulator/ministack.ts';
import { crashOnce } from './gateway/crash.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { GatewayRecord } from './gateway/record.ts';
import { compressedRun } from './scenarios/compressed.ts';
import type { ProtectedService } from './services.ts';
import { EmulatorClients } from './world/clients.ts';
import { type LivePlayed, playLive } from './world/live-world.ts';
import { regions } from './world/plan.ts';

const root = join(import.meta.dirname, '..');
const controlRegion = regions.standby;
/** In ms. Failovers take four to eight minutes here. */
const longest = 15 * 60_000;
/** A latch is repeated each minute; it has to be seen to be, twice. In ms. */
const afterwards = 4 * 60_000;
/** One seed: what is drawn from it is the same on the simulated cloud. */
export const seed = 1;

export interface PlayedService extends ProtectedService {
  readonly run: Run;
  readonly played: LivePlayed;
  readonly collected: CollectedRun;
}

export interface Played {
  readonly services: readonly PlayedService[];
  /** The call at which a function was killed. */
  readonly crashedAt: GatewayRecord | undefined;
  /** Events that were put a second time. */
  readonly repeated: number;
}

/** Not every failover ended in time. */
export class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
}

/** Applies the plans and plays. Throws UnfinishedError. */
export async function playScenarios(gateway: Gateway, services: readonly ProtectedService[], report: (line: string) => void): Promise<Played> {
  const { endpoint } = gateway;
  const stopped = new AbortController();
  const rough = services.filter((service) => service.rough);
  const crash = crashOnce(gateway, (call) => rough.some((service) => setsWeights(call, service)));
  const repetition = repeatCritical(
    gateway,
    rough.map(({ name }) => name),
  );
  const start = Date.now();
  const worlds = services.map((service) => {
    const run = compressedRun(service.scenario, seed, service.account.plan, start);
    const ready = Promise.withResolvers<void>();
    const { account, endpoints } = service;
    const played = playLive({ run, account, endpoint, endpoints, until: stopped.signal, report, ready: ready.resolve });
    // It is awaited below, perhaps after another one that broke first.
    played.catch(() => {});
    return { service, run, ready: ready.promise, played };
  });
  try {
    for (const { ready, played } of worlds) await Promise.race([ready, played]);
    for (const { planFile } of services) report(await applyPlan(planFile, endpoint));
    // A world that breaks ends the wait: without it nobody follows the weights.
    const broken = Promise.race(worlds.map(({ played }) => played.then(() => new Promise<never>(() => {}))));
    await Promise.race([allEnded(endpoint, services, report), broken]);
    await latchesRepeated(gateway);
    await repetition.done();
  } finally {
    stopped.abort();
    repetition.end();
    // The worlds stop by themselves; what they could not do was reported.
    await Promise.allSettled(worlds.map(({ played }) => played));
  }
  const played: PlayedService[] = [];
  for (const { service, run, played: world } of worlds)
    played.push({ ...service, run, played: await world, collected: await collectRun(endpoint, controlRegion, service.account.plan) });
  return { services: played, crashedAt: crash.crashed(), repeated: repetition.count() };
}

/** With the product's own command. */
async function applyPlan(planFile: string, endpoint: string): Promise<string> {
  const args = [join(root, 'bin', 'forestall.ts'), 'plan:apply', planFile, '--endpoint-url', endpoint, '--region', controlRegion];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: { ...withoutAws(process.env), ...clientEnvironment(endpoint, controlRegion) },
  });
  return stdout.trim();
}

const setsWeights = ({ caller, operation, input, status }: GatewayRecord, { account }: ProtectedService): boolean =>
  caller === 'forestall-shift-traffic' &&
  operation === 'ChangeResourceRecordSets' &&
  status < 300 &&
  z.object({ path: z.string() }).parse(input).path.includes(account.plan.record.hostedZoneId);

const PutEventsInput = z.object({ Entries: z.array(z.looseObject({ DetailType: z.string(), Detail: z.string() })) });

/** As EventBridge may deliver an event twice: whatever says that one of the services is critical is put once more, by another client. */
function repeatCritical(gateway: Gateway, names: readonly string[]): { count(): number; done(): Promise<unknown>; end(): void } {
  const clients = new EmulatorClients(gateway.endpoint);
  const puts: Promise<unknown>[] = [];
  let count = 0;
  const end = gateway.onAnswer(({ operation, caller, input, region }) => {
    if (operation !== 'PutEvents' || !caller.startsWith('forestall-')) return;
    const Entries = PutEventsInput.parse(input).Entries.filter(
      ({ DetailType, Detail }) => DetailType === detailType.critical && names.includes(String(JSON.parse(Detail).serviceId)),
    );
    if (Entries.length === 0) return;
    count += Entries.length;
    const put = sleep(1_000).then(() => clients.client(EventBridgeClient, region).send(new PutEventsCommand({ Entries })));
    // `done` tells of a refusal.
    put.catch(() => {});
    puts.push(put);
  });
  return {
    count: () => count,
    done: () => Promise.all(puts),
    end: () => {
      end();
      clients.close();
    },
  };
}

/** Waits for two more reports of dispatch-scoring; not for ever: whether they came is asserted later. */
async function latchesRepeated({ calls }: Pick<Gateway, 'calls'>): Promise<void> {
  const isReport = ({ caller, operation, status }: GatewayRecord) => caller === 'forestall-dispatch-scoring' && operation === 'PutMetricData' && status < 300;
  const before = calls.filter(isReport).length;
  for (const until = Date.now() + afterwards; Date.now() < until && calls.filter(isReport).length < before + 2; ) await sleep(1_000);
}

async function allEnded(endpoint: string, services: readonly ProtectedService[], report: (line: string) => void): Promise<void> {
  const until = Date.now() + longest;
  const told = new Set<string>();
  const ended = new Set<string>();
  while (Date.now() < until) {
    for (const { name, account } of services) {
      const { failovers, events } = await collectFailovers(endpoint, controlRegion, account.plan);
      for (const { failoverId, at, phase, message } of events) {
        const line = `${name}: ${phase}: ${message}`;
        const key = `${failoverId} ${at} ${line}`;
        if (!told.has(key)) report(line);
        told.add(key);
      }
      if (failovers.some(({ endedAt }) => endedAt !== undefined)) ended.add(name);
    }
    if (ended.size === services.length) return;
    await sleep(5_000);
  }
  const missing = services.filter(({ name }) => !ended.has(name)).map(({ name }) => name);
  throw new UnfinishedError(`after ${longest / 60_000} minutes there is no ended failover of ${missing.join(', ')}`);
}
