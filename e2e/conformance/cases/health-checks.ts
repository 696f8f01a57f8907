// Route 53: health checks of the three kinds that the product uses.
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateHealthCheckCommand, GetHealthCheckCommand, type HealthCheckConfig, Route53Client } from '@aws-sdk/client-route-53';
import { type Case, home, moto, route53Region, type Stage, suite } from '../case.ts';

interface Kit {
  readonly endpoint: string;
  readonly calculated: string;
}

const absent = '00000000-0000-0000-0000-000000000000';
const client = (stage: Stage) => stage.client(Route53Client, route53Region);
const endpoint: HealthCheckConfig = {
  Type: 'HTTPS',
  FullyQualifiedDomainName: 'primary.example.com',
  Port: 443,
  ResourcePath: '/health',
  RequestInterval: 30,
  FailureThreshold: 3,
};

async function setUp(stage: Stage): Promise<Kit> {
  await stage.client(CloudWatchClient, home).send(
    new PutMetricAlarmCommand({
      AlarmName: 'evacuated',
      Namespace: 'Forestall',
      MetricName: 'SideEvacuated',
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    }),
  );
  const make = async (CallerReference: string, HealthCheckConfig: HealthCheckConfig) =>
    (await client(stage).send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }))).HealthCheck?.Id ?? '';
  const made = await make('known', endpoint);
  return { endpoint: made, calculated: await make('known-calculated', { Type: 'CALCULATED', ChildHealthChecks: [made], HealthThreshold: 1 }) };
}

const config = 'HealthCheck.HealthCheckConfig';
const create = (name: string, HealthCheckConfig: (kit: Kit) => HealthCheckConfig, rest: Partial<Case<Kit>> & { reference?: string } = {}): Case<Kit> => {
  const { reference = name, ...others } = rest;
  return {
    operation: 'route53:CreateHealthCheck',
    name,
    call: (stage, kit) => client(stage).send(new CreateHealthCheckCommand({ CallerReference: reference, HealthCheckConfig: HealthCheckConfig(kit) })),
    ...others,
  };
};
const get = (name: string, id: (kit: Kit) => string, rest: Partial<Case<Kit>> = {}): Case<Kit> => ({
  operation: 'route53:GetHealthCheck',
  name,
  same: [`${config}.Type`, `${config}.ResourcePath`, `${config}.Port`, `${config}.ChildHealthChecks[]`, `${config}.HealthThreshold`],
  call: (stage, kit) => client(stage).send(new GetHealthCheckCommand({ HealthCheckId: id(kit) })),
  ...rest,
});

export const healthChecks = suite<Kit>(setUp, [
  create('of an endpoint', () => endpoint, { on: moto, same: ['HealthCheck.HealthCheckVersion', `${config}.RequestInterval`, `${config}.FailureThreshold`] }),
  create('of an endpoint, no more than needed', () => ({ Type: 'HTTP', FullyQualifiedDomainName: 'primary.example.com' }), {
    on: moto,
    same: ['Port', 'RequestInterval', 'FailureThreshold', 'MeasureLatency', 'EnableSNI', 'Inverted', 'Disabled'].map((member) => `${config}.${member}`),
  }),
  create('calculated', ({ endpoint: child }) => ({ Type: 'CALCULATED', ChildHealthChecks: [child], HealthThreshold: 1 })),
  create('of an alarm', () => ({
    Type: 'CLOUDWATCH_METRIC',
    AlarmIdentifier: { Region: home, Name: 'evacuated' },
    InsufficientDataHealthStatus: 'LastKnownStatus',
  })),
  create('the same again', () => endpoint, { reference: 'known', same: ['HealthCheck.CallerReference'] }),
  create('caller reference in use for another', () => ({ ...endpoint, Port: 444 }), { reference: 'known' }),
  create('neither name nor address', () => ({ Type: 'HTTP' })),
  create('interval of 20 seconds', () => ({ ...endpoint, RequestInterval: 20 })),
  create('threshold of 11', () => ({ ...endpoint, FailureThreshold: 11 })),
  create('calculated, absent child', () => ({ Type: 'CALCULATED', ChildHealthChecks: [absent], HealthThreshold: 1 })),
  create('of an absent alarm', () => ({
    Type: 'CLOUDWATCH_METRIC',
    AlarmIdentifier: { Region: home, Name: 'absent' },
    InsufficientDataHealthStatus: 'LastKnownStatus',
  })),
  get('of an endpoint', (kit) => kit.endpoint, { on: moto }),
  get('calculated', (kit) => kit.calculated, { on: moto }),
  get('absent', () => absent),
]);
