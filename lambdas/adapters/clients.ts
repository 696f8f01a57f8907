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
  for (const regions of clients.values()) for (const client of regions.values()) client.destroy();
  clients.clear();
}

/**
 * The client of a service in a Region, made at first use. Four attempts: Route 53 and EC2 throttle in bursts.
 * `requestTimeout`: ms that one attempt may take.
 */
export function clientFor<Client extends AnyClient>(make: ClientConstructor<Client>, region: string, requestTimeout = timeouts.requestTimeout): Client {
  const regions = clients.get(make) ?? new Map<string, AnyClient>();
  clients.set(make, regions);
  const known = regions.get(region);
  if (known) return known as Client;
  const client = new make({ region, maxAttempts: 4, requestHandler: { ...timeouts, requestTimeout } });
  customiser?.(client, region);
  regions.set(region, client);
  return client;
}

/** HTTP for the prober. */
export const httpFetch: typeof fetch = (...request) => (fetchImplementation ?? fetch)(...request);
