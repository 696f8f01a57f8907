// The part of the run on the emulator that is about permissions: did the deployed policies allow every call, and what did nobody use?
import type { Plan } from '../../core/contracts/plan.ts';
import type { Check } from '../check.ts';
import type { GatewayRecord } from '../gateway/record.ts';
import type { IamRequest } from './evaluate.ts';
import { fromGateway } from './from-gateway.ts';
import { Inventory } from './inventory.ts';
import { type Denied, judge, type Permission } from './judge.ts';
import { nameOf, type Policies, readPolicies } from './policies.ts';
import { describe, isListed } from './review.ts';

export interface PermissionsInput {
  /** Folder of the cloud assembly that was deployed. */
  readonly templates: string;
  /** All calls of the run, in the order in which they were answered. */
  readonly calls: readonly GatewayRecord[];
  /** What was protected: names the keys of volumes, and the roles in launch templates. */
  readonly plans: readonly Plan[];
  /** That was deployed to; default: the emulator's. */
  readonly account?: string;
}

export interface PermissionsResult {
  readonly checks: readonly Check[];
  /**
   * What the principals that called at all did not use, without what the reviewed list has. The rehearsals of `npm test` use all of it.
   * Machines and schedules are not among them: the emulator carries out within itself what they call.
   */
  readonly unused: readonly Permission[];
  /** For the cross-check with another evaluator. */
  readonly policies: Policies;
  readonly requests: readonly IamRequest[];
}

/** Calls whose effects on tags have to be known, whoever makes them. */
const making = new Set(['RunInstances', 'CreateSnapshots', 'CopySnapshot']);

/** Throws UnknownCallError, UnknownPolicyError and UnresolvedError for what cannot be judged: that is never a pass. */
export function checkPermissions({ templates, calls, plans, account = '000000000000' }: PermissionsInput): PermissionsResult {
  const policies = readPolicies(templates, account);
  const inventory = new Inventory(account, plans);
  const functions = new Set(policies.principals.filter(({ kind }) => kind === 'function').map(nameOf));
  // What others made is there before a function touches it: learning it first changes no judgement.
  for (const record of calls)
    if (record.service === 'ec2' && making.has(record.operation) && !functions.has(record.caller)) inventory.learn(fromGateway(record));
  const own = calls.filter(({ caller }) => functions.has(caller));
  const { denied, used, unused, requests, calls: counts } = judge(policies, own.map(fromGateway), inventory);
  const allowed = [...functions]
    .filter((name) => (counts.get(name) ?? 0) > 0)
    .map((name) => {
      const refused = denied.filter(({ principal }) => principal === name);
      return { name: `${name} was allowed each of its ${counts.get(name)} calls`, ok: refused.length === 0, detail: refused.map(explain).join('\n') };
    });
  const stale = used.filter((permission) => isListed(permission));
  return {
    checks: [
      { name: 'functions made calls', ok: own.length > 0, detail: 'the gateway has no call of a function on record' },
      ...allowed,
      { name: 'nothing was used that is listed as unused', ok: stale.length === 0, detail: stale.map(describe).join('\n') },
    ],
    unused: unused.filter((permission) => (counts.get(permission.principal) ?? 0) > 0 && !isListed(permission)),
    policies,
    requests,
  };
}

/** Why a call would have been refused on AWS, in one line. */
export const explain = ({ call, request: { action, resource, context } }: Denied): string =>
  `${call}: ${action} on ${resource} with ${JSON.stringify(context)}`;
