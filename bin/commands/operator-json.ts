// What the operators' commands print with --json. The schemas in docs/schemas are generated from this.
import { z } from 'zod';
import { SideName } from '../../core/contracts/plan.ts';
import { ApprovalRecord, FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';

/** `failover:approve --json`. */
export const ApproveJson = z.object({
  failoverId: z.string(),
  serviceId: z.string(),
  kind: FailoverRecord.shape.kind,
  from: SideName,
  to: SideName,
  result: z
    .enum(['given', 'repeated', 'asked', 'refused'])
    .describe('repeated: the same answer was given before, and nothing was written; asked: a way home begins'),
  reason: z.string().nullable().describe('why it was refused'),
  approval: ApprovalRecord.nullable().describe('the question as it stands in the record; null: none was put'),
});
export type ApproveJson = z.infer<typeof ApproveJson>;

/** `service:pause --json`. */
export const PauseJson = z.object({
  serviceId: z.string(),
  killSwitch: z.boolean(),
  changed: z.boolean().describe('false: it stood so already'),
  turned: ServiceRecord.shape.killSwitchTurned.unwrap().nullable().describe('who turned it last, and when'),
  underWay: z.string().nullable().describe('the failover that holds the lock of the service'),
});
export type PauseJson = z.infer<typeof PauseJson>;
