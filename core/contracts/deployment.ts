// What is deployed: functions, state machines, schedules, tables and the environment by which they find each other.
// The CDK stacks create exactly this; the rehearsal wires exactly this.

/**
 * A step that asks several Regions, one of which may take every call and answer none (24 s each with the SDK's repeats), has 120 s.
 * Trigger: a state machine's task, a schedule, the scoring queue, or an EventBridge rule. What a rule calls may be on a schedule as well.
 */
export const functions = {
  'dispatch-scoring': { trigger: 'schedule', timeoutSeconds: 50, memoryMb: 256 },
  'score-risk': { trigger: 'queue', timeoutSeconds: 50, memoryMb: 512 },
  'record-evidence': { trigger: 'rule', timeoutSeconds: 60, memoryMb: 256 },
  'start-workflow': { trigger: 'rule', timeoutSeconds: 30, memoryMb: 256 },
  'settle-execution': { trigger: 'rule', timeoutSeconds: 60, memoryMb: 256 },
  'sweep-orphans': { trigger: 'schedule', timeoutSeconds: 60, memoryMb: 256 },
  'schedule-moves': { trigger: 'schedule', timeoutSeconds: 60, memoryMb: 256 },
  'plan-mirroring': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
  'create-snapshots': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'copy-snapshots': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'retire-snapshots': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'prepare-standby': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'check-standby': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'record-level': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
  'open-failover': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
  'check-approval': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'check-target': { trigger: 'task', timeoutSeconds: 120, memoryMb: 256 },
  'probe-sides': { trigger: 'task', timeoutSeconds: 120, memoryMb: 512 },
  'judge-canary': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'shift-traffic': { trigger: 'task', timeoutSeconds: 120, memoryMb: 256 },
  'verify-shift': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
  'check-drain': { trigger: 'task', timeoutSeconds: 120, memoryMb: 256 },
  'hand-over': { trigger: 'task', timeoutSeconds: 120, memoryMb: 256 },
  'roll-back': { trigger: 'task', timeoutSeconds: 120, memoryMb: 256 },
  'confirm-evacuation': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'latch-side': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
  'close-failover': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
  'retire-side': { trigger: 'task', timeoutSeconds: 60, memoryMb: 256 },
  'halt-failover': { trigger: 'task', timeoutSeconds: 30, memoryMb: 256 },
} as const satisfies Record<string, { trigger: 'task' | 'schedule' | 'queue' | 'rule'; timeoutSeconds: number; memoryMb: number }>;
export type FunctionName = keyof typeof functions;

/** The machines that `start-workflow` starts, and those nested in them. File: statemachines/<name>.asl.json. */
export const stateMachines = [
  'adjust-mirroring',
  'fail-over',
  'evacuate',
  'take-snapshot',
  'warm-standby',
  'mirror-canary',
  'shift-traffic',
  'roll-back',
  'retire-side',
] as const;
export type StateMachineName = (typeof stateMachines)[number];

/** EventBridge Scheduler. */
export const schedules = {
  'dispatch-scoring': { rateMinutes: 1 },
  'record-evidence': { rateMinutes: 5 },
  'sweep-orphans': { rateMinutes: 5 },
  'schedule-moves': { rateMinutes: 5 },
} as const;

/** DynamoDB tables; all keys are strings. */
export const tables = {
  services: { partitionKey: 'serviceId' },
  resources: { partitionKey: 'serviceId', sortKey: 'subjectId', ttl: 'expiresAt', index: { name: 'due', partitionKey: 'shard', sortKey: 'nextDueAt' } },
  assessments: { partitionKey: 'subjectKey', sortKey: 'timestamp', ttl: 'expiresAt' },
  failovers: { partitionKey: 'failoverId', sortKey: 'entry', ttl: 'expiresAt' },
} as const;
export type TableName = keyof typeof tables;
/** Name of a table as it is deployed, unless the environment says otherwise. */
export const defaultTableName = (table: TableName): string => `forestall-${table}`;

const pascal = (name: string) => name.replace(/(^|-)([a-z])/g, (_match, _hyphen, letter: string) => letter.toUpperCase());

/** Placeholder in an ASL file, e.g. `${ShiftTrafficFunctionArn}`. */
export const functionPlaceholder = (name: FunctionName) => `${pascal(name)}FunctionArn`;
/** Placeholder of a nested machine, e.g. `${RollBackStateMachineArn}`. */
export const stateMachinePlaceholder = (name: StateMachineName) => `${pascal(name)}StateMachineArn`;

/** Environment of every function: names of variables. Values: table names, URL, ARNs. */
export const environment = {
  servicesTable: 'FORESTALL_SERVICES_TABLE',
  resourcesTable: 'FORESTALL_RESOURCES_TABLE',
  assessmentsTable: 'FORESTALL_ASSESSMENTS_TABLE',
  failoversTable: 'FORESTALL_FAILOVERS_TABLE',
  scoringQueueUrl: 'FORESTALL_SCORING_QUEUE_URL',
  eventBusName: 'FORESTALL_EVENT_BUS_NAME',
  notificationsTopicArn: 'FORESTALL_NOTIFICATIONS_TOPIC_ARN',
  /** Prefix of the ARNs of the state machines that start-workflow starts: `arn:...:stateMachine:forestall-`; the name follows. */
  stateMachineArnPrefix: 'FORESTALL_STATE_MACHINE_ARN_PREFIX',
} as const;
/** Names of state machines on AWS begin with this. */
export const stateMachineNamePrefix = 'forestall-';

/** Everything that Forestall creates in a customer's account carries this tag: key and, as value, the service. */
export const ownershipTag = 'forestall:service';

/**
 * How Route 53 calls an endpoint, and after how many failures in a row a checker changes its mind. The last of the checkers comes one interval after
 * a death, is sure at its second failed check and has waited 4 s for a connection: 64 s at most. Three failures, which is Route 53's default, take up to
 * 94 s; calls each 10 s cost a monthly price for each check, and are sure sooner of an outage that passes by itself.
 */
export const endpointCheck = { intervalSeconds: 30, failureThreshold: 2 } as const;

/** The evacuation check reads this metric: 1 while a side is latched away from traffic. Control Region, 60-second period, Maximum, alarm at >= 1. */
export const evacuationMetric = { namespace: 'Forestall', metricName: 'SideEvacuated', dimensions: ['Service', 'Side'] } as const;

/** CloudWatch alarm behind the evacuation check of one side. */
export const evacuationAlarmName = (serviceId: string, side: string) => `forestall-${serviceId}-${side}-evacuated`;
