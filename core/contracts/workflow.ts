// Input and output of every step of the state machines. State data is identifiers and decisions; the record carries the rest.
import { z } from 'zod';
import { MirroringLevel, SideName } from './plan.ts';
import { DrillScope } from './records.ts';

/** What start-workflow gives to the machines. */
export const MirroringInput = z.object({ serviceId: z.string(), workflowId: z.string() });
export const FailoverInput = z.object({
  serviceId: z.string(),
  failoverId: z.string(),
  kind: z.enum(['predictive', 'fail-back', 'drill']),
  /** set on a drill and on the fail-back that brings it home; null otherwise */
  drill: DrillScope.nullable().default(null),
  /** of the losing side when it was decided; null: not scored */
  score: z.number().nullable().default(null),
  /** of a fail-back: the person who asked for it, or `plan`; null or absent otherwise */
  approvedBy: z.string().nullable().optional(),
  from: SideName,
  to: SideName,
  /** null: it cannot be told */
  expectedInMinutes: z.number().nullable(),
  reasons: z.array(z.string()),
});
export type FailoverInput = z.infer<typeof FailoverInput>;
export const EvacuationInput = z.object({ serviceId: z.string(), failoverId: z.string(), from: SideName, to: SideName, decidedAt: z.string() });
export type EvacuationInput = z.infer<typeof EvacuationInput>;

/** Most steps of a failover need no more than this. */
export const FailoverStep = z.object({ serviceId: z.string(), failoverId: z.string() });
export type FailoverStep = z.infer<typeof FailoverStep>;

/** What becomes of the side that a failover has left. */
export const RetireInput = FailoverStep;

const Decision = <const Values extends readonly [string, ...string[]]>(...values: Values) => z.object({ decision: z.enum(values) });

export const steps = {
  'plan-mirroring': {
    input: MirroringInput,
    output: Decision('adjust', 'nothing').extend({ level: MirroringLevel, snapshot: z.boolean(), standby: z.boolean(), canary: z.boolean() }),
  },
  'create-snapshots': { input: MirroringInput, output: Decision('created', 'nothing') },
  'copy-snapshots': { input: MirroringInput.extend({ startedAt: z.string() }), output: Decision('copied', 'wait') },
  'retire-snapshots': { input: MirroringInput, output: Decision('retired') },
  'prepare-standby': { input: MirroringInput.extend({ level: MirroringLevel }), output: Decision('wait', 'ready') },
  'check-standby': { input: MirroringInput.extend({ level: MirroringLevel, startedAt: z.string() }), output: Decision('ready', 'wait', 'failed') },
  'record-level': { input: MirroringInput.extend({ level: MirroringLevel }), output: Decision('recorded') },
  'open-failover': { input: FailoverInput, output: Decision('proceed', 'wait', 'end') },
  // `judge`: still waiting for a person; after `waitSeconds` both sides are to be probed and judged before it is asked again.
  // `recheck`: answered, and the target was checked before the question. `validated`: a drill that ends here.
  'check-approval': { input: FailoverStep, output: Decision('granted', 'recheck', 'judge', 'denied', 'validated').extend({ waitSeconds: z.int() }) },
  // What came of warming the standby so far.
  'check-target': {
    input: FailoverStep.extend({ warmed: z.enum(['none', 'ready', 'failed']).default('none') }),
    output: Decision('shift', 'canary', 'warm', 'hold'),
  },
  'probe-sides': { input: z.object({ serviceId: z.string(), workflowId: z.string() }), output: Decision('probed') },
  'judge-canary': {
    input: z.object({
      serviceId: z.string(),
      workflowId: z.string(),
      /** `probes`: the standby at weight 0; `approval`: as before, while a person is waited for; `step`: the traffic that a shift has moved */
      stage: z.enum(['probes', 'approval', 'step']),
      startedAt: z.string(),
    }),
    output: Decision('pass', 'fail', 'wait', 'no-evidence'),
  },
  // `hold`: not now, ask again; `switched`: the losing side is latched instead, since the weights cannot be set.
  'shift-traffic': { input: FailoverStep, output: Decision('verify', 'done', 'hold', 'switched').extend({ bakeSeconds: z.int() }) },
  'verify-shift': { input: FailoverStep, output: Decision('synced', 'wait') },
  // `stuck`: the traffic did not follow; `failing`: the receiving side fails, or nothing shows that it serves.
  'check-drain': { input: FailoverStep, output: Decision('drained', 'wait', 'overdue', 'stuck', 'failing').extend({ waitSeconds: z.int() }) },
  // `wait`: a driver is under way; `failing`: the receiving side does not serve, and nothing is switched yet.
  'hand-over': { input: FailoverStep, output: Decision('handed-over', 'wait', 'failing') },
  // `wait`: the old side cannot carry more yet, or Route 53 does not answer; ask again. `finish`: all has moved, and nothing speaks for going back.
  'roll-back': { input: FailoverStep.extend({ failure: z.unknown() }), output: Decision('verify', 'wait', 'done', 'hold', 'finish') },
  'confirm-evacuation': { input: EvacuationInput, output: Decision('confirmed', 'warm', 'end') },
  'latch-side': { input: FailoverStep, output: Decision('latched') },
  'close-failover': {
    input: FailoverStep.extend({ outcome: z.enum(['failed-over', 'rolled-back', 'evacuated', 'held', 'validated']) }),
    output: Decision('closed'),
  },
  'retire-side': { input: RetireInput, output: Decision('soak', 'wait', 'done', 'refused').extend({ waitSeconds: z.int() }) },
  'halt-failover': { input: FailoverStep.extend({ failure: z.unknown() }), output: Decision('halted') },
} as const;

export type StepName = keyof typeof steps;
export type StepInput<Name extends StepName> = z.infer<(typeof steps)[Name]['input']>;
export type StepOutput<Name extends StepName> = z.infer<(typeof steps)[Name]['output']>;

/** What dispatch-scoring puts on the queue: one message a service. */
export const ScoringMessage = z.object({ serviceId: z.string(), subjectIds: z.array(z.string()).min(1) });
export type ScoringMessage = z.infer<typeof ScoringMessage>;
