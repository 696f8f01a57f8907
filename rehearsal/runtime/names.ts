// Names and ARNs of what is deployed in the rehearsal's account.
import {
  environment,
  type FunctionName,
  functionPlaceholder,
  functions,
  type StateMachineName,
  stateMachineNamePrefix,
  stateMachinePlaceholder,
  stateMachines,
} from '../../core/contracts/deployment.ts';
import { tableNameOf } from './tables.ts';

const account = '123456789012';
export const busNames = { forestall: 'forestall', default: 'default' } as const;
export const functionNames = Object.keys(functions) as FunctionName[];

/** ARNs and URLs in the control Region. */
export interface Names {
  readonly region: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly evidenceQueueArn: string;
  readonly topicArn: string;
  readonly stateMachineArnPrefix: string;
  functionArn(name: FunctionName): string;
  /** Undefined for an ARN (or name) that is none of ours; a qualifier such as `:$LATEST` is allowed. */
  functionOf(arn: string): FunctionName | undefined;
  stateMachineArn(name: StateMachineName): string;
  stateMachineOf(arn: string): StateMachineName | undefined;
  /** Placeholder in ASL -> ARN. */
  readonly substitutions: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

export function namesIn(region: string): Names {
  const functionArn = (name: FunctionName) => `arn:aws:lambda:${region}:${account}:function:forestall-${name}`;
  const stateMachineArnPrefix = `arn:aws:states:${region}:${account}:stateMachine:${stateMachineNamePrefix}`;
  const stateMachineArn = (name: StateMachineName) => `${stateMachineArnPrefix}${name}`;
  const byFunctionArn = new Map(functionNames.flatMap((name) => [[functionArn(name), name] as const, [`forestall-${name}`, name] as const]));
  const byMachineArn = new Map(stateMachines.map((name) => [stateMachineArn(name), name] as const));
  const queueUrl = `https://sqs.${region}.amazonaws.com/${account}/forestall-scoring`;
  const topicArn = `arn:aws:sns:${region}:${account}:forestall-notifications`;
  return {
    region,
    queueUrl,
    queueArn: `arn:aws:sqs:${region}:${account}:forestall-scoring`,
    evidenceQueueArn: `arn:aws:sqs:${region}:${account}:forestall-evidence`,
    topicArn,
    stateMachineArnPrefix,
    functionArn,
    functionOf: (arn) => byFunctionArn.get(arn) ?? byFunctionArn.get(arn.replace(/:[^:]+$/, '')),
    stateMachineArn,
    stateMachineOf: (arn) => byMachineArn.get(arn),
    substitutions: Object.fromEntries([
      ...functionNames.map((name) => [functionPlaceholder(name), functionArn(name)]),
      ...stateMachines.map((name) => [stateMachinePlaceholder(name), stateMachineArn(name)]),
    ]),
    environment: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      [environment.servicesTable]: tableNameOf('services'),
      [environment.resourcesTable]: tableNameOf('resources'),
      [environment.assessmentsTable]: tableNameOf('assessments'),
      [environment.failoversTable]: tableNameOf('failovers'),
      [environment.scoringQueueUrl]: queueUrl,
      [environment.eventBusName]: busNames.forestall,
      [environment.notificationsTopicArn]: topicArn,
      [environment.stateMachineArnPrefix]: stateMachineArnPrefix,
    },
  };
}
