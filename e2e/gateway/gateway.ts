// An HTTP proxy between all clients and the emulator: it records each call, and is where faults are put in.
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ClientTokens } from './client-tokens.ts';
import { createSnapshots, type WireAnswer } from './create-snapshots.ts';
import { errorCodeOf, madeBy, parseCall, type WireRequest } from './parse.ts';
import type { GatewayRecord } from './record.ts';

/** `clientPort`: the loopback port that the caller's connection comes from. */
export type AnswerListener = (call: GatewayRecord, clientPort: number) => void | Promise<void>;

export interface Gateway {
  /** For AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** All calls since the start, in the order in which they were answered. */
  readonly calls: readonly GatewayRecord[];
  /** Is told of each call when the emulator has carried it out, before its caller is told. The returned function ends that. */
  onAnswer(listener: AnswerListener): () => void;
  /** From now on everything goes there. */
  forwardTo(endpoint: string): void;
  stop(): Promise<void>;
}

/** Listens on a free loopback port. Until `forwardTo` it answers 503. */
export async function startGateway(): Promise<Gateway> {
  const calls: GatewayRecord[] = [];
  const listeners = new Set<AnswerListener>();
  const tokens = new ClientTokens();
  let emulator: URL | undefined;
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      // As when AWS is not to be reached: clients try again.
      if (!outgoing.headersSent) outgoing.writeHead(503, { 'content-type': 'text/plain' });
      outgoing.end(String(error));
    });
  });
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (emulator === undefined) throw new Error('the emulator has not been started');
    const target = emulator;
    const request: WireRequest = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: incoming.headers,
      body: await buffer(incoming),
    };
    const call = parseCall(request);
    const at = Date.now();
    const send = (sent: WireRequest) => forward(target, sent);
    const answer =
      call?.service === 'ec2'
        ? await tokens.answer(call, () => (call.operation === 'CreateSnapshots' ? createSnapshots(request, send) : send(request)))
        : await send(request);
    if (call !== undefined) {
      const errorCode = errorCodeOf(answer.status, answer.headers, answer.body);
      const made = madeBy(call, answer.body);
      const record: GatewayRecord = {
        at,
        ...call,
        status: answer.status,
        ...(errorCode === undefined ? {} : { errorCode }),
        ...(made === undefined ? {} : { made }),
      };
      calls.push(record);
      for (const listener of listeners) await listener(record, incoming.socket.remotePort ?? 0);
    }
    const { 'transfer-encoding': _chunked, connection: _connection, ...headers } = answer.headers;
    outgoing.writeHead(answer.status, headers as Record<string, string>);
    outgoing.end(answer.body);
  };
  const endpoint = await listen(server);
  return {
    endpoint,
    calls,
    onAnswer: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    forwardTo: (to) => {
      emulator = new URL(to);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** The Host header stays the client's: buckets may be in it. */
async function forward(emulator: URL, { method, path, headers, body }: WireRequest): Promise<WireAnswer> {
  const outgoing = httpRequest({ host: emulator.hostname, port: emulator.port, method, path, headers: { ...headers } as Record<string, string>, agent: false });
  outgoing.end(body);
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
  if (incoming === undefined) throw new Error('the emulator did not answer');
  return { status: incoming.statusCode ?? 502, headers: incoming.headers, body: await buffer(incoming) };
}
