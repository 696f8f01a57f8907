// Acknowledges findings of cdk-nag, each with its reason; a wildcard without a reason is refused.
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Allowed } from '../permissions/allowed.ts';

/** Reasons for wildcards that the CDK itself writes. */
export const wildcardReasons = {
  tracing: 'X-Ray has no resource-level permissions for sending traces.',
  logDelivery: 'Log deliveries have no resource-level permissions; Step Functions documents this policy for logging.',
} as const;

/** Acknowledges the wildcards of statements on the construct that carries the policy. Throws when one has no reason. */
export function acknowledgeWildcards(scope: IConstruct, statements: readonly Pick<Allowed, 'resources' | 'wildcard' | 'actions'>[]): void {
  const reasons = new Map<string, Set<string>>();
  for (const { resources, wildcard, actions } of statements)
    for (const resource of resources.map((token) => flatten(Stack.of(scope).resolve(token))).filter((flat) => flat.includes('*'))) {
      if (wildcard === undefined) throw new Error(`${actions.join(', ')} on ${resource}: write down why a wildcard is needed`);
      reasons.set(resource, (reasons.get(resource) ?? new Set()).add(wildcard));
    }
  for (const [resource, why] of reasons) Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: [...why].join(' ') });
}

/** The way in which cdk-nag writes a resource with CloudFormation references in a finding. */
function flatten(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved.replaceAll('${', '<').replaceAll('}', '>');
  if (typeof resolved === 'object' && resolved !== null) {
    if ('Fn::Join' in resolved && Array.isArray(resolved['Fn::Join'])) {
      const [delimiter, parts]: unknown[] = resolved['Fn::Join'];
      return Array.isArray(parts) ? parts.map(flatten).join(String(delimiter)) : '';
    }
    if ('Ref' in resolved) return `<${String(resolved.Ref)}>`;
    if ('Fn::GetAtt' in resolved && Array.isArray(resolved['Fn::GetAtt'])) return `<${resolved['Fn::GetAtt'].join('.')}>`;
  }
  return JSON.stringify(resolved);
}
