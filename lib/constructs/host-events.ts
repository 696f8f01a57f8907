// Sends what AWS says about hosts and deployments in one Region to the event bus of the control Region.
import { Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { hostEventPattern } from '../../core/contracts/evidence.ts';
import { eventBusArn } from '../names.ts';

/** Goes into every Region that has a side, the control Region included: these events reach only the default bus of their own Region. */
export class HostEvents extends Construct {
  constructor(scope: Construct, controlRegion: string) {
    super(scope, 'host-events');
    const bus = eventBusArn(controlRegion);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('events.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }),
      description: `Forestall: forwards host events to ${controlRegion}`,
    });
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] }));
    new CfnRule(this, 'Rule', {
      name: `forestall-host-events-to-${controlRegion}`,
      description: `Forestall: host events to its event bus in ${controlRegion}`,
      eventPattern: hostEventPattern,
      targets: [{ id: 'control-region', arn: bus, roleArn: role.roleArn }],
    });
  }
}
