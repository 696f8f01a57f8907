// Items of the DynamoDB tables. Times are ISO 8601 with Z unless the name says otherwise.
import { z } from 'zod';
import { MetricDefinition } from './metrics.ts';
import { MirroringLevel, Mode, SideName, StoredPlan } from './plan.ts';
import { ResourceKind } from './plan-sides.ts';

const Time = z.iso.datetime();

export const Verdict = z.enum(['pass', 'fail', 'no-evidence']);
export type Verdict = z.infer<typeof Verdict>;

export const Weights = z.object({ primary: z.int().min(0).max(255), standby: z.int().min(0).max(255) });
export type Weights = z.infer<typeof Weights>;

/** A lease: whoever finds it expired may take it over with a higher fencing token. */
export const Lock = z.object({ holder: z.string(), token: z.int(), expiresAt: Time });
export type Lock = z.infer<typeof Lock>;

export const CanaryRecord = z.object({
  verdict: Verdict,
  at: Time,
  target: SideName,
  method: z.enum(['probes', 'weighted-step']),
  reasons: z.array(z.string()),
});
export type CanaryRecord = z.infer<typeof CanaryRecord>;

/** Table `services`, key `serviceId`. `plan:apply` writes plan fields only. */
export const ServiceRecord = z.object({
  serviceId: z.string(),
  plan: StoredPlan,
  planHash: z.string(),
  mode: Mode,
  activeSide: SideName,
  /** Level that the standby really has: set when the work is done, not when it is decided. */
  level: MirroringLevel,
  lock: Lock.optional(),
  fencingToken: z.int().default(0),
  canary: CanaryRecord.optional(),
  /** Sides that are kept away from traffic, and since when. */
  latched: z.partialRecord(SideName, Time).default({}),
  lastFailover: z.object({ failoverId: z.string(), outcome: z.string(), endedAt: Time }).optional(),
  /** The last moves that changed weights, newest last, for the detection of flapping; at most 20. */
  recentMoves: z.array(z.object({ failoverId: z.string(), outcome: z.string(), endedAt: Time })).default([]),
  lastDrill: z.object({ failoverId: z.string(), outcome: z.string(), endedAt: Time }).optional(),
  lastSnapshotAt: Time.optional(),
  killSwitch: z.boolean().default(false),
  /** Who turned the kill switch last, and when. */
  killSwitchTurned: z.object({ by: z.string(), at: Time }).optional(),
  /** Refusals that stand and were told to people, by what refuses; the value names the condition, so that the next one is told again. */
  toldRefusals: z.record(z.string(), z.string()).default({}),
});
export type ServiceRecord = z.infer<typeof ServiceRecord>;

/** Table `resources`: something that is scored. subjectId: `entry#<side>` or `resource#<side>#<id>`. */
export const SubjectRecord = z.object({
  serviceId: z.string(),
  subjectId: z.string(),
  side: SideName,
  kind: z.union([z.literal('entry'), ResourceKind]),
  region: z.string(),
  /** Of an instance: name and id of its Availability Zone, as plan:apply found it. */
  zone: z.string().optional(),
  zoneId: z.string().optional(),
  metrics: z.array(MetricDefinition),
  shard: z.string(),
  nextDueAt: Time,
  score: z.number().min(0).max(100).nullable(),
  scoredAt: Time.optional(),
  /** JSON text: smaller and faster than a map of numbers. null: never scored. */
  detectorState: z.string().nullable().default(null),
  /** Entry of the active side only: the level that the score asks for. */
  level: MirroringLevel.optional(),
  /** Entry of the active side only: endpoint checks of both sides, found through Route 53's control plane while it could be reached. `readAt`: ms. */
  healthChecks: z.object({ primary: z.string().optional(), standby: z.string().optional(), readAt: z.number() }).optional(),
  /** Counts the writes, so that two scorings of one subject cannot both win. */
  revision: z.int().default(0),
});
export type SubjectRecord = z.infer<typeof SubjectRecord>;

