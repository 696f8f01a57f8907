// Derived names: built and parsed here and nowhere else.

import type { StateMachineName } from './deployment.ts';
import type { SideName } from './plan.ts';

/** Subjects of the `resources` table. */
export const entrySubject = (side: SideName): string => `entry#${side}`;
export const resourceSubject = (side: SideName, resourceId: string): string => `resource#${side}#${resourceId}`;
export const latchSubject = (side: SideName): string => `latch#${side}`;
/** A side whose latch was lifted, for as long as its evacuation check has to be told so. */
export const releasedSubject = (side: SideName): string => `released#${side}`;
export const mirrorSubject = (slot: number): string => `mirror#${String(slot).padStart(2, '0')}`;
export const snapshotSubject = (resourceId: string, decisionId: string): string => `snapshot#${resourceId}#${decisionId}`;
/** An instance of a side that was left. */
export const retiredSubject = (instanceId: string): string => `retired#${instanceId}`;
/** A place for an instance that replaces one of a side that was left. */
export const replacementSubject = (slot: number): string => `replacement#${String(slot).padStart(4, '0')}`;

/** What somebody outside says. Between `entry#` and `resource#`, so that one query reads all that scoring needs. `part`: the instance, when an event names several. */
export const evidencePrefix = 'evidence#';
export const evidenceSubject = (kind: string, event: string, part?: string): string =>
  `${evidencePrefix}${kind}#${event}${part === undefined ? '' : `#${part}`}`.slice(0, 500);

export type SubjectName =
  | { readonly type: 'entry' | 'latch' | 'released'; readonly side: SideName }
  | { readonly type: 'resource'; readonly side: SideName; readonly resourceId: string }
  | { readonly type: 'mirror' | 'snapshot' | 'retired' | 'replacement' | 'evidence' };

/** Throws on a name that was not built here. */
export function parseSubject(subjectId: string): SubjectName {
  const [type, side, resourceId] = subjectId.split('#');
  if (type === 'mirror' || type === 'snapshot' || type === 'retired' || type === 'replacement' || type === 'evidence') return { type };
  if (side === 'primary' || side === 'standby') {
    if (type === 'entry' || type === 'latch' || type === 'released') return { type, side };
    if (type === 'resource' && resourceId) return { type, side, resourceId };
  }
  throw new Error(`'${subjectId}' is not the name of a subject`);
}

/** Key of the `assessments` table. */
export const subjectKey = (serviceId: string, subjectId: string): string => `${serviceId}/${subjectId}`;
/** The service as a whole, as an assessment's subject. */
export const wholeService = 'service';

/** Partition of the `due` index. One is enough for some 1,000 writes a second; more shards only spread the same query. */
export const dueShard = 'due#0';

const compactTime = (time: string): string => time.replace(/\.\d+Z$/, 'Z').replace(/[-:]/g, '');

/** Names a decision: the same crossing gives the same name, however often it is reported. `attempt` counts repeats of one that stands. */
export function decisionName(serviceId: string, what: 'level' | 'due' | 'critical' | 'unhealthy' | 'fail-back' | 'drill', since: string, attempt = 0): string {
  return `${serviceId}.${what}.${compactTime(since)}${attempt === 0 ? '' : `.${attempt}`}`;
}

/** Execution names: at most 80 characters of [A-Za-z0-9-_.]; the service is at most 40 of them. */
export const executionName = (decisionId: string): string => decisionId.slice(0, 80);
export const settlementName = (failoverId: string, attempt: number): string => `settle.${attempt}.${failoverId}`.slice(0, 80);

/** The machine that follows a failover. */
export const retirementName = (failoverId: string): string => `retire.${failoverId}`.slice(0, 80);

/** Where probes of a side that was left are kept. `since`: ISO time of its latch. */
export const leftSideProbes = (serviceId: string, since: string): string => `${serviceId}.left.${compactTime(since)}`;

/** EC2 client tokens: at most 64 ASCII characters. */
export const launchToken = (serviceId: string, slot: number, generation: number): string => `${serviceId}-${slot}-${generation}`;

export const replacementToken = (serviceId: string, slot: number, generation: number): string => `${serviceId}-new-${slot}-${generation}`;

/** `arn:...:stateMachine:forestall-` + `fail-over` */
export const stateMachineArn = (prefix: string, name: StateMachineName): string => `${prefix}${name}`;
/** `arn:aws:states:R:A:execution:MACHINE:NAME` of a machine's ARN. */
export const executionArn = (machineArn: string, name: string): string => `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
