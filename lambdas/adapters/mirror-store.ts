// Table `resources`: the mirror. Each instance and snapshot is recorded here before it is asked for.
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { mirrorSubject, snapshotSubject } from '../../core/contracts/names.ts';
import { MirrorRecord, SnapshotRecord } from '../../core/contracts/records.ts';
import { conditionally, parseItem, queryAll, TableAdapter } from './document-client.ts';

export class MirrorStore extends TableAdapter {
  /** Places for mirror instances, by slot. */
  async instances(serviceId: string): Promise<MirrorRecord[]> {
    return (await this.#items(serviceId, 'mirror#')).map((item) => parseItem(MirrorRecord, item, `mirror of '${serviceId}'`)).sort((a, b) => a.slot - b.slot);
  }

  /** The next use of a place. False: another workflow has begun it already, with the same client token, so that both get one instance. */
  async intend(serviceId: string, slot: number, generation: number, now: string): Promise<boolean> {
    const item: MirrorRecord = { serviceId, subjectId: mirrorSubject(slot), slot, generation, status: 'intended', updatedAt: now };
    return this.#put(item, 'attribute_not_exists(serviceId) OR generation < :generation', { ':generation': generation });
  }

  /** Writes what is known of a place, unless it has been used anew since. */
  async save(record: MirrorRecord): Promise<boolean> {
    return this.#put(record, 'generation = :generation', { ':generation': record.generation });
  }

  /** Snapshot sets, oldest first. */
  async snapshots(serviceId: string): Promise<SnapshotRecord[]> {
    const items = await this.#items(serviceId, 'snapshot#');
    return items.map((item) => parseItem(SnapshotRecord, item, `snapshots of '${serviceId}'`)).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  /** False when this decision's snapshot of the resource was intended before. */
  async intendSnapshot(serviceId: string, resourceId: string, decisionId: string, now: string): Promise<boolean> {
    const item: SnapshotRecord = {
      serviceId,
      subjectId: snapshotSubject(resourceId, decisionId),
      resourceId,
      decisionId,
      snapshotIds: [],
      copyIds: [],
      status: 'intended',
      createdAt: now,
    };
    return this.#put(item, 'attribute_not_exists(serviceId)');
  }

  async saveSnapshot(record: SnapshotRecord): Promise<void> {
    await this.#put(record);
  }

  async #put(item: MirrorRecord | SnapshotRecord, condition?: string, values?: Record<string, unknown>): Promise<boolean> {
    return conditionally(
      this.client.send(
        new PutCommand({
          TableName: this.table,
          Item: item,
          ...(condition ? { ConditionExpression: condition } : {}),
          ...(values ? { ExpressionAttributeValues: values } : {}),
        }),
      ),
    );
  }

  async #items(serviceId: string, prefix: string) {
    return queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'serviceId = :id AND begins_with(subjectId, :prefix)',
      ExpressionAttributeValues: { ':id': serviceId, ':prefix': prefix },
      ConsistentRead: true,
    });
  }
}