/** Table `resources`: one place for a mirror instance. subjectId: `mirror#<nn>`. Written before the instance is asked for. */
export const MirrorRecord = z.object({
  serviceId: z.string(),
  subjectId: z.string(),
  slot: z.int(),
  generation: z.int(),
  instanceId: z.string().optional(),
  status: z.enum(['intended', 'launched', 'ready', 'stopped', 'terminated']),
  updatedAt: Time,
});
export type MirrorRecord = z.infer<typeof MirrorRecord>;

/** Table `resources`: an instance of a side that a failover has left. subjectId: `retired#<instance>`. Written before the instance is touched. */
export const RetiredRecord = z.object({
  serviceId: z.string(),
  subjectId: z.string(),
  failoverId: z.string(),
  instanceId: z.string(),
  status: z.enum(['intended', 'deregistered', 'stopped', 'terminated']),
  updatedAt: Time,
});
export type RetiredRecord = z.infer<typeof RetiredRecord>;

/** Table `resources`: one place for an instance that replaces one of a side that was left. subjectId: `replacement#<nn>`. Written before the instance is asked for. */
export const ReplacementRecord = z.object({
  serviceId: z.string(),
  subjectId: z.string(),
  /** the failover that it was made after */
  failoverId: z.string(),
  slot: z.int(),
  generation: z.int(),
  instanceId: z.string().optional(),
  status: z.enum(['intended', 'launched', 'ready', 'terminated']),
  updatedAt: Time,
});
export type ReplacementRecord = z.infer<typeof ReplacementRecord>;

/** Table `resources`: one set of snapshots. subjectId: `snapshot#<resource>#<decision>`. */
export const SnapshotRecord = z.object({
  serviceId: z.string(),
  subjectId: z.string(),
  resourceId: z.string(),
  decisionId: z.string(),
  snapshotIds: z.array(z.string()),
  copyIds: z.array(z.string()),
  status: z.enum(['intended', 'created', 'copying', 'copied', 'retired']),
  createdAt: Time,
});
export type SnapshotRecord = z.infer<typeof SnapshotRecord>;

/** Table `assessments`: key subjectKey (`<serviceId>/<subjectId>` or `<serviceId>/service`), timestamp. */
export const AssessmentRecord = z.object({
  subjectKey: z.string(),
  timestamp: Time,
  failureProbability: z.number().nullable(),
  anomalyScore: z.number(),
  level: MirroringLevel.optional(),
  critical: z.boolean().optional(),
  reasons: z.array(z.object({ metric: z.string(), kind: z.string(), detail: z.string() })),
  expiresAt: z.int().describe('seconds since the epoch'),
});
export type AssessmentRecord = z.infer<typeof AssessmentRecord>;

export const DrillScope = z.enum(['canary', 'failover']);
export type DrillScope = z.infer<typeof DrillScope>;

export const FailoverPhase = z.enum([
  'opened',
  'target-checked',
  'canary',
  'approval',
  'shift',
  'drain',
  'hand-over',
  'roll-back',
  'evacuation',
  'closed',
  'halted',
]);
export type FailoverPhase = z.infer<typeof FailoverPhase>;

/** `validated`: a drill of the canary alone that passed. */
export const FailoverOutcome = z.enum(['failed-over', 'rolled-back', 'evacuated', 'held', 'refused', 'advised', 'halted', 'validated']);
export type FailoverOutcome = z.infer<typeof FailoverOutcome>;

/** A person's answer to a move that waits for it. `asked` until somebody answers; then it stands. */
export const ApprovalRecord = z.object({
  state: z.enum(['asked', 'granted', 'denied', 'timed-out']),
  askedAt: Time,
  /** When people were told of the question; absent: not yet, it is tried again. */
  toldAt: Time.optional(),
  escalatedAt: Time.optional(),
  answeredAt: Time.optional(),
  answeredBy: z.string().optional(),
});
export type ApprovalRecord = z.infer<typeof ApprovalRecord>;

