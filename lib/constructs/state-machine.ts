// One state machine: its ASL file with the ARNs filled in, a role for exactly what it calls, everything logged and traced.
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type FunctionName, functionPlaceholder, type StateMachineName, stateMachinePlaceholder } from '../../core/contracts/deployment.ts';
import { executionArns, stateMachineLogGroup, stateMachineName } from '../names.ts';
import type { Workflow } from '../workflows.ts';
import { acknowledgeWildcards, wildcardReasons } from './acknowledge.ts';
import type { ForestallFunction } from './function.ts';

export interface WorkflowMachineProps {
  readonly workflow: Workflow;
  readonly functions: ReadonlyMap<FunctionName, ForestallFunction>;
  /** The machines made so far: those that are nested in this one must be among them. */
  readonly machines: ReadonlyMap<StateMachineName, WorkflowMachine>;
}

export class WorkflowMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, { workflow, functions, machines }: WorkflowMachineProps) {
    super(scope, `${workflow.name}-machine`);
    const stack = Stack.of(this);
    const called = workflow.functions.map((name) => ({ name, arn: found(functions, name).function.functionArn }));
    const nested = workflow.nested.map((name) => ({ name, arn: found(machines, name).stateMachine.stateMachineArn }));

    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com'), description: `Forestall: ${workflow.name}` });
    if (called.length > 0) role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: called.map(({ arn }) => arn) }));
    const runningChildren = {
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: workflow.nested.map((name) => executionArns(stack.region, name)),
      wildcard: 'Executions are named after decisions, which are not known before; the machine is named.',
    };
    if (nested.length > 0) {
      role.addToPolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: nested.map(({ arn }) => arn) }));
      role.addToPolicy(new PolicyStatement({ actions: runningChildren.actions, resources: runningChildren.resources }));
      // The rule by which Step Functions itself learns that a nested execution has ended.
      role.addToPolicy(
        new PolicyStatement({
          actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
          resources: [stack.formatArn({ service: 'events', resource: 'rule', resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule' })],
        }),
      );
    }

    this.stateMachine = new StateMachine(this, 'Machine', {
      stateMachineName: stateMachineName(workflow.name),
      stateMachineType: StateMachineType.STANDARD,
      comment: workflow.comment,
      definitionBody: DefinitionBody.fromFile(workflow.file),
      definitionSubstitutions: {
        ...Object.fromEntries(called.map(({ name, arn }) => [functionPlaceholder(name), arn])),
        ...Object.fromEntries(nested.map(({ name, arn }) => [stateMachinePlaceholder(name), arn])),
      },
      role,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          logGroupName: stateMachineLogGroup(workflow.name),
          retention: RetentionDays.THREE_MONTHS,
          // The record of every failover is in DynamoDB, which is kept.
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: true,
      },
    });
    acknowledgeWildcards(this, [
      runningChildren,
      { actions: ['xray:*', 'logs:*'], resources: ['*'], wildcard: `${wildcardReasons.tracing} ${wildcardReasons.logDelivery}` },
    ]);
  }
}

function found<Name extends string, Value>(values: ReadonlyMap<Name, Value>, name: Name): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error(`${name} is named in an ASL file but not deployed before it`);
  return value;
}
