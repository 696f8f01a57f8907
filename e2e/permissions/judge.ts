// Holds calls against policies: is each allowed, and what is allowed that none of them needed?
import { actionMatches, evaluate, type IamRequest, matches, type Statement, UnknownPolicyError } from './evaluate.ts';
import type { Inventory } from './inventory.ts';
import type { ObservedCall } from './observed-call.ts';
import { nameOf, type Policies, type Principal } from './policies.ts';
import { requestsOf, runningOf } from './requests.ts';

/** An action on a resource as a policy names them: either may be a pattern. */
export interface Permission {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
}

export interface Denied {
  readonly principal: string;
  /** `ec2:CopySnapshot`, as it was called. */
  readonly call: string;
  readonly request: IamRequest;
}

export interface Judgement {
  /** Once each, however often it was called. */
  readonly denied: readonly Denied[];
  /** Number of calls by principal. */
  readonly calls: ReadonlyMap<string, number>;
  readonly used: readonly Permission[];
  readonly unused: readonly Permission[];
  /** All that IAM was asked, once each. */
  readonly requests: readonly IamRequest[];
}

/** Who called is no principal of the templates. */
export class UnknownPrincipalError extends Error {
  override readonly name = 'UnknownPrincipalError';
}

/**
 * `calls` in the order in which they were made: what one makes, a later one may delete.
 * Throws UnknownPrincipalError, UnknownCallError, UnknownPolicyError.
 */
export function judge(policies: Policies, calls: readonly ObservedCall[], inventory: Inventory): Judgement {
  const principals = new Map<string, Judged>();
  for (const principal of policies.principals) {
    const name = nameOf(principal);
    // A rule of this name is in each Region: what its role may do is judged together.
    const known = principals.get(name);
    if (known === undefined) principals.set(name, new Judged(name, [...principal.statements], policies));
    else known.statements.push(...principal.statements);
  }
  for (const call of calls) {
    const principal = principals.get(call.caller);
    if (principal === undefined) throw new UnknownPrincipalError(`${call.caller} called ${call.service}:${call.operation}, and has no role in the templates`);
    principal.called(call, inventory);
    inventory.learn(call);
  }
  for (const principal of policies.principals) if (principal.kind === 'function') principals.get(nameOf(principal))?.ran(principal);
  const all = [...principals.values()];
  return {
    denied: all.flatMap(({ denied }) => [...denied.values()]),
    calls: new Map(all.map(({ name, count }) => [name, count])),
    used: all.flatMap((one) => one.permissions().filter((permission) => one.used.has(keyOf(permission)))),
    unused: all.flatMap((one) => one.permissions().filter((permission) => !one.used.has(keyOf(permission)))),
    requests: [...new Map(all.flatMap(({ requests }) => [...requests])).values()],
  };
}

const keyOf = ({ action, resource }: Pick<Permission, 'action' | 'resource'>) => `${action} on ${resource}`;

class Judged {
  readonly name: string;
  readonly statements: Statement[];
  readonly denied = new Map<string, Denied>();
  readonly used = new Set<string>();
  /** By its text. Calls repeat: what has been judged once is not judged again. */
  readonly requests = new Map<string, IamRequest>();
  count = 0;
  readonly #policies: Policies;

  constructor(name: string, statements: Statement[], policies: Policies) {
    this.name = name;
    this.statements = statements;
    this.#policies = policies;
  }

  called(call: ObservedCall, inventory: Inventory): void {
    this.count++;
    for (const request of requestsOf(call, inventory)) this.#ask(request, `${call.service}:${call.operation}`);
  }

  ran(principal: Principal): void {
    if (this.count > 0) for (const request of runningOf(principal, this.#policies.account)) this.#ask(request, 'its own run');
  }

  /** Each action and resource that a statement allows. */
  permissions(): Permission[] {
    const allowed = this.statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) => {
        if (actions === undefined || resources === undefined) throw new UnknownPolicyError(`${this.name} is allowed by what is not meant: name what is`);
        return actions.flatMap((action) => resources.map((resource) => ({ principal: this.name, action, resource })));
      });
    return [...new Map(allowed.map((permission) => [keyOf(permission), permission])).values()];
  }

  #ask(asked: IamRequest, call: string): void {
    const key = JSON.stringify(asked);
    if (this.requests.has(key)) return;
    const own = this.#policies.keys.find(({ arn, aliases }) => arn === asked.resource || aliases.includes(asked.resource));
    const request = own === undefined ? asked : { ...asked, resource: own.arn };
    this.requests.set(key, request);
    // Within an account either of the two policies may allow, and neither may deny.
    const { allowed, by } = evaluate([...this.statements, ...(own?.statements ?? [])], request);
    if (!allowed) this.denied.set(`${call} ${request.action} ${request.resource}`, { principal: this.name, call, request });
    else for (const statement of by) this.#use(statement, request);
  }

  #use(statement: Statement, request: IamRequest): void {
    if (!this.statements.includes(statement)) return;
    for (const action of statement.actions ?? [])
      for (const resource of statement.resources ?? [])
        if (actionMatches({ ...statement, actions: [action] }, request.action) && matches({ ...statement, resources: [resource] }, request))
          this.used.add(keyOf({ action, resource }));
  }
}
