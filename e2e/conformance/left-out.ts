// Members of AWS's answers that the simulated cloud leaves out on purpose, with the reason. One that no longer shows fails the run.

export interface LeftOut {
  /** `service:Operation`, or `service:*`. */
  readonly operation: string;
  /** Paths; `*` at the end stands for any rest. */
  readonly paths: readonly string[];
  readonly why: string;
}

/** Of an instance: nothing of ours reads them. */
const instance = (list: string): readonly string[] =>
  [
    ...[
      'AmiLaunchIndex',
      'Architecture',
      'BlockDeviceMappings[].Ebs.AttachTime',
      'Hypervisor',
      'KeyName',
      'Monitoring',
      'RootDeviceType',
      'VirtualizationType',
    ],
    ...['PrivateDnsName', 'PrivateIpAddress', 'PublicDnsName', 'PublicIpAddress', 'SecurityGroups', 'SourceDestCheck', 'SubnetId', 'VpcId'],
  ].map((member) => `${list}[].${member}`);
const noNetworks = 'networks, images and hardware are not simulated: an instance is a place, a state and its volumes';

/** Of a deployment: how it goes on. */
const ofDeployments = ['ConfigurationName', 'DeploymentDurationInMinutes', 'FinalBakeTimeInMinutes', 'GrowthFactor', 'GrowthType', 'PercentageComplete'];
const whenDeployed = 'of a deployment counts which version it brings, and when it is over; configurations have no names and no contents here';

export const leftOut: readonly LeftOut[] = [
  { operation: 'ec2:RunInstances', paths: instance('Instances'), why: noNetworks },
  { operation: 'ec2:DescribeInstances', paths: instance('Reservations[].Instances'), why: noNetworks },
  {
    operation: 'ec2:CreateLaunchTemplate',
    paths: ['LaunchTemplate.CreatedBy', 'LaunchTemplate.Tags'],
    why: 'nobody is signed in, and templates have no tags here',
  },
  { operation: 'route53:GetHostedZone', paths: ['HostedZone.Config.Comment'], why: 'zones have no comment here; AWS returns what was given' },
  {
    operation: 'route53:CreateHostedZone',
    paths: ['DelegationSet.CallerReference', 'DelegationSet.Id'],
    why: 'AWS returns them for reusable delegation sets, which are not simulated',
  },
  {
    operation: 'route53:GetHealthCheck',
    paths: ['HealthCheck.HealthCheckConfig.EnableSNI'],
    why: 'AWS documents it for HTTPS checks; what it says of a calculated one means nothing',
  },
  {
    operation: 'cloudwatch:DescribeAlarms',
    paths: [
      ...['ActionsEnabled', 'AlarmActions', 'OKActions', 'InsufficientDataActions', 'AlarmConfigurationUpdatedTimestamp', 'AlarmDescription'],
      ...['Dimensions', 'StateReason', 'StateUpdatedTimestamp', 'TreatMissingData'],
    ].map((member) => `MetricAlarms[].${member}`),
    why: 'alarms have no actions here, their state follows from the metric at the moment of the question, and what was not given is not returned',
  },
  {
    operation: 'elasticloadbalancing:CreateTargetGroup',
    paths: [
      'TargetGroups[].HealthCheck*',
      'TargetGroups[].HealthyThresholdCount',
      'TargetGroups[].UnhealthyThresholdCount',
      'TargetGroups[].Matcher',
      'TargetGroups[].LoadBalancerArns',
    ],
    why: 'health follows from whether the guest answers, by fixed delays; load balancers are not simulated',
  },
  ...['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:ModifyRule'].map((operation) => ({
    operation,
    paths: ['Rules[].Conditions[]'],
    why: 'what a rule matches is not simulated: it stands for whatever the customer wants to be forwarded',
  })),
  ...[
    ['elasticloadbalancing:DescribeRules', 'Rules[].Actions'] as const,
    ['elasticloadbalancing:DescribeListeners', 'Listeners[].DefaultActions'] as const,
  ].map(([operation, list]) => ({
    operation,
    paths: [`${list}[].ForwardConfig.TargetGroupStickinessConfig`],
    why: 'an action shows what it was given; that stickiness is off by default goes without saying here',
  })),
  ...['elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:ModifyListener'].map((operation) => ({
    operation,
    paths: ['Listeners[].AlpnPolicy', 'Listeners[].LoadBalancerArn', 'Listeners[].SslPolicy'],
    why: 'load balancers are not simulated, and nothing is encrypted',
  })),
  ...['appconfig:StartDeployment', 'appconfig:GetDeployment'].map((operation) => ({
    operation,
    paths: [...ofDeployments, 'ConfigurationLocationUri', 'DeploymentStrategyId', 'Description', 'EventLog'],
    why: whenDeployed,
  })),
  { operation: 'appconfig:ListDeployments', paths: ofDeployments.map((member) => `Items[].${member}`), why: whenDeployed },
];
