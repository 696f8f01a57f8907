// Whether IAM allows a request: a small evaluator of its own for the parts of the policy language that our templates use.
//
// Why its own: of the libraries that evaluate policies, @cloud-copilot/iam-simulate is AGPL-3.0, and the others (MiniStack's and moto's) are
// Python, which `npm test` must not need. What follows is IAM's documented logic (IAM User Guide, "Policy evaluation logic" and "IAM JSON policy
// elements: Condition operators"), without what we do not use: boundaries, session and organisation policies, policy variables, dates, numbers, addresses.
// Whatever it does not know it refuses, so that it can never call allowed what it did not understand.

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** One of the two is undefined. */
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  /** operator -> key -> values */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What IAM is asked once for an action on a resource. One API call may be several. */
export interface IamRequest {
  /** `ec2:RunInstances` */
  readonly action: string;
  /** ARN, or `*` for actions without resources. */
  readonly resource: string;
  /** Condition keys of the request, in lower case. A list is a key with several values. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** The policy says something that this evaluator does not know. */
export class UnknownPolicyError extends Error {
  override readonly name = 'UnknownPolicyError';
}

export interface Decision {
  readonly allowed: boolean;
  /** The statement that denied, or all that allowed. Empty: none did. */
  readonly by: readonly Statement[];
}

/** An explicit deny wins; without an allow nothing is allowed. Throws UnknownPolicyError. */
export function evaluate(statements: readonly Statement[], request: IamRequest): Decision {
  const matching = statements.filter((statement) => matches(statement, request));
  const denial = matching.find(({ effect }) => effect === 'Deny');
  return denial === undefined ? { allowed: matching.length > 0, by: matching } : { allowed: false, by: [denial] };
}

export function matches(statement: Statement, request: IamRequest): boolean {
  // All operators are looked up before one is tried: an unknown one must not hide behind one that is not met.
  const conditions = Object.entries(statement.conditions).map(([operator, keys]) => operatorNamed(operator, Object.entries(keys)));
  return actionMatches(statement, request.action) && resourceMatches(statement, request.resource) && conditions.every((holds) => holds(request.context));
}

export function actionMatches({ actions, notActions }: Statement, action: string): boolean {
  const named = (patterns: readonly string[]) => patterns.some((pattern) => wildcardMatches(pattern.toLowerCase(), action.toLowerCase()));
  return actions === undefined ? !named(notActions ?? []) : named(actions);
}

function resourceMatches({ resources, notResources }: Statement, resource: string): boolean {
  const named = (patterns: readonly string[]) => patterns.some((pattern) => arnMatches(pattern, resource));
  return resources === undefined ? !named(notResources ?? []) : named(resources);
}

/** `*` stands for any characters, `?` for one. */
export function wildcardMatches(pattern: string, text: string): boolean {
  // Greedy with one point to come back to: linear in practice, unlike a regular expression of many stars.
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === '*') [star, resume] = [at++, from];
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) [at, from] = [at + 1, from + 1];
    else if (star >= 0) [at, from] = [star + 1, ++resume];
    else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** The parts between the first five colons are compared one by one; in what is left a `*` may stand for colons as well. */
export function arnMatches(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const [patterns, parts] = [partsOf(pattern), partsOf(arn)];
  if (patterns.length < 6) throw new UnknownPolicyError(`the resource ${pattern} is no ARN`);
  return patterns.length === parts.length && patterns.every((part, index) => wildcardMatches(part, parts[index] ?? ''));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

type Compare = (value: string, wanted: string) => boolean;
const equals: Compare = (value, wanted) => value === wanted;
const equalsIgnoringCase: Compare = (value, wanted) => value.toLowerCase() === wanted.toLowerCase();
const like: Compare = (value, wanted) => wildcardMatches(wanted, value);
const arn: Compare = (value, wanted) => arnMatches(wanted, value);

/** `negated`: true when none of the policy's values matches, also when the key is missing. */
const comparisons: Readonly<Record<string, { readonly compare: Compare; readonly negated: boolean }>> = {
  StringEquals: { compare: equals, negated: false },
  StringNotEquals: { compare: equals, negated: true },
  StringEqualsIgnoreCase: { compare: equalsIgnoringCase, negated: false },
  StringNotEqualsIgnoreCase: { compare: equalsIgnoringCase, negated: true },
  StringLike: { compare: like, negated: false },
  StringNotLike: { compare: like, negated: true },
  ArnEquals: { compare: arn, negated: false },
  ArnLike: { compare: arn, negated: false },
  ArnNotEquals: { compare: arn, negated: true },
  ArnNotLike: { compare: arn, negated: true },
  Bool: { compare: equalsIgnoringCase, negated: false },
};

type Condition = (context: IamRequest['context']) => boolean;

function operatorNamed(operator: string, keys: readonly (readonly [string, readonly string[]])[]): Condition {
  for (const [key, values] of keys)
    for (const value of values)
      if (value.includes('${')) throw new UnknownPolicyError(`${operator} of ${key} has a policy variable, ${value}: the evaluator knows none`);
  if (operator === 'Null') return (context) => keys.every(([key, values]) => values.some((value) => (value === 'true') === !(key.toLowerCase() in context)));
  const [, quantifier, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const comparison = comparisons[name];
  if (comparison === undefined) throw new UnknownPolicyError(`the evaluator does not know the condition operator ${operator}`);
  const holds = (value: string, wanted: readonly string[]) => wanted.some((one) => comparison.compare(value, one)) !== comparison.negated;
  return (context) =>
    keys.every(([key, wanted]) => {
      const found = context[key.toLowerCase()];
      if (found === undefined) return ifExists !== undefined || quantifier === 'ForAllValues' || (quantifier === undefined && comparison.negated);
      if (quantifier === 'ForAllValues') return [found].flat().every((value) => holds(value, wanted));
      if (quantifier === 'ForAnyValue') return [found].flat().some((value) => holds(value, wanted));
      if (typeof found !== 'string') throw new UnknownPolicyError(`${key} has several values: ${operator} needs ForAllValues or ForAnyValue`);
      return holds(found, wanted);
    });
}
