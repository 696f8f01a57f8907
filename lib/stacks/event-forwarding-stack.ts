// All that runs in a Region that only has a side: it forwards events that exist nowhere else. Nothing depends on it in an emergency.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HostEvents } from '../constructs/host-events.ts';

export class EventForwardingStack extends Stack {
  constructor(scope: Construct, id: string, { controlRegion, ...props }: StackProps & { readonly controlRegion: string }) {
    super(scope, id, props);
    new HostEvents(this, controlRegion);
  }
}
