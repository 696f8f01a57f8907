// Mirroring, failover and evacuation: the state machines, their functions, what starts them, and the health checks of every plan.
import { Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { type FunctionName, functions, type StateMachineName, stateMachines } from '../../core/contracts/deployment.ts';
import { failedExecutionPattern, startWorkflowPattern } from '../../core/contracts/events.ts';
import type { ControlRegion } from '../config.ts';
import { FunctionRule } from '../constructs/event-rule.ts';
import { ForestallFunction } from '../constructs/function.ts';
import { ProtectedRecordChecks } from '../constructs/protected-record-checks.ts';
import { FunctionSchedule } from '../constructs/schedule.ts';
import { WorkflowMachine } from '../constructs/state-machine.ts';
import type { Omission } from '../emulator.ts';
import { eventBusArn, stateMachineArn } from '../names.ts';
import { readWorkflows } from '../workflows.ts';
import type { SourceFolders } from './source-folders.ts';

export interface FailoverStackProps extends StackProps {
  readonly control: ControlRegion;
  readonly sources: SourceFolders;
  readonly omitted: ReadonlySet<Omission>;
}

export class FailoverStack extends Stack {
  constructor(scope: Construct, id: string, { control, sources, omitted, ...props }: FailoverStackProps) {
    super(scope, id, props);
    const deploy = (name: FunctionName) => new ForestallFunction(this, { name, control, handlers: sources.handlers });

    const steps = new Map(taskFunctions.map((name) => [name, deploy(name)]));
    const machines = new Map<StateMachineName, WorkflowMachine>();
    for (const workflow of readWorkflows(sources.workflows)) machines.set(workflow.name, new WorkflowMachine(this, { workflow, functions: steps, machines }));

    new FunctionRule(this, 'start-workflow-rule', {
      ruleName: 'forestall-start-workflow',
      description: 'Forestall: its decisions start workflows',
      eventBus: EventBus.fromEventBusArn(this, 'event-bus', eventBusArn(control.region)),
      eventPattern: startWorkflowPattern,
      target: deploy('start-workflow'),
    });
    // Step Functions reports to the default bus.
    new FunctionRule(this, 'settle-execution-rule', {
      ruleName: 'forestall-settle-execution',
      description: 'Forestall: settles what a failed, aborted or timed-out execution left behind',
      eventPattern: {
        ...failedExecutionPattern,
        detail: { ...failedExecutionPattern.detail, stateMachineArn: stateMachines.map((name) => stateMachineArn(control.region, name)) },
      },
      target: deploy('settle-execution'),
    });
    new FunctionSchedule(this, 'sweep-orphans', deploy('sweep-orphans'));
    new FunctionSchedule(this, 'schedule-moves', deploy('schedule-moves'));

    for (const plan of control.plans) new ProtectedRecordChecks(this, plan, omitted);
  }
}

const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(functions, name);
/** The functions that are steps of state machines. */
const taskFunctions = Object.keys(functions)
  .filter(isFunctionName)
  .filter((name) => functions[name].trigger === 'task');
