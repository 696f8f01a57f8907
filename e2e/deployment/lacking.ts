// Whether the emulator really cannot hold what the templates leave out for it (lib/emulator.ts): a reason that no longer holds fails the run.
import { type Omission, omissionsOnEmulator } from '../../lib/emulator.ts';
import type { Check } from '../check.ts';
import type { AwsCli } from '../templates/aws-cli.ts';

const resources: Readonly<Record<Omission, unknown>> = {
  healthChecks: { Type: 'AWS::Route53::HealthCheck', Properties: { HealthCheckConfig: { Type: 'HTTP', FullyQualifiedDomainName: 'example.com', Port: 80 } } },
  metricMathAlarms: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Threshold: 1,
      Metrics: [
        { Id: 'both', Expression: 'm1 + m2', ReturnData: true },
        ...['m1', 'm2'].map((Id) => ({ Id, ReturnData: false, MetricStat: { Metric: { Namespace: 'Try', MetricName: Id }, Period: 60, Stat: 'Sum' } })),
      ],
    },
  },
};

/** Deploys a stack of one such resource each, which has to fail, and removes what there is of it. Throws AwsCliError. */
export async function checkOmissions(aws: AwsCli, region: string): Promise<Check[]> {
  const checks: Check[] = [];
  for (const omission of omissionsOnEmulator) {
    const status = await statusAfter(aws, region, `try-${omission}`, JSON.stringify({ Resources: { Tried: resources[omission] } }));
    checks.push({
      name: `the emulator still cannot hold ${omission}`,
      ok: /FAILED|ROLLBACK|^refused/.test(status),
      detail: `${status}: deploy them there too, and take the reason off lib/emulator.ts`,
    });
  }
  return checks;
}

async function statusAfter(aws: AwsCli, region: string, name: string, body: string): Promise<string> {
  const create = aws.call(region, 'cloudformation', 'create-stack', '--stack-name', name, '--template-body', body);
  const refusal = await create.then(
    () => undefined,
    (error: Error) => `refused: ${error.message}`,
  );
  // At once, for a type that it has never heard of.
  if (refusal?.includes('Unrecognized resource types') === true) return refusal;
  await create;
  let status = '';
  for (let tries = 0; tries < 20 && (status === '' || status.endsWith('IN_PROGRESS')); tries++)
    [status = 'gone'] = await aws.texts(region, 'cloudformation', 'describe-stacks', '--stack-name', name, '--query', 'Stacks[].StackStatus');
  await aws.call(region, 'cloudformation', 'delete-stack', '--stack-name', name);
  return status;
}
