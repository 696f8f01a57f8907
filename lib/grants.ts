// Which function may do what: read it as sentences. A function that is not in a line cannot do it.
import type { FunctionName } from '../core/contracts/deployment.ts';
import type { PermissionName } from './permissions/permissions.ts';

/** A step of a failover reads the service and the failover's record, and tells its story to the record. */
const tellTheStory = ['read services', 'read failovers', 'add to failovers', 'update failovers'] as const satisfies readonly PermissionName[];
/** What follows a failover changes nothing of its record. */
const tellTheStoryAfterwards = ['read services', 'read failovers', 'add to failovers'] as const satisfies readonly PermissionName[];
/** A step that changes something renews the lock of the service first; an ending releases it. */
const holdTheLock = ['update services'] as const satisfies readonly PermissionName[];

/** What follows the weights step by step. */
const weighTargetGroups = ['see target group weights', 'change target group weights'] as const satisfies readonly PermissionName[];
/** What a plan switches with the traffic, where it names such a thing. */
const throwSwitches = [
  ...weighTargetGroups,
  'read parameters',
  'change parameters',
  'see deployments',
  'follow deployments',
  'deploy configurations',
  'see zonal shifts',
  'begin and end zonal shifts',
] as const satisfies readonly PermissionName[];

/** An ending latches the target of a fail-back again that did not come to its end, measures the move, and starts what follows it. */
const end = [
  ...tellTheStory,
  ...holdTheLock,
  'read stories',
  'record latches',
  'latch sides',
  'start retirements',
  'notify',
] as const satisfies readonly PermissionName[];

export const grants: Readonly<Record<FunctionName, readonly PermissionName[]>> = {
  // Prediction
  'dispatch-scoring': ['find due resources', 'forget latches', 'queue scoring', 'latch sides'],
  'score-risk': [
    'read services',
    'list resources',
    'update subjects',
    'write assessments',
    'read metrics',
    'read records',
    'read health checks',
    'emit events',
  ],

  // What outside sources say: events that are forwarded, and what EC2 answers about the instances that are scored.
  'record-evidence': ['list services', 'find due resources', 'list resources', 'record evidence', 'see announcements'],

  // Around the workflows
  'start-workflow': [...tellTheStory, 'start workflows'],
  'settle-execution': [...end, 'update subjects', 'start roll-backs'],
  'sweep-orphans': [
    ...end,
    'update subjects',
    'list services',
    'start roll-backs',
    'follow failovers',
    'list resources',
    'see instances',
    'terminate mirrors',
    'see zonal shifts',
    'prolong zonal shifts',
    'read records',
    'change weights',
  ],

  // Mirroring
  'plan-mirroring': ['read services', 'read subjects', 'list resources', 'see instances', 'see targets', 'notify'],
  'create-snapshots': ['read services', 'update services', 'list resources', 'record mirrors', 'see snapshots', 'take snapshots'],
  'copy-snapshots': ['read services', 'list resources', 'record mirrors', 'see snapshots', 'copy snapshots'],
  'retire-snapshots': ['read services', 'list resources', 'record mirrors', 'see snapshots', 'delete snapshots'],
  'prepare-standby': [
    'read services',
    'list resources',
    'record mirrors',
    'see instances',
    'see targets',
    'read records',
    'launch mirrors',
    'start mirrors',
    'deregister targets',
    'terminate mirrors',
  ],
  'check-standby': ['read services', 'list resources', 'record mirrors', 'see instances', 'see targets', 'register targets'],
  'record-level': ['read services', 'update services', 'notify'],

  // Failover
  'open-failover': [...end, 'list resources', 'read records'],
  'check-approval': [...tellTheStory, ...holdTheLock, 'read subjects', 'list resources', 'read metrics', 'notify'],
  'check-target': [...tellTheStory, ...holdTheLock, 'list resources', 'read metrics', 'see targets', 'see instances', 'read quotas'],
  'probe-sides': ['read services', 'add to failovers'],
  'judge-canary': [...tellTheStory, 'update services', 'read subjects', 'read stories', 'read metrics'],
  // Latching takes the place of weights when Route 53's control plane does not answer; lifting the latch is the way back from that.
  'shift-traffic': [
    ...tellTheStory,
    ...holdTheLock,
    // After an evacuation everything is switched here.
    ...throwSwitches,
    'notify',
    'read metrics',
    'see targets',
    'read records',
    'change weights',
    'record latches',
    'latch sides',
  ],
  'verify-shift': [...tellTheStory, ...holdTheLock, 'follow record changes'],
  'check-drain': [...tellTheStory, ...holdTheLock, 'read subjects', 'read metrics', 'read records', 'notify'],
  'hand-over': [
    ...tellTheStory,
    ...holdTheLock,
    'read subjects',
    'read metrics',
    ...throwSwitches,
    'notify',
    'record latches',
    'latch sides',
    'update subjects',
  ],
  'roll-back': [
    ...tellTheStory,
    ...holdTheLock,
    ...weighTargetGroups,
    'read subjects',
    'read stories',
    'read metrics',
    'see targets',
    'read records',
    'change weights',
    'record latches',
    'latch sides',
  ],
  'close-failover': end,
  // A hand-over that was begun is completed by whatever ends the failover.
  'halt-failover': [...end, 'update subjects'],

  // Afterwards
  'retire-side': [
    ...tellTheStoryAfterwards,
    'list resources',
    'record mirrors',
    'read assessments',
    'read metrics',
    'see targets',
    'see left sides',
    'deregister left targets',
    'register replacements',
    'launch replacements',
    'stop left instances',
    'terminate left instances',
    'notify',
  ],
  'schedule-moves': [
    'list services',
    'list resources',
    'read failovers',
    'read stories',
    'add to failovers',
    'read assessments',
    'read metrics',
    'emit events',
    'notify',
  ],

  // Evacuation
  'confirm-evacuation': [...tellTheStory, ...holdTheLock, 'read subjects', 'read metrics', 'notify'],
  'latch-side': [...tellTheStory, ...holdTheLock, 'record latches', 'latch sides', 'update subjects'],
};
