// Writes what Forestall's tables hold when a story begins, as if it had run for long.
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ElasticLoadBalancingV2Client, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ownershipTag, type TableName } from '../../core/contracts/deployment.ts';
import { mirrorSubject } from '../../core/contracts/names.ts';
import { controlRegionOf, type Plan } from '../../core/contracts/plan.ts';
import type { MirrorRecord, Weights } from '../../core/contracts/records.ts';
import { route53Region } from '../arms/account.ts';
import type { SimulatedCloud } from '../cloud/cloud.ts';
import { tableNameOf } from '../runtime/tables.ts';

/** Whoever writes here is the world, never Forestall. */
export class AccountItems {
  readonly #cloud: SimulatedCloud;
  readonly #plan: Plan;

  constructor(cloud: SimulatedCloud, plan: Plan) {
    this.#cloud = cloud;
    this.#plan = plan;
  }

  get #tables() {
    return this.#cloud.client(DynamoDBClient, controlRegionOf(this.#plan));
  }

  async put(table: TableName, item: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#tables.send(new PutItemCommand({ TableName: tableNameOf(table), Item: marshall(item, { removeUndefinedValues: true }) }));
  }

  /** Sets fields of an item that exists or not. */
  async set(table: TableName, key: Readonly<Record<string, string>>, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const names = Object.keys(fields);
    await this.#tables.send(
      new UpdateItemCommand({
        TableName: tableNameOf(table),
        Key: marshall(key),
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: marshall(Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])), {
          removeUndefinedValues: true,
        }),
      }),
    );
  }

  /** Instances of the standby that run, are registered and recorded. */
  async addMirrors(count: number, at: string): Promise<void> {
    const { standby } = this.#plan.sides;
    const ids = Array.from({ length: count }, () =>
      this.#cloud.physical.addInstance({
        ...{ region: standby.region, zone: standby.zone, launchTemplateId: standby.launchTemplate.id },
        tags: { [ownershipTag]: this.#plan.service },
      }),
    );
    if (count > 0)
      await this.#cloud
        .client(ElasticLoadBalancingV2Client, standby.region)
        .send(new RegisterTargetsCommand({ TargetGroupArn: standby.loadBalancer.targetGroupArn, Targets: ids.map((Id) => ({ Id })) }));
    for (const [slot, instanceId] of ids.entries())
      await this.put('resources', {
        ...{ serviceId: this.#plan.service, subjectId: mirrorSubject(slot), slot, generation: 1 },
        ...{ instanceId, status: 'ready', updatedAt: at },
      } satisfies MirrorRecord);
  }

  /** Sets the weights of all types as a person or another tool would. */
  async setWeights(weights: Weights): Promise<void> {
    const { record, sides } = this.#plan;
    const route53 = this.#cloud.client(Route53Client, route53Region);
    const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: record.hostedZoneId }));
    const sets = ResourceRecordSets.filter(({ SetIdentifier }) => SetIdentifier !== undefined);
    await route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: record.hostedZoneId,
        ChangeBatch: {
          Changes: sets.map((set) => ({
            Action: 'UPSERT',
            ResourceRecordSet: { ...set, Weight: set.SetIdentifier === sides.primary.setIdentifier ? weights.primary : weights.standby },
          })),
        },
      }),
    );
  }
}
