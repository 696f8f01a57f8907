// Where the probes try things on the emulator: an account of their own, in which nothing is left to be found by others.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyClient } from '../conformance/case.ts';

/** MiniStack takes an access key of twelve digits for an account. */
export const probeAccount = '345678901234';
export const home = 'eu-central-1';
export const away = 'eu-west-1';

/** The emulator did something else than what a probe needs before it can look. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

interface Config {
  region: string;
  maxAttempts: number;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export class Lab {
  readonly endpoint: string;
  readonly #clients: AnyClient[] = [];

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** A plain client: without what e2e/world/clients.ts makes up for. */
  client<Client extends AnyClient>(make: new (config: Config) => Client, region = home, accessKeyId = probeAccount): Client {
    const client = new make({ region, maxAttempts: 1, endpoint: this.endpoint, credentials: { accessKeyId, secretAccessKey: 'test' } });
    this.#clients.push(client);
    return client;
  }

  /** Calls a service of which no client is installed, by the query protocol. Resolves with the XML; throws LabError. */
  async query(service: string, fields: Readonly<Record<string, string>>): Promise<string> {
    return this.#post(service, { 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(fields).toString());
  }

  /** The same by the JSON protocol. `target`: prefix and operation. Resolves with the JSON text; throws LabError. */
  async json(service: string, target: string, body: object): Promise<string> {
    return this.#post(service, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }, JSON.stringify(body));
  }

  /** Deploys a stack, waits for it, and leaves it there. Throws LabError. */
  async deploy(name: string, resources: object): Promise<void> {
    const TemplateBody = JSON.stringify({ Resources: resources });
    await this.query('cloudformation', { Action: 'CreateStack', Version: '2010-05-15', StackName: name, TemplateBody });
    const describe = async () => {
      const answer = await this.query('cloudformation', { Action: 'DescribeStacks', Version: '2010-05-15', StackName: name });
      return /<StackStatus>([^<]+)</.exec(answer)?.[1] ?? '';
    };
    const status = await until(describe, (found) => !found.endsWith('IN_PROGRESS'), `the stack ${name}`);
    if (status !== 'CREATE_COMPLETE') throw new LabError(`the stack ${name} is ${status}`);
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  async #post(service: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
    // The emulator reads service, Region and account out of it, and looks at no signature.
    const authorization = `AWS4-HMAC-SHA256 Credential=${probeAccount}/20260101/${home}/${service}/aws4_request, SignedHeaders=host, Signature=none`;
    const response = await fetch(this.endpoint, { method: 'POST', headers: { ...headers, authorization }, body, signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    if (!response.ok) throw new LabError(`${service} answered ${response.status}: ${text.slice(0, 500)}`);
    return text;
  }
}

/** Asks again, for half a minute, until the answer will do. Throws LabError. */
export async function until<Value>(ask: () => Promise<Value>, enough: (value: Value) => boolean, what: string): Promise<Value> {
  for (let tries = 0; tries < 150; tries++) {
    const value = await ask();
    if (enough(value)) return value;
    await sleep(200);
  }
  throw new LabError(`waited in vain for ${what}`);
}

/** What has to be there for a probe to look. Throws LabError. */
export function needed<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new LabError(`the emulator answered without ${what}`);
  return value;
}
