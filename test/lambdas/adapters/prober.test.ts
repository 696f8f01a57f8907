// The prober: whatever a side does, the answer is evidence, never an error, and it comes in time.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { latencyOfClass, sampleOfLatencies } from '../../../core/canary/latencies.ts';
import { nthLargest } from '../../../core/canary/sample.ts';
import { Plan } from '../../../core/contracts/plan.ts';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { Prober } from '../../../lambdas/adapters/prober.ts';
import { planInput } from '../../fixtures/plan.ts';

const prober = new Prober();
const planWith = (url: string, endpoint: Record<string, unknown> = {}, latencySeconds = 1) => {
  const input = planInput({ objective: { latencySeconds } });
  return Plan.parse({ ...input, sides: { ...input.sides, primary: { ...input.sides.primary, endpoint: { url, ...endpoint } } } });
};

describe('over real connections', () => {
  let server: Server;
  let answer: (response: ServerResponse, path: string) => void;
  let paths: string[];
  let url: string;

  beforeEach(async () => {
    attachToClients(undefined);
    paths = [];
    answer = (response) => response.end('well');
    server = createServer((request, response) => {
      paths.push(request.url ?? '');
      answer(response, request.url ?? '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}/health`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('counts what answers well', async () => {
    expect(await prober.probe(planWith(url), 'primary', 20, 5)).toMatchObject({ requests: 20, failed: 0, slow: 0 });
    expect(new Set(paths)).toEqual(new Set(['/health']));
  });

  it.each([200, 204, 301, 302, 304])('takes %d for an answer, and follows no redirect', async (status) => {
    answer = (response) => response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    expect(await prober.probe(planWith(url), 'primary', 2, 2)).toMatchObject({ failed: 0 });
  });

  it.each([400, 403, 404, 429, 500, 502, 503, 504])('takes %d for a failure', async (status) => {
    answer = (response) => response.writeHead(status).end();
    expect(await prober.probe(planWith(url), 'primary', 2, 2)).toMatchObject({ requests: 2, failed: 2, slow: 0 });
  });

  it('sends the probe paths in turn', async () => {
    answer = (response, path) => response.writeHead(path === '/c' ? 500 : 200).end();
    expect(await prober.probe(planWith(url, { probePaths: ['/a', '/b?x=1', '/c'] }), 'primary', 9, 1)).toMatchObject({ requests: 9, failed: 3, slow: 0 });
    expect(paths).toEqual(['/a', '/b?x=1', '/c', '/a', '/b?x=1', '/c', '/a', '/b?x=1', '/c']);
  });

  it('counts what is slower than the objective, and what is slower than the time-out as failed', async () => {
    answer = (response, path) => setTimeout(() => response.end(), path === '/slow' ? 120 : 600);
    const plan = planWith(url, { probePaths: ['/slow', '/slower'], timeoutSeconds: 0.4 }, 0.05);
    expect(await prober.probe(plan, 'primary', 4, 4)).toMatchObject({ requests: 4, failed: 2, slow: 2 });
  });

  it('keeps how long the answers took, and leaves failures out', async () => {
    answer = (response, path) => (path === '/bad' ? response.writeHead(500).end() : setTimeout(() => response.end(), 100));
    const { latencies = {} } = await prober.probe(planWith(url, { probePaths: ['/good', '/bad'] }), 'primary', 10, 5);
    const sample = sampleOfLatencies(latencies);
    expect(sample.size).toBe(5);
    expect(latencyOfClass(nthLargest(sample, 5))).toBeGreaterThan(95);
  });

  it('counts an answer whose body never ends as failed', async () => {
    answer = (response) => {
      response.writeHead(200);
      response.write('so far');
    };
    expect(await prober.probe(planWith(url, { timeoutSeconds: 0.2 }, 0.1), 'primary', 2, 2)).toMatchObject({ requests: 2, failed: 2, slow: 0 });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['breaks off', (response) => response.destroy()],
    ['answers nonsense', (response) => response.socket?.end('nonsense\r\n\r\n')],
  ])('counts a connection that %s as failed', async (_what, how) => {
    answer = how;
    expect(await prober.probe(planWith(url), 'primary', 3, 3)).toMatchObject({ requests: 3, failed: 3, slow: 0 });
  });

  it('counts refused connections as failed', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await prober.probe(planWith(url), 'primary', 5, 5)).toMatchObject({ requests: 5, failed: 5, slow: 0 });
  });
});

describe('its bounds', () => {
  afterEach(() => {
    vi.useRealTimers();
    attachToClients(undefined);
  });
  /** Answers after `ms`, or never. */
  const endpoint = (ms: number | undefined) => {
    const seen = { now: 0, most: 0, sent: 0 };
    const fetchFake = (_url: unknown, init?: { signal?: AbortSignal }) =>
      new Promise<Response>((resolve, reject) => {
        seen.most = Math.max(seen.most, ++seen.now);
        seen.sent++;
        const end = (finish: () => void) => () => {
          seen.now--;
          finish();
        };
        if (ms !== undefined)
          setTimeout(
            end(() => resolve(new Response('well'))),
            ms,
          );
        init?.signal?.addEventListener(
          'abort',
          end(() => reject(new Error('aborted'))),
        );
      });
    attachToClients({ customiser: () => undefined, fetch: fetchFake as unknown as typeof fetch });
    return seen;
  };

  it('never have more under way than asked for, and leave no timer', async () => {
    vi.useFakeTimers();
    const seen = endpoint(100);
    const probing = prober.probe(planWith('https://primary.example.com/health'), 'primary', 30, 7);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await probing).toMatchObject({ requests: 30, failed: 0, slow: 0 });
    expect(seen).toMatchObject({ most: 7, sent: 30, now: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begin no request after the time that is given, when everything times out', async () => {
    vi.useFakeTimers();
    const seen = endpoint(undefined);
    const began = Date.now();
    const probing = prober.probe(planWith('https://primary.example.com/health', { timeoutSeconds: 10 }), 'primary', 500, 5, 20_000);
    await vi.advanceTimersByTimeAsync(60_000);
    const evidence = await probing;
    expect(evidence).toMatchObject({ requests: 10, failed: 10, slow: 0 });
    expect(seen.sent).toBe(10);
    expect(Date.now() - began).toBe(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('send nothing when nothing is asked for', async () => {
    const seen = endpoint(1);
    expect(await prober.probe(planWith('https://primary.example.com/health'), 'primary', 0, 5)).toMatchObject({ requests: 0, failed: 0, slow: 0 });
    expect(seen.sent).toBe(0);
  });
});
