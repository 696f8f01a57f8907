// A server on loopback that notes what SDK clients send, in the form in which the gateway notes it, and answers everything with success.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';

export type Sent = Pick<GatewayRecord, 'service' | 'operation' | 'input' | 'region'>;

export interface RecordingServer {
  readonly endpoint: string;
  readonly sent: readonly Sent[];
  close(): Promise<void>;
}

export async function startRecordingServer(): Promise<RecordingServer> {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const [, region = '', service = ''] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    const path = request.url ?? '';
    const target = request.headers['x-amz-target'];
    if (service === 'route53') sent.push({ service, region, operation: '', input: { path, method: request.method, xml: body } });
    else if (typeof target === 'string') sent.push({ service, region, operation: target.split('.')[1] ?? '', input: JSON.parse(body) });
    else {
      const form = Object.fromEntries(new URLSearchParams(body));
      sent.push({ service, region, operation: form['Action'] ?? '', input: form });
    }
    response.writeHead(200, { 'content-type': typeof target === 'string' ? 'application/x-amz-json-1.0' : 'text/xml' });
    response.end(typeof target === 'string' ? '{}' : '<Empty/>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
