// Physics of one side at one moment: which requests fail, and how slow the others are.
import type { SideName } from '../../core/contracts/plan.ts';
import type { SideNature } from './environment.ts';
import { type Condition, crashTime, type Faults, second } from './faults.ts';
import { normalCdf, normalQuantile } from './random.ts';

/** Slower answers fail for a user; slower ones fail for a health checker. Seconds. */
export const clientTimeoutSeconds = 5;
export const checkTimeoutSeconds = 2;
/** A dead host is in the load balancer's rotation for so long. */
export const balancerNotices = 20 * second;
/** A queue is at most so much slower than an idle host. */
const longestQueue = 12;

/** A host that could serve: `downSince` is the time of its death, null while it lives. */
export interface Host {
  readonly index: number;
  readonly downSince: number | null;
}

/** Share `weight` of requests meets lognormal latency exp(mu + sigma z) and fails at once with probability `errors` (+ `hiddenErrors` off the checkers' path). */
interface Component {
  readonly weight: number;
  readonly mu: number;
  readonly errors: number;
  readonly hiddenErrors: number;
}

/** A side at one moment under one load. Probabilities are per request. */
export interface SideMoment {
  /** False when not even the load balancer answers. */
  readonly reachable: boolean;
  readonly failure: number;
  /** Of the failure, what the load balancer answers itself (refused, no host, too slow). */
  readonly failureAtBalancer: number;
  readonly checkFailure: number;
  /** Of the requests that do not fail. */
  readonly slow: number;
  /** Requests a second over what saturates the living hosts; infinite without any. */
  readonly utilisation: number;
  readonly components: readonly Component[];
  readonly sigma: number;
}

const dead = (reachable: boolean): SideMoment => ({
  reachable,
  failure: 1,
  failureAtBalancer: 1,
  checkFailure: 1,
  slow: 0,
  utilisation: Number.POSITIVE_INFINITY,
  components: [],
  sigma: 1,
});

/** How much slower than idle a host answers at a utilisation. */
export function queueFactor(utilisation: number): number {
  return utilisation >= 1 ? longestQueue : Math.min(longestQueue, 1 + utilisation ** 4 / (1 - utilisation));
}

/** The hosts 0..count-1 of a side as the faults leave them. */
export function hostsOf(side: SideName, count: number, at: number, faults: Faults): Host[] {
  const death = faults.deathOf(side, at);
  const leak = side === 'primary' ? faults.leakAt(at) : undefined;
  return Array.from({ length: count }, (_, index) => {
    const crash = leak ? crashTime(leak, index) : null;
    return { index, downSince: death?.since ?? (crash !== null && crash <= at ? crash : null) };
  });
}

/**
 * The moment of a side. `load` in requests a second, `saturation` per host; `hosts` are those that the load balancer knows.
 * `objectiveSeconds`: slower is slow.
 */
export function sideMoment(input: {
  side: SideName;
  at: number;
  load: number;
  hosts: readonly Host[];
  saturation: number;
  nature: SideNature;
  faults: Faults;
  objectiveSeconds: number;
}): SideMoment {
  const { side, at, load, nature, faults } = input;
  if (faults.deathOf(side, at)?.mode === 'everything') return dead(false);
  const rotation = input.hosts.filter((host) => host.downSince === null || at - host.downSince < balancerNotices);
  const living = rotation.filter((host) => host.downSince === null);
  if (living.length === 0) return dead(true);

  const utilisation = load / rotation.length / input.saturation;
  const refused = utilisation > 1 ? 1 - 1 / utilisation : 0;
  const common = faults.conditionOf(side, at);
  const agonies = side === 'primary' ? living.map((host) => agonyOf(host, at, faults)) : [];
  const conditions: readonly { share: number; condition: Condition }[] = agonies.some((agony) => agony.latency !== 1)
    ? agonies.map((agony) => ({
        share: 1 / living.length,
        condition: { ...common, latency: common.latency * agony.latency, errors: 1 - (1 - common.errors) * (1 - agony.errors) },
      }))
    : [{ share: 1, condition: common }];

  const idle = Math.log(nature.medianLatency * queueFactor(utilisation));
  const components = conditions.map(({ share, condition }) => ({
    weight: share,
    mu: idle + Math.log(condition.latency),
    errors: 1 - (1 - nature.backgroundErrors) * (1 - condition.errors),
    hiddenErrors: condition.hiddenErrors,
  }));
  // Shares of requests that reach a living host, and of those accepted there.
  const accepted = (living.length / rotation.length) * (1 - refused);
  let answered = 0;
  let inTime = 0;
  let inTimeOnCheckPath = 0;
  let fast = 0;
  for (const { weight, mu, errors, hiddenErrors } of components) {
    const ok = weight * (1 - errors) * (1 - hiddenErrors);
    const within = (seconds: number) => normalCdf((Math.log(seconds) - mu) / nature.sigma);
    const timely = within(clientTimeoutSeconds);
    answered += ok;
    inTime += ok * timely;
    inTimeOnCheckPath += weight * (1 - errors) * within(checkTimeoutSeconds);
    fast += ok * Math.min(timely, within(input.objectiveSeconds));
  }
  return {
    reachable: true,
    failure: 1 - accepted * inTime,
    failureAtBalancer: 1 - accepted + accepted * (answered - inTime),
    checkFailure: 1 - accepted * inTimeOnCheckPath,
    slow: inTime > 0 ? 1 - fast / inTime : 0,
    utilisation,
    components,
    sigma: nature.sigma,
  };
}

/** Latency in seconds at quantile `p` of requests that reach a host. NaN without a living host. */
export function latencyQuantile(moment: SideMoment, p: number): number {
  const [first, ...others] = moment.components;
  if (first === undefined) return Number.NaN;
  if (others.length === 0) return Math.exp(first.mu + moment.sigma * normalQuantile(p));
  const mus = moment.components.map(({ mu }) => mu);
  let low = Math.min(...mus) + moment.sigma * normalQuantile(p);
  let high = Math.max(...mus) + moment.sigma * normalQuantile(p);
  for (let round = 0; round < 40 && high - low > 1e-4; round += 1) {
    const middle = (low + high) / 2;
    let below = 0;
    for (const { weight, mu } of moment.components) below += weight * normalCdf((middle - mu) / moment.sigma);
    if (below < p) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

function agonyOf(host: Host, at: number, faults: Faults): { latency: number; errors: number } {
  const leak = faults.leakAt(at);
  // A host that was added later does not leak.
  const crash = leak && host.index < leak.hostFactors.length ? crashTime(leak, host.index) : null;
  if (!leak || crash === null || at < crash - leak.agony.time) return { latency: 1, errors: 0 };
  const along = Math.min(1, 1 - (crash - at) / leak.agony.time);
  return { latency: 1 + (leak.agony.latency - 1) * along, errors: leak.agony.errors * along };
}