/** What a driver of the hand-over was asked, written before it is asked. */
export const DriverRecord = z.object({ status: z.enum(['intended', 'under-way', 'done']), token: z.string().optional(), at: Time });
export type DriverRecord = z.infer<typeof DriverRecord>;

/** How a move compares with the plan's recovery objectives. Seconds since the decision. */
export const Measurements = z.object({
  decidedAt: Time,
  firstShiftAt: Time.optional(),
  movedAt: Time.optional(),
  secondsToMoved: z.number().optional(),
  replicationLagSeconds: z.number().optional(),
  withinRto: z.boolean().optional(),
  withinRpo: z.boolean().optional(),
});
export type Measurements = z.infer<typeof Measurements>;

/** Table `failovers`, entry `record`: the head of one failover or evacuation. */
export const FailoverRecord = z.object({
  failoverId: z.string(),
  entry: z.literal('record'),
  serviceId: z.string(),
  decisionId: z.string(),
  kind: z.enum(['predictive', 'evacuation', 'fail-back', 'drill']),
  /** Set on a drill, and on the fail-back that brings one home: what was practised. Never to be learned from as if something had failed. */
  drill: DrillScope.optional(),
  /** Score of the losing side when it was decided; null: not scored. */
  score: z.number().nullable().default(null),
  /** Of a fail-back: the person who asked for it, or `plan`. */
  approvedBy: z.string().optional(),
  /** Of a fail-back: when the latch of its target was lifted. Route 53 needs minutes to see it. */
  latchLiftedAt: Time.optional(),
  from: SideName,
  to: SideName,
  zone: z.string().describe('zone that traffic leaves, for the caps'),
  profile: z.enum(['calm', 'urgent']),
  weightsAtStart: Weights.optional(),
  /** Written before Route 53 is asked, so that a retry repeats this step instead of taking the next. */
  intended: Weights.optional(),
  /** What Route 53 was last set to. */
  weights: Weights.optional(),
  /** What the sweeper found after a move that never saw the weights; set only if it still stands when it looks again. */
  weightsFound: Weights.optional(),
  changeId: z.string().optional(),
  /** Weights of the last step that was judged and passed; those at the start until then. */
  goodWeights: Weights.optional(),
  /** What moves the traffic: the records' weights, or, when Route 53's control plane cannot be reached, the evacuation check. */
  mechanism: z.enum(['weights', 'health-check']).default('weights'),
  /** Since when the receiving side is too small for the next step; of no meaning once a step was taken after it. */
  lackingSince: Time.optional(),
  /** Since when Route 53's control plane had too much to do to take a change of this failover. */
  busySince: Time.optional(),
  /** Since when Route 53's control plane did not answer this failover. */
  unreachableSince: Time.optional(),
  approval: ApprovalRecord.optional(),
  /** By the driver's key. */
  drivers: z.record(z.string(), DriverRecord).default({}),
  measurements: Measurements.optional(),
  /** When the last change had reached all of Route 53's servers: evidence of a step counts from here. */
  stepVerifiedAt: Time.optional(),
  phase: FailoverPhase,
  phaseStartedAt: Time,
  pointOfNoReturn: z.boolean(),
  fencingToken: z.int(),
  startedAt: Time,
  endedAt: Time.optional(),
  outcome: FailoverOutcome.optional(),
  reasons: z.array(z.string()),
});
export type FailoverRecord = z.infer<typeof FailoverRecord>;

/** Table `failovers`, entry `event#<nnn>#<what>`: the story, phase by phase. The key is derived from the step, so that a retry rewrites the same line. */
export const FailoverEvent = z.object({
  failoverId: z.string(),
  entry: z.string(),
  at: Time,
  phase: FailoverPhase,
  message: z.string(),
  reasons: z.array(z.string()).default([]),
  verdict: Verdict.optional(),
  weights: Weights.optional(),
});
export type FailoverEvent = z.infer<typeof FailoverEvent>;
