// SDK clients, one per service and Region, and the one place where something outside may attach itself to them.

type AnyClient = { readonly middlewareStack: unknown; destroy(): void };
type ClientConstructor<Client extends AnyClient> = new (config: { region: string; maxAttempts: number; requestHandler: typeof timeouts }) => Client;

/** A Region that drops packets must not hold a function until its own time-out: what the others have to say would be lost with it. ms */
const timeouts = { connectionTimeout: 2_000, requestTimeout: 6_000, throwOnRequestTimeout: true };

/** Called once for each client that is made. The rehearsal answers for AWS through this. */
export type ClientCustomiser = (client: AnyClient, region: string) => void;

let customiser: ClientCustomiser | undefined;
let fetchImplementation: typeof fetch | undefined;
/** By constructor, not by its name: bundling shortens names, and two may become the same. */
const clients = new Map<unknown, Map<string, AnyClient>>();

/** Sets who answers for AWS and for HTTP endpoints; undefined restores the real ones. Forgets all clients made so far. */
export function attachToClients(to: { customiser: ClientCustomiser; fetch: typeof fetch } | undefined): void {
  customiser = to?.customiser;
  fetchImplementation = to?.fetch;
  for (const made of clients.values()) for (const client of made.values()) client.destroy();
  clients.clear();
}

/**
 * The client of a service in a Region, made at first use. Four attempts: Route 53 and EC2 throttle in bursts.
 * `requestTimeout`: ms that one attempt may take. `maxAttempts` 1: for calls of which a repeat makes a second thing.
 */
export function clientFor<Client extends AnyClient>(
  make: ClientConstructor<Client>,
  region: string,
  requestTimeout = timeouts.requestTimeout,
  maxAttempts = 4,
): Client {
  const known = clients.get(make) ?? new Map<string, AnyClient>();
  clients.set(make, known);
  const key = `${region}/${maxAttempts}`;
  const same = known.get(key);
  if (same) return same as Client;
  const client = new make({ region, maxAttempts, requestHandler: { ...timeouts, requestTimeout } });
  customiser?.(client, region);
  known.set(key, client);
  return client;
}

/** HTTP for the prober. */
export const httpFetch: typeof fetch = (...request) => (fetchImplementation ?? fetch)(...request);
