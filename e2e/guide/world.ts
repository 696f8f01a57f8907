// The service that the guide's reader already runs: balancers, instances, a hosted zone, and a morning of metrics.
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { clientEnvironment } from '../emulator/ministack.ts';
import type { AwsCli } from '../templates/aws-cli.ts';

export const primaryRegion = 'us-east-1';
export const standbyRegion = 'us-west-2';
export const service = 'intranet';
const zoneName = 'example.net';
/** Stands in for the ids of the emulator's balancers. */
export const balancerId = '50dc6c495c0c9188';
/** An image of Amazon's that the emulator has in every Region. */
export const image = 'ami-0abcdef1234567890';
const tags = (...pairs: readonly string[]) => `ResourceType=instance,Tags=[${pairs.map((pair) => `{Key=${pair.replace('=', ',Value=')}}`).join(',')}]`;

/** Builds it. Throws AwsCliError. */
export async function buildService(aws: AwsCli, endpoint: string): Promise<void> {
  const text = async (region: string, ...args: string[]) => z.string().parse(await aws.call(region, ...args));
  for (const [region, side] of [
    [primaryRegion, 'primary'],
    [standbyRegion, 'standby'],
  ] as const) {
    const name = `${service}-${side}`;
    const vpc = await text(region, 'ec2', 'describe-vpcs', '--filters', 'Name=is-default,Values=true', '--query', 'Vpcs[0].VpcId');
    const subnets = await aws.texts(region, 'ec2', 'describe-subnets', '--filters', `Name=vpc-id,Values=${vpc}`, '--query', 'Subnets[].SubnetId');
    await aws.call(region, 'elbv2', 'create-load-balancer', '--name', name, '--subnets', ...subnets);
    await aws.call(region, 'elbv2', 'create-target-group', '--name', name, '--protocol', 'HTTP', '--port', '80', '--vpc-id', vpc, '--target-type', 'instance');
  }
  await aws.call(
    primaryRegion,
    'ec2',
    'run-instances',
    '--image-id',
    image,
    '--instance-type',
    't3.small',
    '--count',
    '2',
    '--tag-specifications',
    tags(`service=${service}`, 'side=primary'),
  );
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  await aws.call(primaryRegion, 'iam', 'create-role', '--role-name', service, '--assume-role-policy-document', trust);
  await aws.call(primaryRegion, 'iam', 'create-instance-profile', '--instance-profile-name', service);
  await aws.call(primaryRegion, 'iam', 'add-role-to-instance-profile', '--instance-profile-name', service, '--role-name', service);
  await aws.call(primaryRegion, 'route53', 'create-hosted-zone', '--name', zoneName, '--caller-reference', service);
  await putHistory(endpoint, `app/${service}-primary/${balancerId}`);
}

/** Three ordinary hours at the primary's balancer, and the one that begins: CloudWatch takes points of the near future. */
async function putHistory(endpoint: string, balancer: string): Promise<void> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = clientEnvironment(endpoint, primaryRegion);
  const client = new CloudWatchClient({
    endpoint,
    region: primaryRegion,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  const now = Math.floor(Date.now() / 60_000);
  for (let hour = -3; hour < 1; hour++)
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/ApplicationELB',
        MetricData: Array.from({ length: 60 }, (_, index) => now + 60 * hour + index).flatMap((minute) => {
          const at = { Timestamp: new Date(minute * 60_000), Dimensions: [{ Name: 'LoadBalancer', Value: balancer }] };
          return [
            { ...at, MetricName: 'RequestCount', Value: 3000 + 200 * Math.sin(minute / 20) },
            { ...at, MetricName: 'TargetResponseTime', Value: 0.1 + 0.01 * Math.sin(minute / 7) },
          ];
        }),
      }),
    );
  client.destroy();
}

/** What a failover would have left behind, so that removal has something to remove: a mirror and snapshots on both sides. */
export async function leaveTraces(aws: AwsCli): Promise<void> {
  await aws.call(standbyRegion, 'ec2', 'run-instances', '--image-id', image, '--count', '1', '--tag-specifications', tags(`forestall:service=${service}`));
  for (const region of [primaryRegion, standbyRegion]) {
    const volume = z.string().parse(await aws.call(region, 'ec2', 'create-volume', '--availability-zone', `${region}a`, '--size', '8', '--query', 'VolumeId'));
    const snapshot = `ResourceType=snapshot,Tags=[{Key=forestall:service,Value=${service}}]`;
    await aws.call(region, 'ec2', 'create-snapshot', '--volume-id', volume, '--tag-specifications', snapshot);
    await aws.call(region, 'ec2', 'delete-volume', '--volume-id', volume);
  }
}
