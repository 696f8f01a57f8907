// What a rehearsal yields: the JSON of the command line, and the timeline that the report draws.
import { z } from 'zod';
import type { Measurements } from '../core/contracts/records.ts';

const Time = z.iso.datetime();

export const armNames = ['forestall', 'reactive', 'none', 'oracle'] as const;
export type ArmName = (typeof armNames)[number];

export const ArmResult = z.strictObject({
  requests: z.int().min(0),
  failed: z.int().min(0).describe('5xx, time-out or refused'),
  slow: z.int().min(0).describe('succeeded above the latency objective'),
  outcome: z.enum(['failed-over', 'rolled-back', 'evacuated', 'no-action', 'held']),
  detectedAt: Time.nullable().describe('first critical assessment; reactive: health-check flip; oracle: onset'),
  firstShiftAt: Time.nullable().describe('first change of effective routing away from the primary'),
  movedAt: Time.nullable().describe('the losing side below 1 % of requests'),
  finalWeights: z.strictObject({ primary: z.number(), standby: z.number() }),
  cost: z.strictObject({
    apiCalls: z.record(z.string(), z.int().min(0)).describe("service:Operation -> Forestall's calls from the run's start on"),
    stateTransitions: z.int().min(0),
    mirrorHours: z.strictObject({ minimal: z.number(), partial: z.number(), full: z.number() }),
  }),
});
export type ArmResult = z.infer<typeof ArmResult>;

export const InvariantResult = z.strictObject({ id: z.enum(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8']), held: z.boolean(), checks: z.int().min(0) });
export type InvariantResult = z.infer<typeof InvariantResult>;

export const ScenarioResult = z.strictObject({
  scenario: z.string(),
  seed: z.int(),
  simulatedSeconds: z.number().describe('per arm'),
  wallSeconds: z.number().describe('all arms'),
  report: z.string().nullable().describe('path of the HTML report'),
  arms: z.strictObject({ forestall: ArmResult, reactive: ArmResult, none: ArmResult, oracle: ArmResult }),
  invariants: z.array(InvariantResult),
});
export type ScenarioResult = z.infer<typeof ScenarioResult>;

/** One sample a minute of virtual time. Counts are of that minute. Share: of requests that reached the side. */
export interface TrafficSample {
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly slow: number;
  readonly standbyShare: number;
}

/** What the Forestall arm knew and did, for the report; from its own records and the call log. Times: ms since the epoch. */
export interface ForestallTimeline {
  readonly assessments: readonly {
    at: number;
    score: number | null;
    level: string;
    critical: boolean;
    reasons: readonly { metric: string; kind: string; detail: string }[];
  }[];
  readonly weights: readonly { at: number; primary: number; standby: number }[];
  readonly mirroring: readonly { at: number; level: string; readyInstances: number }[];
  readonly failovers: readonly {
    failoverId: string;
    kind: string;
    outcome: string | null;
    startedAt: number;
    endedAt: number | null;
    reasons: readonly string[];
    /** Of a drill, and of its way home: what was practised. */
    drill?: string | undefined;
    measurements?: Measurements | undefined;
    events: readonly {
      at: number;
      phase: string;
      message: string;
      reasons: readonly string[];
      verdict: string | null;
      weights: { primary: number; standby: number } | null;
    }[];
  }[];
  readonly mutatingCalls: readonly { at: number; operation: string; region: string; summary: string }[];
}

/** Input of the report: the result, the story of the world, and the curves. */
export interface RehearsalReport {
  readonly result: ScenarioResult;
  readonly description: string;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly faults: readonly { at: number; until: number | null; label: string }[];
  readonly objective: { readonly latencySeconds: number; readonly errorRate: number };
  readonly thresholds: { readonly partial: number; readonly full: number; readonly critical: number };
  readonly traffic: Readonly<Record<ArmName, readonly TrafficSample[]>>;
  readonly metrics: readonly { name: string; unit: string; samples: readonly { at: number; value: number }[] }[];
  readonly forestall: ForestallTimeline;
  readonly violations: readonly { invariant: string; at: number; detail: string }[];
}
