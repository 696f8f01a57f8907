// All stacks of a configuration, in the order in which they are deployed.
import { type App, Tags } from 'aws-cdk-lib';
import type { Config, ControlRegion } from './config.ts';
import { forwardingStackName, type StackKind, stackName } from './names.ts';
import { EventForwardingStack } from './stacks/event-forwarding-stack.ts';
import { FailoverStack } from './stacks/failover-stack.ts';
import { OperationsStack } from './stacks/operations-stack.ts';
import { PredictionStack } from './stacks/prediction-stack.ts';
import { projectSources, type SourceFolders } from './stacks/source-folders.ts';
import { StateStack } from './stacks/state-stack.ts';

/** Stacks refer to each other by derived names only: nothing is exported, and each can be replaced by itself. */
export function addStacks(app: App, config: Config, sources: SourceFolders = projectSources): void {
  for (const control of config.controlRegions) addControlRegion(app, config, control, sources);
  Tags.of(app).add('application', 'forestall');
}

function addControlRegion(app: App, { account, alarmEmail, omitted }: Config, control: ControlRegion, sources: SourceFolders): void {
  const { region } = control;
  const placed = (inRegion: string, description: string) => ({
    env: { region: inRegion, ...(account === undefined ? {} : { account }) },
    description: `Forestall: ${description}`,
    // The state must not be lost to a mistaken delete; the others can be made again.
    terminationProtection: description === descriptions.state,
  });
  const id = (kind: StackKind) => stackName(region, kind);

  const state = new StateStack(app, id('state'), placed(region, descriptions.state));
  const prediction = new PredictionStack(app, id('prediction'), { ...placed(region, 'scoring'), control, sources });
  const failover = new FailoverStack(app, id('failover'), { ...placed(region, 'mirroring, failover and evacuation'), control, sources, omitted });
  const operations = new OperationsStack(app, id('operations'), { ...placed(region, 'alarms and dashboard'), control, alarmEmail, omitted });
  operations.addStackDependency(state);
  // Schedules and rules start what needs tables, topic and workflows: those come first.
  failover.addStackDependency(operations);
  prediction.addStackDependency(failover);

  for (const observed of control.observedRegions)
    new EventForwardingStack(app, forwardingStackName(region, observed), {
      ...placed(observed, `host events of ${observed} to ${region}`),
      controlRegion: region,
    }).addStackDependency(state);
}

const descriptions = { state: 'tables, key and event bus' } as const;
