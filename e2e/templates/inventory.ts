// What there is of Forestall in one Region, read from the services themselves, not from CloudFormation.
import type { AwsCli } from './aws-cli.ts';

/** Commands whose answer is a list of names. Queues are not among them: this version of AWS's command line calls SQS past the configured endpoint. */
const listings: Readonly<Record<string, readonly string[]>> = {
  stack: ['cloudformation', 'list-stacks', '--query', "StackSummaries[?StackStatus!='DELETE_COMPLETE' && starts_with(StackName,'forestall-')].StackName"],
  table: ['dynamodb', 'list-tables', '--query', "TableNames[?starts_with(@,'forestall-')]"],
  function: ['lambda', 'list-functions', '--query', "Functions[?starts_with(FunctionName,'forestall-')].FunctionName"],
  'state machine': ['stepfunctions', 'list-state-machines', '--query', "stateMachines[?starts_with(name,'forestall-')].name"],
  'event bus': ['events', 'list-event-buses', '--query', "EventBuses[?Name=='forestall'].Name"],
  rule: ['events', 'list-rules', '--query', "Rules[?starts_with(Name,'forestall-')].Name"],
  'schedule group': ['scheduler', 'list-schedule-groups', '--query', "ScheduleGroups[?starts_with(Name,'forestall-')].Name"],
  alarm: ['cloudwatch', 'describe-alarms', '--query', "MetricAlarms[?starts_with(AlarmName,'forestall-')].AlarmName"],
  dashboard: ['cloudwatch', 'list-dashboards', '--query', "DashboardEntries[?starts_with(DashboardName,'forestall-')].DashboardName"],
  topic: ['sns', 'list-topics', '--query', "Topics[?contains(TopicArn,':forestall-')].TopicArn"],
  'log group': ['logs', 'describe-log-groups', '--query', "logGroups[?contains(logGroupName,'forestall')].logGroupName"],
  'log policy': ['logs', 'describe-resource-policies', '--query', "resourcePolicies[?starts_with(policyName,'forestall-')].policyName"],
  'key alias': ['kms', 'list-aliases', '--query', "Aliases[?AliasName=='alias/forestall'].AliasName"],
};

/** `kind name` of everything, sorted, and the ids of keys that are not waiting to be deleted. `region` also names its roles, which are global. Throws AwsCliError. */
export async function inventory(aws: AwsCli, region: string): Promise<string[]> {
  const found: string[] = [];
  // One after the other: the machine has other work.
  for (const [kind, args] of Object.entries(listings)) found.push(...(await aws.texts(region, ...args)).map((name) => `${kind} ${name}`));
  const roles = `Roles[?starts_with(RoleName,'forestall-${region}-') || starts_with(RoleName,'forestall-') && contains(RoleName,'${region}')].RoleName`;
  found.push(...(await aws.texts(region, 'iam', 'list-roles', '--query', roles)).map((name) => `role ${name}`));
  for (const id of await keys(aws, region)) found.push(`key ${id}`);
  return found.sort();
}

/** Keys of ours that can still be used, found by their description: the alias goes before the key. */
async function keys(aws: AwsCli, region: string): Promise<string[]> {
  const ours: string[] = [];
  for (const id of await aws.texts(region, 'kms', 'list-keys', '--query', 'Keys[].KeyId')) {
    const [description, state] = await aws.texts(region, 'kms', 'describe-key', '--key-id', id, '--query', 'KeyMetadata.[Description,KeyState]');
    if (description === 'Forestall: tables and notifications' && state !== 'PendingDeletion') ours.push(id);
  }
  return ours;
}
