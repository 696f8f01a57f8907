// Reports made up for tests: they look like rehearsals, and nothing in them was rehearsed.
import type { ArmName, ArmResult, RehearsalReport, TrafficSample } from '../../../rehearsal/results.ts';

const minute = 60_000;
export const start = Date.parse('2026-11-16T06:00:00Z');

/** A small generator, so that the same seed draws the same picture. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export const arm = (change: Partial<ArmResult>): ArmResult => ({
  requests: 0,
  failed: 0,
  slow: 0,
  outcome: 'no-action',
  detectedAt: null,
  firstShiftAt: null,
  movedAt: null,
  finalWeights: { primary: 100, standby: 0 },
  cost: { apiCalls: {}, stateTransitions: 0, mirrorHours: { minimal: 0, partial: 0, full: 0 } },
  ...change,
});

const iso = (at: number) => new Date(at).toISOString();

/** Five hours: latency rises after three, errors follow, the primary dies; forestall moves in time. */
export function grayFailure(seed = 1, minutes = 300): RehearsalReport {
  const draw = draws(seed);
  const onset = start + 180 * minute;
  const errors = onset + 12 * minute;
  const death = errors + 40 * minute;
  const moves: Record<ArmName, number> = { forestall: onset + 14 * minute, reactive: death + 2 * minute, none: Number.POSITIVE_INFINITY, oracle: onset };
  const times = Array.from({ length: minutes }, (_, index) => start + index * minute);
  const requestsAt = times.map((at) => Math.round(18_000 + 3_000 * Math.sin((at - start) / (120 * minute)) + draw() * 400));
  const trafficOf = (name: ArmName): TrafficSample[] =>
    times.map((at, index) => {
      const requests = requestsAt[index] ?? 0;
      const moved = Math.min(1, Math.max(0, (at - moves[name]) / (6 * minute)));
      const ill = at < errors ? 0 : at < death ? ((at - errors) / (40 * minute)) * 0.12 : 1;
      return {
        at,
        requests,
        failed: Math.round(requests * (1 - moved) * ill + requests * 0.0003 * draw()),
        slow: at < onset || at > death ? Math.round(draw() * 3) : Math.round(requests * (1 - moved) * Math.min(0.6, (at - onset) / (30 * minute)) * draw()),
        standbyShare: moved * 0.995,
      };
    });
  const traffic = { forestall: trafficOf('forestall'), reactive: trafficOf('reactive'), none: trafficOf('none'), oracle: trafficOf('oracle') };
  const total = (name: ArmName, key: 'requests' | 'failed' | 'slow') => traffic[name].reduce((sum, sample) => sum + sample[key], 0);
  const counted = (name: ArmName) => ({ requests: total(name, 'requests'), failed: total(name, 'failed'), slow: total(name, 'slow') });
  const scoreAt = (at: number) => (at < start + 30 * minute ? null : at < onset ? 4 + 6 * draw() : Math.min(97, 10 + ((at - onset) / minute) * 9 + draw() * 4));
  const levelOf = (score: number | null) => (score === null || score < 30 ? 'partial' : score < 70 ? 'partial' : 'full');
  const critical = onset + 9 * minute;
  const at = (minutesLater: number) => critical + minutesLater * minute;
  const event = (when: number, phase: string, message: string, reasons: string[] = [], verdict: string | null = null, standby?: number) => ({
    at: when,
    phase,
    message,
    reasons,
    verdict,
    weights: standby === undefined ? null : { primary: 100 - standby, standby },
  });
  const result = {
    scenario: 'gray-failure',
    seed,
    simulatedSeconds: minutes * 60,
    wallSeconds: 8.42,
    report: 'out/gray-failure-1.html',
    arms: {
      forestall: arm({
        ...counted('forestall'),
        outcome: 'failed-over',
        detectedAt: iso(critical),
        firstShiftAt: iso(at(2)),
        movedAt: iso(at(11)),
        finalWeights: { primary: 0, standby: 100 },
        cost: {
          apiCalls: {
            'cloudwatch:GetMetricData': 612,
            'dynamodb:Update': 2411,
            'dynamodb:Query': 300,
            'route53:ChangeResourceRecordSets': 3,
            'route53:GetChange': 9,
            'ec2:RunInstances': 1,
          },
          stateTransitions: 214,
          mirrorHours: { minimal: 0, partial: 3.2, full: 1.8 },
        },
      }),
      reactive: arm({
        ...counted('reactive'),
        outcome: 'evacuated',
        detectedAt: iso(death + 80_000),
        firstShiftAt: iso(death + 80_000),
        movedAt: iso(death + 5 * minute),
      }),
      none: arm(counted('none')),
      oracle: arm({ ...counted('oracle'), outcome: 'failed-over', detectedAt: iso(onset), firstShiftAt: iso(onset), movedAt: iso(onset + 5 * minute) }),
    },
    invariants: (['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8'] as const).map((id, index) => ({ id, held: true, checks: 300 * (index + 1) })),
  };
  return {
    result,
    description: "The primary's latency rises, errors follow and grow for 40 minutes, then it dies. The standby is sound.",
    parameters: { latencyFactor: 2.7321098, errorPeak: 0.12, errorsAfterMinutes: 12, errorsGrowMinutes: 40, recovers: false, load: 'daily' },
    faults: [{ at: onset, until: null, label: 'latency rises on the primary' }],
    objective: { latencySeconds: 1, errorRate: 0.01 },
    thresholds: { partial: 30, full: 70, critical: 85 },
    traffic,
    metrics: [
      {
        name: 'latency p99',
        unit: 's',
        samples: times.map((time) => ({ at: time, value: time < onset ? 0.31 + draw() * 0.05 : 0.31 + Math.min(2, ((time - onset) / minute) * 0.08) })),
      },
      { name: 'errors (target)', unit: 'per minute', samples: traffic.none.map((sample) => ({ at: sample.at, value: sample.failed })) },
      { name: 'CPU', unit: '%', samples: times.map((time) => ({ at: time, value: 40 + draw() * 8 })) },
      { name: 'memory', unit: '%', samples: times.map((time, index) => ({ at: time, value: 52 + index * 0.01 })) },
    ],
    forestall: {
      assessments: times.map((time) => {
        const score = scoreAt(time);
        return {
          at: time,
          score,
          level: levelOf(score),
          critical: time >= critical && time < at(20),
          reasons:
            time < onset
              ? []
              : [{ metric: 'latency-p99', kind: 'level', detail: '0.74 s where 0.33 s is usual at this hour; 9 times the usual spread, for 6 minutes' }],
        };
      }),
      weights: [
        { at: start, primary: 100, standby: 0 },
        { at: at(2), primary: 90, standby: 10 },
        { at: at(4), primary: 50, standby: 50 },
        { at: at(6), primary: 0, standby: 100 },
      ],
      mirroring: [
        { at: start, level: 'partial', readyInstances: 3 },
        { at: critical - 3 * minute, level: 'full', readyInstances: 4 },
      ],
      failovers: [
        {
          failoverId: 'shop.critical.20261116T090900Z',
          kind: 'predictive',
          outcome: 'failed-over',
          startedAt: critical,
          endedAt: at(13),
          reasons: ['score 91.2, above 85 since 09:09', 'latency-p99 is 9 times its usual spread above normal'],
          events: [
            event(at(0), 'opened', 'The lock is taken, nothing speaks against it', ['no other failover', 'cool-down is over']),
            event(at(0.3), 'target-checked', 'The standby is healthy and large enough', ['4 of 4 instances in service', '480 requests/s of capacity for 312']),
            event(at(0.5), 'canary', 'A canary of 6 minutes ago still counts', ['500 of 500 probes succeeded on the standby'], 'pass'),
            event(at(2), 'shift', '10 % to the standby, in force', ['urgent: a failure is expected within 25 minutes'], 'pass', 10),
            event(at(4), 'shift', '50 % to the standby, in force', ['standby p99 0.34 s, primary 0.91 s'], 'pass', 50),
            event(at(6), 'shift', '100 % to the standby, in force', [], 'pass', 100),
            event(at(7), 'drain', 'The primary still receives 4.1 % of the requests'),
            event(at(11), 'drain', 'The primary receives 0.8 %: moved'),
            event(at(12), 'hand-over', 'The standby is active, the primary is latched'),
            event(at(13), 'closed', 'Done; the lock is released'),
          ],
        },
      ],
      mutatingCalls: [
        { at: critical - 5 * minute, operation: 'ec2:RunInstances', region: 'eu-central-1', summary: 'one instance of lt-0a1b2c3d4e5f60718 as mirror#03' },
        { at: at(2), operation: 'route53:ChangeResourceRecordSets', region: 'us-east-1', summary: 'shop.example.com A: primary 100 to 90, standby 0 to 10' },
        { at: at(4), operation: 'route53:ChangeResourceRecordSets', region: 'us-east-1', summary: 'shop.example.com A: primary 90 to 50, standby 10 to 50' },
        { at: at(6), operation: 'route53:ChangeResourceRecordSets', region: 'us-east-1', summary: 'shop.example.com A: primary 50 to 0, standby 50 to 100' },
      ],
    },
    violations: [],
  };
}

