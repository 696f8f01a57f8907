import { describe, expect, it, vi } from 'vitest';
import { endpointsOf } from '../../../rehearsal/arms/endpoints.ts';
import { Faults } from '../../../rehearsal/world/faults.ts';
import { hostsOf, type SideMoment, sideMoment } from '../../../rehearsal/world/side.ts';
import { shop } from '../plan.ts';

const healthy = (errors: number): SideMoment =>
  sideMoment({
    side: 'standby',
    at: 0,
    load: 100,
    hosts: hostsOf('standby', 4, 0, new Faults([])),
    saturation: 140,
    nature: { medianLatency: 0.08, sigma: 0.5, backgroundErrors: errors },
    faults: new Faults([]),
    objectiveSeconds: 1,
  });
const gone: SideMoment = { ...healthy(0), reachable: false, failure: 1 };
const url = 'https://standby.shop.example.com/products';

describe('endpointsOf', () => {
  it('answers as a user would be answered: as often failed, as slow', async () => {
    vi.useFakeTimers();
    try {
      const fetch = endpointsOf(shop, 1, () => healthy(0.05));
      const answers = Array.from({ length: 2000 }, async () => {
        const began = Date.now();
        const { status } = await fetch(url);
        return { status, took: Date.now() - began };
      });
      await vi.runAllTimersAsync();
      const done = await Promise.all(answers);
      const failed = done.filter(({ status }) => status === 503).length;
      expect(failed).toBeGreaterThan(70);
      expect(failed).toBeLessThan(130);
      const times = done.flatMap(({ status, took }) => (status === 200 ? [took] : [])).sort((a, b) => a - b);
      expect(times[Math.floor(times.length / 2)]).toBeGreaterThan(70);
      expect(times[Math.floor(times.length / 2)]).toBeLessThan(95);
      expect(times.at(-1)).toBeGreaterThan(250);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers a request as it answers it in every run of the seed, whoever asks', async () => {
    const statuses = async (seed: number) => {
      const fetch = endpointsOf(shop, seed, () => ({ ...healthy(0.3), components: healthy(0.3).components.map((component) => ({ ...component, mu: -20 })) }));
      const seen: number[] = [];
      for (let count = 0; count < 50; count += 1) seen.push((await fetch(url)).status);
      return seen;
    };
    const first = await statuses(1);
    expect(await statuses(1)).toEqual(first);
    expect(await statuses(2)).not.toEqual(first);
  });

  it('gives up when the caller does, on a side that is gone', async () => {
    const abort = new AbortController();
    const request = endpointsOf(shop, 1, () => gone)(url, { signal: abort.signal });
    abort.abort(new Error('too slow'));
    await expect(request).rejects.toThrow('too slow');
  });

  it('knows the plan’s endpoints only', async () => {
    await expect(endpointsOf(shop, 1, () => healthy(0))('https://elsewhere.example.com/')).rejects.toThrow('nothing answers at elsewhere.example.com');
  });
});
