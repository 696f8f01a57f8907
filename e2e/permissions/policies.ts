// Reads the policies out of synthesised templates: what each principal may do, and what the keys themselves allow.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Statement } from './evaluate.ts';
import { type Place, resolverOf, Template, UnresolvedError } from './intrinsics.ts';

/** Whose role it is. Of a rule: the rule by which EventBridge acts. */
export type PrincipalKind = 'function' | 'state machine' | 'schedule' | 'rule';

export interface Principal {
  readonly kind: PrincipalKind;
  /** Physical name, e.g. `forestall-shift-traffic`. */
  readonly name: string;
  readonly region: string;
  /** Log group of a function. */
  readonly logGroup?: string;
  readonly statements: readonly Statement[];
}

/** A key with its policy. Who is named by it is not looked at: our keys name the account as a whole, by condition. */
export interface KeyPolicy {
  readonly arn: string;
  /** ARNs of its aliases. */
  readonly aliases: readonly string[];
  readonly statements: readonly Statement[];
}

export interface Policies {
  readonly account: string;
  readonly principals: readonly Principal[];
  readonly keys: readonly KeyPolicy[];
}

/** How reports and the list of unused actions name a principal: `schedule forestall-sweep-orphans`; of a function, its name alone. */
export const nameOf = ({ kind, name }: Pick<Principal, 'kind' | 'name'>): string => (kind === 'function' ? name : `${kind} ${name}`);

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const values = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const StatementDocument = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: list.optional(),
  NotAction: list.optional(),
  Resource: list.optional(),
  NotResource: list.optional(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.union([values.transform((one) => [one]), z.array(values)]))).default({}),
});
const PolicyDocument = z.object({ Statement: z.array(StatementDocument) });

const toStatement = ({ Effect, Action, NotAction, Resource, NotResource, Condition }: z.infer<typeof StatementDocument>): Statement => ({
  effect: Effect,
  ...(Action === undefined ? {} : { actions: Action }),
  ...(NotAction === undefined ? {} : { notActions: NotAction }),
  ...(Resource === undefined ? {} : { resources: Resource }),
  ...(NotResource === undefined ? {} : { notResources: NotResource }),
  conditions: Condition,
});

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), environment: z.string().optional(), properties: z.object({ templateFile: z.string().optional() }).optional() }),
  ),
});

/** Reads every stack of a cloud assembly (the folder that `cdk synth -o` wrote). `account`: the one that is deployed to, 12 digits. */
export function readPolicies(assembly: string, account: string): Policies {
  const { artifacts } = Manifest.parse(JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')));
  const stacks = Object.values(artifacts).flatMap(({ type, environment, properties }) => {
    const region = environment?.split('/').at(-1);
    if (type !== 'aws:cloudformation:stack' || properties?.templateFile === undefined || region === undefined) return [];
    return [{ region, template: JSON.parse(readFileSync(join(assembly, properties.templateFile), 'utf8')) as unknown }];
  });
  return policiesOf(stacks, account);
}

/** The same from templates at hand. */
export function policiesOf(stacks: readonly { readonly region: string; readonly template: unknown }[], account: string): Policies {
  const read = stacks.map(({ region, template }) => ({ place: { account, region }, template: Template.parse(template) }));
  return {
    account,
    principals: read.flatMap(({ place, template }) => principalsOf(template, place)),
    keys: read.flatMap(({ place, template }) => keysOf(template, place)),
  };
}

function principalsOf(template: Template, place: Place): Principal[] {
  const resolve = resolverOf(template, place);
  const resources = Object.entries(template.Resources);
  const inline = z.array(z.object({ PolicyDocument })).default([]);
  const attached = resources
    .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
    .map(([, { Properties }]) => z.object({ Roles: z.array(z.string()), PolicyDocument }).parse(resolve(Properties)));
  const users = resources.flatMap(([, resource]) => usersOf(resource, resolve));
  return resources
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .map(([id, { Properties }]) => {
      if (Properties['ManagedPolicyArns'] !== undefined)
        throw new UnresolvedError(`the role ${id} has managed policies, whose contents are not in the template`);
      const user = users.find(({ role }) => role.endsWith(`:role/${id}`));
      if (user === undefined) throw new UnresolvedError(`nothing in the template uses the role ${id}: delete it, or teach policies.ts who does`);
      const documents = [...inline.parse(resolve(Properties['Policies'])), ...attached.filter(({ Roles }) => Roles.includes(id))];
      const statements = documents.flatMap((document) => document.PolicyDocument.Statement.map(toStatement));
      const { role: _role, ...principal } = user;
      return { ...principal, region: place.region, statements };
    });
}

type User = Pick<Principal, 'kind' | 'name'> & { readonly role: string; readonly logGroup?: string };

function usersOf({ Type, Properties }: Template['Resources'][string], resolve: (value: unknown) => unknown): User[] {
  const property = (name: string) => resolve(Properties[name]);
  const text = (name: string) => z.string().parse(property(name));
  switch (Type) {
    case 'AWS::Lambda::Function':
      return [{ kind: 'function', name: text('FunctionName'), role: text('Role'), logGroup: `/aws/lambda/${text('FunctionName')}` }];
    case 'AWS::StepFunctions::StateMachine':
      return [{ kind: 'state machine', name: text('StateMachineName'), role: text('RoleArn') }];
    case 'AWS::Scheduler::Schedule':
      // Of a target only the role: its input may refer to anything.
      return [
        { kind: 'schedule', name: text('Name'), role: z.string().parse(resolve(z.object({ RoleArn: z.unknown() }).parse(Properties['Target']).RoleArn)) },
      ];
    case 'AWS::Events::Rule':
      return z
        .array(z.object({ RoleArn: z.unknown().optional() }))
        .default([])
        .parse(Properties['Targets'])
        .flatMap(({ RoleArn }) => (RoleArn === undefined ? [] : [{ kind: 'rule' as const, name: text('Name'), role: z.string().parse(resolve(RoleArn)) }]));
    default:
      return [];
  }
}

function keysOf(template: Template, place: Place): KeyPolicy[] {
  const resolve = resolverOf(template, place);
  const resources = Object.entries(template.Resources);
  return resources
    .filter(([, { Type }]) => Type === 'AWS::KMS::Key')
    .map(([id, { Properties }]) => {
      const { Statement } = PolicyDocument.parse(resolve(Properties['KeyPolicy']));
      const arn = `arn:aws:kms:${place.region}:${place.account}:key/${id}`;
      const aliases = resources
        .filter(([, { Type, Properties: alias }]) => Type === 'AWS::KMS::Alias' && resolve(alias['TargetKeyId']) === arn)
        .map(([, { Properties: alias }]) => `arn:aws:kms:${place.region}:${place.account}:${z.string().parse(alias['AliasName'])}`);
      // Only what is open to everybody in the account: the account's root hands over to IAM policies, and services are no principals of ours.
      const open = Statement.filter(({ Principal }) => z.union([z.literal('*'), z.object({ AWS: z.literal('*') })]).safeParse(Principal).success);
      return { arn, aliases, statements: open.map(toStatement) };
    });
}
