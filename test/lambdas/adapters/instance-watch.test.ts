// What EC2 says of instances: in as few calls as it allows, and with ids among them that do not exist any more.
import { DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { InstanceWatch } from '../../../lambdas/adapters/instance-watch.ts';

const ec2 = mockClient(EC2Client);
const watch = new InstanceWatch();
beforeEach(() => {
  ec2.reset();
});
const idOf = (index: number) => `i-${String(index).padStart(17, '0')}`;
const asked = () => ec2.commandCalls(DescribeInstanceStatusCommand).map(({ args }) => args[0].input.InstanceIds?.length);

describe('running', () => {
  it('asks for a hundred at a time', async () => {
    ec2.on(DescribeInstanceStatusCommand).resolves({ InstanceStatuses: [] });
    await watch.running(
      'eu-west-1',
      Array.from({ length: 250 }, (_, index) => idOf(index)),
    );
    expect(asked()).toEqual([100, 100, 50]);
    await watch.running('eu-west-1', []);
    expect(asked()).toHaveLength(3);
  });

  it('reads checks of all kinds, and announced events', async () => {
    const notBefore = new Date('2026-03-05T12:00:00Z');
    ec2.on(DescribeInstanceStatusCommand).resolves({
      InstanceStatuses: [
        { InstanceId: idOf(1), InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'ok' } },
        { InstanceId: idOf(2), InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'impaired' } },
        { InstanceId: idOf(3), InstanceStatus: { Status: 'initializing' }, SystemStatus: { Status: 'initializing' } },
        { InstanceId: idOf(4), InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'ok' }, AttachedEbsStatus: { Status: 'impaired' } },
        {
          InstanceId: idOf(5),
          InstanceStatus: { Status: 'ok' },
          SystemStatus: { Status: 'ok' },
          Events: [{ InstanceEventId: 'e-1', Code: 'instance-retirement', Description: 'degraded', NotBefore: notBefore }, { Code: 'system-reboot' }],
        },
        {},
      ],
    });
    const found = await watch.running('eu-west-1', [1, 2, 3, 4, 5].map(idOf));
    expect(found.map(({ impaired }) => impaired)).toEqual([false, true, undefined, true, false]);
    expect(found[4]?.announcements).toEqual([
      { id: 'e-1', code: 'instance-retirement', description: 'degraded', notBefore: notBefore.getTime(), notAfter: undefined },
    ]);
  });

  it('asks again without those that EC2 says do not exist', async () => {
    ec2
      .on(DescribeInstanceStatusCommand)
      .rejectsOnce(Object.assign(new Error(`The instance IDs '${idOf(1)}, ${idOf(2)}' do not exist`), { name: 'InvalidInstanceID.NotFound' }))
      .resolves({ InstanceStatuses: [{ InstanceId: idOf(3), InstanceStatus: { Status: 'ok' } }] });
    expect((await watch.running('eu-west-1', [1, 2, 3].map(idOf))).map(({ id }) => id)).toEqual([idOf(3)]);
    expect(asked()).toEqual([3, 1]);
  });

  it('fails when EC2 does not say which, or fails otherwise', async () => {
    ec2.on(DescribeInstanceStatusCommand).rejects(Object.assign(new Error('some do not exist'), { name: 'InvalidInstanceID.NotFound' }));
    await expect(watch.running('eu-west-1', [idOf(1)])).rejects.toThrow('some do not exist');
    ec2.on(DescribeInstanceStatusCommand).rejects(new Error('throttled'));
    await expect(watch.running('eu-west-1', [idOf(1)])).rejects.toThrow('throttled');
  });
});
