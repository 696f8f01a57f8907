// What somebody outside says of a service's instances, zones and Regions: the events that are listened to, and how they are kept.
import { z } from 'zod';
import { SideName } from './plan.ts';

const Time = z.iso.datetime();

/** Source of the event that any pipeline can put on the default event bus of a side's Region, or on Forestall's own. */
export const deploymentSource = 'forestall.deployment';

/** What the rules in each Region forward to the control Region. Names as EventBridge patterns have them. */
export const hostEventPattern = {
  source: ['aws.ec2', 'aws.health', 'aws.codedeploy', 'aws.ecs', deploymentSource],
  'detail-type': [
    'EC2 Instance State-change Notification',
    'AWS Health Event',
    'CodeDeploy Deployment State-change Notification',
    'ECS Deployment State Change',
    'Deployment',
  ],
};

/** The rule that calls `record-evidence`: all that is forwarded. */
export const recordEvidencePattern = { source: hostEventPattern.source, detailType: hostEventPattern['detail-type'] };

/** `announced`: EC2 will stop, reboot or work on an instance. `status`: its checks fail. `state`: somebody stopped it. */
export const EvidenceKind = z.enum(['announced', 'status', 'state', 'health', 'deployment']);
export type EvidenceKind = z.infer<typeof EvidenceKind>;

/** What will happen to what it is about. */
export const Impact = z.enum(['stop', 'reboot', 'maintenance', 'issue', 'investigation', 'none']);
export type Impact = z.infer<typeof Impact>;

/**
 * Table `resources`, key subjectId `evidence#<kind>#<id>[#<instance>]`: read with the service's subjects, at no further request.
 * `order` says which of two reports is the newer one; an older one is never written over it. Items expire by themselves.
 */
export const EvidenceRecord = z.object({
  serviceId: z.string(),
  subjectId: z.string(),
  kind: EvidenceKind,
  /** the same for all items of one event */
  event: z.string(),
  side: SideName,
  scope: z.enum(['instance', 'zone', 'side']),
  /** scope `instance`: its id; scope `zone`: names or ids of zones */
  names: z.array(z.string()).default([]),
  impact: Impact,
  status: z.enum(['open', 'closed']),
  /** when it begins, or began */
  from: Time,
  /** when it ends, as far as it is known */
  until: Time.optional(),
  /** nothing was heard of it for so long that it counts no more */
  validUntil: Time,
  /** as reasons say it */
  label: z.string(),
  order: z.string(),
  expiresAt: z.int().describe('seconds since the epoch'),
});
export type EvidenceRecord = z.infer<typeof EvidenceRecord>;

/** EventBridge's envelope, as far as it is read. */
export const HostEvent = z.object({
  source: z.string(),
  'detail-type': z.string(),
  account: z.string(),
  region: z.string(),
  time: z.string().refine((time) => Number.isFinite(Date.parse(time)), 'not a time'),
  resources: z.array(z.string()).default([]),
  detail: z.record(z.string(), z.unknown()),
});
export type HostEvent = z.infer<typeof HostEvent>;
