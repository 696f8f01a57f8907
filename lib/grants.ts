// Which function may do what: read it as sentences. A function that is not in a line cannot do it.
import type { FunctionName } from '../core/contracts/deployment.ts';
import type { PermissionName } from './permissions.ts';

/** The record of the service and of its failover, which every step of a failover reads and tells its story to. */
const tellTheStory = ['read services', 'read failovers', 'write failovers'] as const satisfies readonly PermissionName[];
const holdTheLock = ['write services'] as const satisfies readonly PermissionName[];

export const grants: Readonly<Record<FunctionName, readonly PermissionName[]>> = {
  // Prediction
  'dispatch-scoring': ['read services', 'find due resources', 'write resources', 'queue scoring', 'latch sides'],
  'score-risk': [
    'read services',
    'write services',
    'read resources',
    'write resources',
    'read assessments',
    'write assessments',
    'read metrics',
    'read records',
    'read health checks',
    'see instances',
    'emit events',
  ],

  // Around the workflows
  'start-workflow': [...tellTheStory, ...holdTheLock, 'start workflows', 'follow workflows', 'emit events', 'notify'],
  'settle-execution': [...tellTheStory, ...holdTheLock, 'read resources', 'write resources', 'follow workflows', 'emit events', 'notify'],
  'sweep-orphans': [
    ...tellTheStory,
    ...holdTheLock,
    'find due resources',
    'write resources',
    'see instances',
    'terminate mirrors',
    'see snapshots',
    'delete snapshots',
    'register targets',
    'follow workflows',
    'emit events',
    'notify',
  ],

  // Mirroring
  'plan-mirroring': ['read services', 'read resources', 'read assessments', 'see instances'],
  'create-snapshots': ['read services', 'read resources', 'write resources', 'see instances', 'see snapshots', 'take snapshots'],
  'copy-snapshots': ['read services', 'read resources', 'write resources', 'see snapshots', 'copy snapshots'],
  'retire-snapshots': ['read services', 'read resources', 'write resources', 'see snapshots', 'delete snapshots'],
  'prepare-standby': [
    'read services',
    'read resources',
    'write resources',
    'see instances',
    'launch mirrors',
    'start mirrors',
    'stop mirrors',
    'terminate mirrors',
    'register targets',
  ],
  'check-standby': ['read services', 'read resources', 'write resources', 'see instances', 'see targets', 'register targets'],
  'record-level': ['read services', 'write services', 'emit events'],

  // Failover
  'open-failover': [...tellTheStory, ...holdTheLock, 'read resources', 'read records', 'notify'],
  'check-target': [...tellTheStory, 'read resources', 'read metrics', 'see instances', 'see targets', 'read records', 'read health checks'],
  'probe-sides': [...tellTheStory, ...holdTheLock, 'read assessments', 'write assessments'],
  'judge-canary': [...tellTheStory, ...holdTheLock, 'read assessments', 'read metrics'],
  'shift-traffic': [...tellTheStory, ...holdTheLock, 'read resources', 'read metrics', 'see targets', 'read records', 'change weights'],
  'verify-shift': [...tellTheStory, 'read records', 'follow record changes'],
  'check-drain': [...tellTheStory, 'read metrics'],
  'hand-over': [...tellTheStory, ...holdTheLock, 'read resources', 'write resources', 'latch sides'],
  'roll-back': [...tellTheStory, ...holdTheLock, 'read resources', 'read metrics', 'see targets', 'read records', 'change weights'],
  'close-failover': [...tellTheStory, ...holdTheLock, 'emit events', 'notify'],
  'halt-failover': [...tellTheStory, ...holdTheLock, 'emit events', 'notify'],

  // Evacuation: nothing here needs the primary Region or the control plane of Route 53.
  'confirm-evacuation': [...tellTheStory, ...holdTheLock, 'read metrics', 'see targets', 'read resources'],
  'latch-side': [...tellTheStory, ...holdTheLock, 'write resources', 'latch sides'],
};
