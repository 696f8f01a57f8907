// A Region that accepts connections and says nothing must not hold a function until its own time-out.
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { attachToClients, clientFor } from '../../../lambdas/adapters/clients.ts';

let server: Server;
let requests: number;

beforeEach(async () => {
  requests = 0;
  server = createServer(() => {
    requests++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  Object.assign(process.env, { AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  attachToClients(undefined);
});
afterEach(async () => {
  vi.useRealTimers();
  attachToClients(undefined);
  delete process.env['AWS_ENDPOINT_URL'];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('requests end by a time-out, after four attempts, within the time of a function', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let outcome: unknown;
  const range = { StartTime: new Date(0), EndTime: new Date(60_000) };
  const sent = clientFor(CloudWatchClient, 'eu-west-1')
    .send(new GetMetricDataCommand({ MetricDataQueries: [], ...range }))
    .catch((error: unknown) => {
      outcome = error;
    });
  for (let attempt = 1; attempt <= 4; attempt++) {
    // A connection takes real time, a back-off faked time: small steps, so that a busy machine does not run into the connection's own time-out.
    while (requests < attempt && outcome === undefined) {
      await vi.advanceTimersByTimeAsync(50);
      await sleep(10);
    }
    await vi.advanceTimersByTimeAsync(6_500);
  }
  await sent;
  expect(outcome).toMatchObject({ name: 'TimeoutError' });
  expect(requests).toBe(4);
});

it('one client is made for a service and a Region', () => {
  expect(clientFor(CloudWatchClient, 'eu-west-1')).toBe(clientFor(CloudWatchClient, 'eu-west-1'));
  expect(clientFor(CloudWatchClient, 'eu-west-1')).not.toBe(clientFor(CloudWatchClient, 'us-east-1'));
});

it('two services whose constructors have the same name, as bundling may leave them, are two clients', () => {
  const made = () => class a extends CloudWatchClient {};
  const [one, other] = [made(), made()];
  expect(one.name).toBe(other.name);
  expect(clientFor(one, 'eu-west-1')).not.toBe(clientFor(other, 'eu-west-1'));
  expect(clientFor(one, 'eu-west-1')).toBeInstanceOf(one);
});
