// SDK clients of the emulated account: every one goes to the given endpoint, whatever the environment says.
import type { AnyClient } from '../../rehearsal/cloud/cloud.ts';

/** The emulator takes any. */
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

type Configured = { region: string; maxAttempts: number };

/** One client per service and Region. `close` when they are not needed any more. */
export class EmulatorClients {
  readonly endpoint: string;
  readonly #clients = new Map<unknown, Map<string, AnyClient>>();

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  client<Client extends AnyClient>(make: new (config: Configured) => Client, region: string): Client {
    const regions = this.#clients.get(make) ?? new Map<string, AnyClient>();
    this.#clients.set(make, regions);
    const known = regions.get(region);
    if (known) return known as Client;
    const config = { region, maxAttempts: 3, endpoint: this.endpoint, credentials, requestHandler: { requestTimeout: 30_000 } };
    const client = new make(config);
    regions.set(region, client);
    return client;
  }

  close(): void {
    for (const regions of this.#clients.values()) for (const client of regions.values()) client.destroy();
    this.#clients.clear();
  }
}
