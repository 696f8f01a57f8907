// What is announced to Forestall in a rehearsal: events of EC2 and AWS Health as they would be forwarded, and what then becomes of it.
import type { Companion, ForestallArm } from '../../rehearsal/arms/forestall.ts';
import { badStandby } from '../../rehearsal/scenarios/bad-standby.ts';
import type { Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { hour, minute } from '../../rehearsal/world/faults.ts';

/** Nothing is wrong for so many hours. `load`: requests a second, mean over a day. */
export const quiet = (hours: number, load?: number): Scenario => ({
  ...badStandby,
  name: 'quiet',
  primaryFails: false,
  tell: ({ onset, environment }) => ({
    end: onset + hours * hour,
    onset: null,
    description: 'Nothing is wrong.',
    faults: [],
    ...(load === undefined ? {} : { environment: { ...environment, meanLoad: load } }),
  }),
});

/** Does something once, when its time has come. `after`: ms after the run's start. */
export const atTimes = (...acts: readonly (readonly [after: number, act: (arm: ForestallArm, at: number) => void])[]): Companion => {
  const done = new Set<number>();
  return {
    tick(arm, at) {
      for (const [index, [after, act]] of acts.entries()) {
        if (done.has(index) || at < arm.run.start + after) continue;
        done.add(index);
        act(arm, at);
      }
    },
  };
};

const account = '123456789012';

/** EC2 announces that the first of the primary's instances is retired. It is, at that time. `in`: ms from then on. */
export const retirement = (announcedAfter: number, lead: number, takesPlace = true): Companion => {
  let id = '';
  return atTimes(
    [
      announcedAfter,
      ({ runtime, account: { primaryInstances } }, at) => {
        id = primaryInstances[0] ?? '';
        runtime.cloud.physical.announce(id, {
          ...{ id: 'instance-event-0d59937288b749b32', code: 'instance-retirement' },
          ...{ description: 'The instance is running on degraded hardware', notBefore: at + lead, notAfter: at + lead + hour },
        });
      },
    ],
    [
      announcedAfter + lead,
      (arm) => {
        if (!takesPlace) return;
        arm.runtime.cloud.physical.crash(id);
        stateChange(arm, id, 'stopped');
      },
    ],
    // With its instance gone, or called off, EC2 shows the event no more.
    [
      announcedAfter + lead + 10 * minute,
      ({ runtime }) =>
        runtime.cloud.physical.announce(id, {
          ...{ id: 'instance-event-0d59937288b749b32', code: 'instance-retirement', notBefore: 0 },
          description: takesPlace ? '[Completed] The instance is running on degraded hardware' : '[Canceled] The instance is running on degraded hardware',
        }),
    ],
  );
};

export function stateChange({ runtime, run }: ForestallArm, id: string, state: string): void {
  const { region } = run.plan.sides.primary;
  runtime.deliverEvent({
    source: 'aws.ec2',
    detailType: 'EC2 Instance State-change Notification',
    region,
    resources: [`arn:aws:ec2:${region}:${account}:instance/${id}`],
    detail: { 'instance-id': id, state },
  });
}

/** A notice of AWS Health about EC2 in the primary's Region. */
export function healthNotice({ runtime, run }: ForestallArm, at: number, changes: Readonly<Record<string, unknown>>): void {
  const { region } = run.plan.sides.primary;
  runtime.deliverEvent({
    source: 'aws.health',
    detailType: 'AWS Health Event',
    region,
    detail: {
      eventArn: `arn:aws:health:${region}::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_VKTXI_1`,
      service: 'EC2',
      eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE',
      eventTypeCategory: 'issue',
      eventScopeCode: 'PUBLIC',
      communicationId: '4826e1b01e4eed2b0f117c54306d907c713586799d76c487c132c4a15cc0fd5a',
      statusCode: 'open',
      startTime: new Date(run.start).toUTCString(),
      lastUpdatedTime: new Date(at).toUTCString(),
      eventRegion: region,
      eventDescription: [{ language: 'en_US', latestDescription: 'We are investigating increased API error rates.' }],
      page: '1',
      totalPages: '1',
      affectedAccount: account,
      ...changes,
    },
  });
}
