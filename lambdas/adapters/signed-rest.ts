// Signed JSON requests to an AWS service for which there is no SDK client here.
import { createHash, createHmac } from 'node:crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SignatureV4 } from '@smithy/signature-v4';
import { clientFor, httpFetch } from './clients.ts';

export interface RestRequest {
  readonly service: string;
  readonly region: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** What the service answered when it did not do what it was asked. `name`: AWS's code, as SDK errors have it. */
export class RestError extends Error {
  readonly status: number;
  /** as SDK errors have it */
  readonly $metadata: { readonly httpStatusCode: number };
  /** e.g. of a ConflictException */
  readonly reason: string | undefined;
  constructor(name: string, status: number, message: string, reason: string | undefined, cause?: unknown) {
    super(message, { cause });
    this.name = name;
    this.status = status;
    this.$metadata = { httpStatusCode: status };
    this.reason = reason;
  }
}

const attempts = 4;
/** ms that one attempt may take, as the SDK's clients have it */
const patience = 6_000;

/** The answer's JSON. Tries again when it is throttled, or the service or the network fails. Throws RestError. */
export async function signedRequest(request: RestRequest): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(request);
    } catch (error) {
      const again = error instanceof RestError && (error.status === 429 || error.status >= 500 || /Throttl/.test(error.name));
      if (!again || attempt >= attempts) throw error;
      await new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 100 * 2 ** attempt));
    }
  }
}

async function send({ service, region, method, path, query = {}, body }: RestRequest): Promise<unknown> {
  const hostname = `${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { host: hostname, ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
  const { credentials } = clientFor(CloudWatchClient, region).config;
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const signed = await signer.sign({ method, protocol: 'https:', hostname, path, query: { ...query }, headers, ...(text === undefined ? {} : { body: text }) });
  // The network sets the host itself.
  const { host: _host, ...sent } = signed.headers;
  const search = new URLSearchParams(query).toString();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    const answer = await httpFetch(`https://${hostname}${path}${search ? `?${search}` : ''}`, {
      method,
      headers: sent,
      ...(text === undefined ? {} : { body: text }),
      signal: abort.signal,
    });
    const content = parse(await answer.text());
    if (answer.ok) return content;
    throw errorOf(answer, content);
  } catch (error) {
    if (error instanceof RestError) throw error;
    throw new RestError('ServiceUnavailable', 503, `${service} in ${region} cannot be reached`, undefined, error);
  } finally {
    clearTimeout(timer);
  }
}

function errorOf({ headers, status }: Response, content: unknown): RestError {
  const { message, __type, reason } = (content ?? {}) as { message?: string; __type?: string; reason?: string };
  const name = (headers.get('x-amzn-errortype') ?? __type ?? `Http${status}`).replace(/^.*#/, '').replace(/:.*$/, '');
  return new RestError(name, status, message ?? `the service answered ${status}`, reason);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** SHA-256, or HMAC with a key, in the form in which the signer wants it. */
class Sha256 {
  readonly #key: string | ArrayBuffer | ArrayBufferView | undefined;
  #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = key;
    this.#hash = this.#begin();
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(chunk));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin() {
    return this.#key === undefined ? createHash('sha256') : createHmac('sha256', bytes(this.#key));
  }
}

function bytes(chunk: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, 'utf8');
  return ArrayBuffer.isView(chunk) ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : new Uint8Array(chunk);
}
