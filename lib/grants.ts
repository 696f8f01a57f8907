// Which function may do what: read it as sentences. A function that is not in a line cannot do it.
import type { FunctionName } from '../core/contracts/deployment.ts';
import type { PermissionName } from './permissions.ts';

/** A step of a failover reads the service and the failover's record, and tells its story to the record. */
const tellTheStory = ['read services', 'read failovers', 'write failovers'] as const satisfies readonly PermissionName[];
/** A step that changes something renews the lock of the service first; an ending releases it. */
const holdTheLock = ['write services'] as const satisfies readonly PermissionName[];

/** An ending latches the target of a fail-back again that did not come to its end. */
const latchAgain = ['read services', 'write resources', 'latch sides'] as const satisfies readonly PermissionName[];

export const grants: Readonly<Record<FunctionName, readonly PermissionName[]>> = {
  // Prediction
  'dispatch-scoring': ['find due resources', 'write resources', 'queue scoring', 'latch sides'],
  'score-risk': [
    'read services',
    'read resources',
    'write resources',
    'write assessments',
    'read metrics',
    'read records',
    'read health checks',
    'emit events',
  ],

  // Around the workflows
  'start-workflow': [...tellTheStory, 'start workflows'],
  'settle-execution': ['read failovers', 'write failovers', ...holdTheLock, ...latchAgain, 'start roll-backs', 'notify'],
  'sweep-orphans': [
    'list services',
    'read failovers',
    'write failovers',
    ...holdTheLock,
    ...latchAgain,
    'start roll-backs',
    'follow workflows',
    'read resources',
    'see instances',
    'terminate mirrors',
    'notify',
  ],

  // Mirroring
  'plan-mirroring': ['read services', 'read resources', 'see instances', 'see targets', 'notify'],
  'create-snapshots': ['read services', 'write services', 'read resources', 'write resources', 'see snapshots', 'take snapshots'],
  'copy-snapshots': ['read services', 'read resources', 'write resources', 'see snapshots', 'copy snapshots'],
  'retire-snapshots': ['read services', 'read resources', 'write resources', 'delete snapshots'],
  'prepare-standby': [
    'read services',
    'read resources',
    'write resources',
    'see instances',
    'see targets',
    'read records',
    'launch mirrors',
    'start mirrors',
    'deregister targets',
    'terminate mirrors',
  ],
  'check-standby': ['read services', 'read resources', 'write resources', 'see instances', 'see targets', 'register targets'],
  'record-level': ['read services', 'write services', 'notify'],

  // Failover
  'open-failover': [...tellTheStory, ...holdTheLock, 'write resources', 'read records', 'latch sides', 'notify'],
  'check-target': [...tellTheStory, ...holdTheLock, 'read metrics', 'see targets'],
  'probe-sides': ['read services', 'write failovers'],
  'judge-canary': [...tellTheStory, 'write services', 'read metrics'],
  'shift-traffic': [...tellTheStory, ...holdTheLock, 'read metrics', 'see targets', 'read records', 'change weights'],
  'verify-shift': [...tellTheStory, 'follow record changes'],
  'check-drain': [...tellTheStory, ...holdTheLock, 'read metrics', 'notify'],
  'hand-over': [...tellTheStory, ...holdTheLock, 'write resources', 'latch sides'],
  'roll-back': [...tellTheStory, ...holdTheLock, 'read metrics', 'see targets', 'read records', 'change weights'],
  'close-failover': ['read failovers', 'write failovers', ...holdTheLock, ...latchAgain, 'notify'],
  'halt-failover': ['read failovers', 'write failovers', ...holdTheLock, ...latchAgain, 'notify'],

  // Evacuation
  'confirm-evacuation': [...tellTheStory, ...holdTheLock, 'read metrics', 'read resources', 'notify'],
  'latch-side': [...tellTheStory, ...holdTheLock, 'write resources', 'latch sides'],
};
