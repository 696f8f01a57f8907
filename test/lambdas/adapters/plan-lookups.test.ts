// What plan:apply asks of Route 53 and EC2, and how it reads their answers.
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetHostedZoneCommand, ListResourceRecordSetsCommand, NoSuchHostedZone, Route53Client } from '@aws-sdk/client-route-53';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readHostedZone } from '../../../lambdas/adapters/hosted-zone.ts';
import { findInstances } from '../../../lambdas/adapters/instance-lookup.ts';

const route53 = mockClient(Route53Client);
const ec2 = mockClient(EC2Client);
beforeEach(() => {
  route53.reset();
  ec2.reset();
});

describe('readHostedZone', () => {
  it('reads every page of the name and no other name', async () => {
    route53
      .on(GetHostedZoneCommand, { Id: 'Z1' })
      .resolves({ HostedZone: { Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: 'x', Config: { PrivateZone: false } } });
    route53
      .on(ListResourceRecordSetsCommand, { HostedZoneId: 'Z1', StartRecordName: 'shop.example.com' })
      .resolves({
        ResourceRecordSets: [{ Name: 'shop.example.com.', Type: 'A', SetIdentifier: 'primary', Weight: 100, HealthCheckId: 'h1', TTL: 60 }],
        IsTruncated: true,
        NextRecordName: 'shop.example.com.',
        NextRecordType: 'A',
        NextRecordIdentifier: 'standby',
        MaxItems: 1,
      })
      .on(ListResourceRecordSetsCommand, { HostedZoneId: 'Z1', StartRecordName: 'shop.example.com.', StartRecordType: 'A', StartRecordIdentifier: 'standby' })
      .resolves({
        ResourceRecordSets: [
          { Name: 'shop.example.com.', Type: 'A', SetIdentifier: 'standby', Weight: 0 },
          { Name: 'zoo.example.com.', Type: 'A', TTL: 60 },
        ],
        IsTruncated: true,
        NextRecordName: 'zoo.example.com.',
        MaxItems: 2,
      });
    expect(await readHostedZone('Z1', 'shop.example.com')).toEqual({
      name: 'example.com',
      private: false,
      records: [
        { type: 'A', setIdentifier: 'primary', weight: 100, healthCheckId: 'h1', ttlSeconds: 60 },
        { type: 'A', setIdentifier: 'standby', weight: 0, healthCheckId: undefined, ttlSeconds: undefined },
      ],
    });
    expect(route53.commandCalls(ListResourceRecordSetsCommand)).toHaveLength(2);
  });

  it('knows a wildcard as Route 53 writes it', async () => {
    route53.on(GetHostedZoneCommand).resolves({ HostedZone: { Id: 'Z1', Name: 'example.com.', CallerReference: 'x' } });
    route53
      .on(ListResourceRecordSetsCommand)
      .resolves({ ResourceRecordSets: [{ Name: '\\052.example.com.', Type: 'A', SetIdentifier: 'primary', Weight: 1 }], IsTruncated: false, MaxItems: 100 });
    expect((await readHostedZone('Z1', '*.example.com'))?.records).toHaveLength(1);
  });

  it('tells an unknown zone from an error', async () => {
    route53.on(GetHostedZoneCommand).rejects(new NoSuchHostedZone({ message: 'none', $metadata: {} }));
    expect(await readHostedZone('Z1', 'shop.example.com')).toBeUndefined();
    route53.on(GetHostedZoneCommand).rejects(new Error('throttled'));
    await expect(readHostedZone('Z1', 'shop.example.com')).rejects.toThrow('throttled');
  });
});

describe('findInstances', () => {
  it('reads every page, sorted, with the Auto Scaling group', async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-2', Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'asg' }] }] }], NextToken: 'more' })
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: 'i-1', Tags: [] }] }] });
    expect(await findInstances('eu-west-1', { tags: { service: 'shop', 'a*b': 'c?d' } })).toEqual([
      { id: 'i-1', autoScalingGroup: undefined },
      { id: 'i-2', autoScalingGroup: 'asg' },
    ]);
    const [first, second] = ec2.commandCalls(DescribeInstancesCommand);
    expect(first?.args[0].input.Filters).toEqual([
      { Name: 'tag:service', Values: ['shop'] },
      { Name: 'tag:a*b', Values: ['c\\?d'] },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopped'] },
    ]);
    expect(second?.args[0].input.NextToken).toBe('more');
  });

  it('asks for ids by filter, so that an unknown id is an answer and not an error', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
    expect(await findInstances('eu-west-1', { ids: ['i-1'] })).toEqual([]);
    expect(ec2.commandCalls(DescribeInstancesCommand)[0]?.args[0].input.Filters?.[0]).toEqual({ Name: 'instance-id', Values: ['i-1'] });
  });
});
