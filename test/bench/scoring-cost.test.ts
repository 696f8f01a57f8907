// From counts to a bill, and what a cadence costs in time, worked out by hand.
import { describe, expect, it } from 'vitest';
import { fixedUsage, noCounts, usageOf } from '../../bench/scoring/counting.ts';
import { measureDelays, type Server } from '../../bench/scoring/delay.ts';
import { broken, type Figures } from '../../bench/scoring/report.ts';

const minute = 60_000;

it('a day is made of a run of minutes', () => {
  const counts = { ...noCounts(), metrics: 100, readUnits: 7, writeUnits: 9, queueRequests: 3, events: 1 };
  // 20 minutes are a 72nd of a day.
  expect(usageOf(counts, { invocations: 5, gigabyteSeconds: 2 }, 2, 20)).toEqual({
    ...{ metricRead: 7200, readUnit: 504, writeUnit: 648, queueRequest: 7 * 72, invocation: 360, gigabyteSecond: 144, trace: 360, busEvent: 72 },
    logGigabyte: expect.closeTo((360 * 900) / 1e9, 12) as number,
  });
});

it('what a Region has once does not grow with its services', () => {
  // Five pollers ask an empty queue each 20 seconds; a dispatch each minute.
  expect(fixedUsage(0.05)).toEqual({
    ...{ queueRequest: 21_600, scheduled: 1440, invocation: 1440, trace: 1440, gigabyteSecond: expect.closeTo(72, 9) as number },
    logGigabyte: expect.closeTo((1440 * 900) / 1e9, 12) as number,
  });
});

/** Two days of five minutes: calm, and an incident of an hour at the same row on each of two servers. */
function server(name: string, onset: number): Server {
  const rows = 576;
  const times = Float64Array.from({ length: rows }, (_, index) => index * 5 * minute);
  const scores = Float64Array.from({ length: rows }, (_, index) => (index >= onset && index < onset + 12 ? 90 : 1));
  return {
    ...{ name, times, scores, labelledFrom: 0, probabilities: [...scores], anomalies: new Array<number>(rows).fill(0) },
    incidents: [{ from: onset * 5 * minute, until: (onset + 11) * 5 * minute }],
  };
}

describe('the delay of a cadence', () => {
  const servers = [server('a', 300), server('b', 421)];
  const [each5, each15, byRisk] = measureDelays(servers, {
    'each 5': () => 5,
    'each 15': () => 15,
    'by risk': ({ failureProbability }) => ((failureProbability ?? 0) >= 15 ? 5 : 15),
  });
  // Begun at any of the first six rows of 576, over two days less five minutes.
  it('is none for reading each period', () =>
    expect(each5).toMatchObject({ readingsADay: expect.closeTo(287.25, 1) as number, found: 2, foundAtOnce: 2, mean: 0, worst: 0 }));
  it('is 0, 5 or 10 minutes for each third one', () => expect(each15).toMatchObject({ found: 2, mean: 5, worst: 10 }));
  it('by risk is that of the calm cadence when nothing announced it, with more readings during it', () => {
    expect(byRisk).toMatchObject({ mean: 5, worst: 10 });
    expect(byRisk?.readingsADay).toBeGreaterThan(each15?.readingsADay ?? 0);
  });
});

it('limits that are not kept are told', () => {
  const figures: Figures = {
    ...{ millisecondsAResource: 0.1, microsecondsAPoint: 5, stateBytes: { median: 3000, largest: 4000, largestUneasy: 4097 }, resourcesASecondAndCore: 100 },
    ...{ metricsAResourceDay: { calm: 500, uneasy: 8000 }, timesFasterThan: {}, delayMinutes: null },
    dollarsAMonth: { calm: 250.01, polling5: 691.2, anomalyAlarms: 2400 },
  };
  expect(broken(figures)).toEqual(['bytes of state of the largest resource: 4097.00, at most 4096', 'dollars a month for a calm fleet: 250.01, at most 250']);
});