/** Thirty days in which nothing moves, with `deployments` short disturbances. */
export function calm(days = 30, deployments = 20): RehearsalReport {
  const draw = draws(7);
  const base = grayFailure();
  const times = Array.from({ length: days * 1440 }, (_, index) => start + index * minute);
  const samples = times.map((at): TrafficSample => {
    const requests = Math.round(15_000 + 9_000 * Math.sin(((at - start) / (1440 * minute)) * 2 * Math.PI));
    return { at, requests, failed: Math.round(requests * 0.0004 * draw()), slow: Math.round(4 * draw()), standbyShare: 0 };
  });
  const none = arm({ requests: samples.reduce((sum, { requests }) => sum + requests, 0), failed: samples.reduce((sum, { failed }) => sum + failed, 0) });
  return {
    ...base,
    result: {
      ...base.result,
      scenario: 'calm',
      simulatedSeconds: days * 86_400,
      wallSeconds: 190,
      arms: { forestall: none, reactive: none, none, oracle: none },
    },
    description: 'Ordinary days with deployments and peaks of load. Nothing may move.',
    faults: Array.from({ length: deployments }, (_, index) => {
      const at = start + Math.round(((index + draw()) * days * 1440) / deployments) * minute;
      return { at, until: at + 5 * minute, label: `deployment ${index + 1}` };
    }),
    traffic: { forestall: samples, reactive: samples, none: samples, oracle: samples },
    metrics: base.metrics.map((metric) => ({ ...metric, samples: times.map((at) => ({ at, value: 0.3 + 0.1 * draw() })) })),
    forestall: {
      assessments: times.map((at) => ({ at, score: 3 + draw() * 20 + (draw() > 0.999 ? 30 : 0), level: 'partial', critical: false, reasons: [] })),
      weights: [{ at: start, primary: 100, standby: 0 }],
      mirroring: [{ at: start, level: 'partial', readyInstances: 3 }],
      failovers: [],
      mutatingCalls: [],
    },
  };
}
