// The servers of the sides answer over real HTTP as the world has them.
import { afterEach, describe, expect, it } from 'vitest';
import { SideEndpoints } from '../../../e2e/world/endpoints.ts';
import { Faults } from '../../../rehearsal/world/faults.ts';
import { hostsOf, type SideMoment, sideMoment } from '../../../rehearsal/world/side.ts';

const moment = (errors: number): SideMoment =>
  sideMoment({
    side: 'primary',
    at: 0,
    load: 1,
    hosts: hostsOf('primary', 2, 0, new Faults([])),
    saturation: 140,
    nature: { medianLatency: 0.01, sigma: 0.1, backgroundErrors: errors },
    faults: new Faults([]),
    objectiveSeconds: 1,
  });

let endpoints: SideEndpoints | undefined;
afterEach(() => endpoints?.stop());

describe('SideEndpoints', () => {
  it('answers each side on a port of its own, and looks at the cloud before', async () => {
    endpoints = await SideEndpoints.start();
    expect(endpoints.origins.primary).not.toBe(endpoints.origins.standby);
    expect((await fetch(`${endpoints.origins.primary}/health`)).status).toBe(200);
    let ready = false;
    endpoints.follow(
      1,
      (side) => moment(side === 'primary' || !ready ? 1 : 0),
      async () => {
        ready = true;
      },
    );
    expect((await fetch(`${endpoints.origins.primary}/health`)).status).toBe(503);
    expect((await fetch(`${endpoints.origins.standby}/cart`)).status).toBe(200);
    expect(endpoints.received).toEqual({ primary: 2, standby: 1 });
  });

  it('breaks the connection when the world cannot answer, and goes on', async () => {
    endpoints = await SideEndpoints.start();
    const follow = (look: () => Promise<void>) => endpoints?.follow(1, () => moment(0), look);
    follow(() => Promise.reject(new Error('the records are gone')));
    await expect(fetch(endpoints.origins.primary)).rejects.toThrow('fetch failed');
    follow(async () => {});
    expect((await fetch(endpoints.origins.primary)).status).toBe(200);
  });

  it('lets callers of an unreachable side wait until they give up, and stops all the same', async () => {
    endpoints = await SideEndpoints.start();
    endpoints.follow(
      1,
      () => ({ ...moment(0), reachable: false }),
      async () => {},
    );
    await expect(fetch(endpoints.origins.primary, { signal: AbortSignal.timeout(200) })).rejects.toThrow('aborted due to timeout');
    const broken = expect(fetch(endpoints.origins.primary)).rejects.toThrow('fetch failed');
    while (endpoints.received.primary < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await endpoints.stop();
    endpoints = undefined;
    await broken;
  });
});
