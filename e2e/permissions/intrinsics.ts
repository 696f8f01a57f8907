// CloudFormation's intrinsic functions, as far as the policies in our templates use them.
import { z } from 'zod';

/** The template says something that is not resolved here. */
export class UnresolvedError extends Error {
  override readonly name = 'UnresolvedError';
}

export const Resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
export const Template = z.object({ Resources: z.record(z.string(), Resource).default({}) });
export type Template = z.infer<typeof Template>;

/** Where a template is deployed. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

type Resolve = (value: unknown) => unknown;

/**
 * Resolves references, joins and substitutions within a template, names of its resources included.
 * Throws UnresolvedError on any other intrinsic function and on references that no policy needs so far.
 */
export function resolverOf(template: Template, { account, region }: Place): Resolve {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::Partition': 'aws',
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  const text: (value: unknown, where: string) => string = (value, where) => {
    const resolved = resolve(value);
    if (typeof resolved !== 'string') throw new UnresolvedError(`${where} is ${JSON.stringify(resolved)}, not a text`);
    return resolved;
  };
  /** ARN of a resource by its type. `name`: a property, resolved. */
  const arnOf = (id: string): string => {
    const resource = template.Resources[id];
    if (resource === undefined) throw new UnresolvedError(`there is no resource ${id} in the template`);
    const name = (property: string) => text(resource.Properties[property], `${id}.${property}`);
    switch (resource.Type) {
      case 'AWS::Lambda::Function':
        return arn('lambda', `function:${name('FunctionName')}`);
      case 'AWS::StepFunctions::StateMachine':
        return arn('states', `stateMachine:${name('StateMachineName')}`);
      case 'AWS::SQS::Queue':
        return arn('sqs', name('QueueName'));
      case 'AWS::Logs::LogGroup':
        return arn('logs', `log-group:${name('LogGroupName')}:*`);
      case 'AWS::KMS::Key':
        return arn('kms', `key/${id}`);
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${account}:role/${id}`;
      default:
        throw new UnresolvedError(`the ARN of ${id} (${resource.Type}) is not known here: add it to intrinsics.ts`);
    }
  };
  const refer = (id: string): string => {
    const known = pseudo[id];
    if (known !== undefined) return known;
    const type = template.Resources[id]?.Type;
    // What `Ref` gives differs by type: these are ARNs.
    if (type === 'AWS::StepFunctions::StateMachine') return arnOf(id);
    if (type === 'AWS::IAM::Role') return id;
    throw new UnresolvedError(`Ref of ${id} (${type ?? 'unknown'}) is not known here: add it to intrinsics.ts`);
  };
  const attribute = (id: string, name: string): string => {
    if (name !== 'Arn') throw new UnresolvedError(`the attribute ${name} of ${id} is not known here: add it to intrinsics.ts`);
    return arnOf(id);
  };
  const substitute = (argument: unknown): string => {
    const withValues = z.tuple([z.string(), z.record(z.string(), z.unknown())]);
    const [pattern, values] = typeof argument === 'string' ? withValues.parse([argument, {}]) : withValues.parse(argument);
    return pattern.replaceAll(/\$\{(!?)([^}]*)\}/g, (_all, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      const [id = '', attributeName] = name.split('.');
      if (name in values) return text(values[name], `\${${name}}`);
      return attributeName === undefined ? refer(id) : attribute(id, attributeName);
    });
  };
  const intrinsic = (name: string, argument: unknown): unknown => {
    if (name === 'Ref') return refer(z.string().parse(argument));
    if (name === 'Fn::GetAtt') {
      const [id = '', attributeName = ''] = typeof argument === 'string' ? argument.split('.') : z.array(z.string()).parse(argument);
      return attribute(id, attributeName);
    }
    if (name === 'Fn::Sub') return substitute(argument);
    if (name === 'Fn::Join') {
      const [delimiter, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
      return parts.map((part) => text(part, 'a part of Fn::Join')).join(delimiter);
    }
    throw new UnresolvedError(`the intrinsic function ${name} is not known here: add it to intrinsics.ts`);
  };
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0] === 'Condition' || only[0].startsWith('Fn::')))
      // A statement has a key `Condition` beside others, never alone.
      return intrinsic(only[0], only[1]);
    return Object.fromEntries(entries.map(([key, member]) => [key, resolve(member)]));
  };
  return resolve;
}
