// A crash is one only when a process was really killed. By /proc, so on Linux alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crashOnce } from '../../../e2e/gateway/crash.ts';
import type { AnswerListener, Gateway } from '../../../e2e/gateway/gateway.ts';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';

const call: GatewayRecord = {
  at: 0,
  region: 'us-east-1',
  service: 'route53',
  operation: 'GetChange',
  caller: 'forestall-some-function',
  input: {},
  status: 200,
};
const listeners = new Set<AnswerListener>();
let server: Server;
let url: string;
const gateway: Pick<Gateway, 'onAnswer' | 'endpoint'> = {
  get endpoint() {
    return url;
  },
  onAnswer: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
beforeEach(async () => {
  server = createServer((request, response) => {
    const { remotePort = 0 } = request.socket;
    Promise.all([...listeners].map(async (listener) => listener(call, remotePort))).then(
      () => response.end('carried out'),
      () => response.writeHead(503).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterEach(() => {
  listeners.clear();
  server.closeAllConnections();
  server.close();
});

const caller = async () => {
  const child = spawn(process.execPath, ['-e', `fetch('${url}').then(({ status }) => process.exit(status === 200 ? 0 : 1))`], { stdio: 'ignore' });
  return once(child, 'exit');
};

test.runIf(process.platform === 'linux')('kills the first caller of the call that was picked, and no other', async () => {
  const picked: string[] = [];
  const crash = crashOnce(gateway, ({ operation }) => picked.push(operation) > 1);
  expect(await caller()).toEqual([0, null]);
  expect(crash.crashed()).toBeUndefined();
  expect(await caller()).toEqual([null, 'SIGKILL']);
  expect(crash.crashed()).toBe(call);
  expect(await caller()).toEqual([0, null]);
});

test.runIf(process.platform === 'linux')('has no crash to tell of when nobody was killed', async () => {
  const crash = crashOnce(gateway, () => true);
  // The caller is this very process, which is spared.
  expect((await fetch(url)).status).toBe(503);
  expect(crash.crashed()).toBeUndefined();
});
