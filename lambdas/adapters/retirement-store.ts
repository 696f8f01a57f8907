// Table `resources`: what becomes of a side that was left. Each instance is recorded here before it is touched, or asked for.
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { replacementSubject, retiredSubject } from '../../core/contracts/names.ts';
import { ReplacementRecord, RetiredRecord } from '../../core/contracts/records.ts';
import { conditionally, parseItem, queryAll, TableAdapter } from './document-client.ts';

export class RetirementStore extends TableAdapter {
  /** Instances that a failover's retirement is about, by id. */
  async retired(serviceId: string, failoverId: string): Promise<RetiredRecord[]> {
    const items = await this.#items(serviceId, 'retired#');
    return items.map((item) => parseItem(RetiredRecord, item, `retired instance of '${serviceId}'`)).filter((record) => record.failoverId === failoverId);
  }

  /** Ids of all instances that any retirement of the service was or is about. */
  async takenAway(serviceId: string): Promise<Set<string>> {
    const items = await this.#items(serviceId, 'retired#');
    return new Set(items.map((item) => parseItem(RetiredRecord, item, `retired instance of '${serviceId}'`).instanceId));
  }

  /** Claims an instance for a failover's retirement. What an earlier one has left undone passes over to it. */
  async intendRetired(serviceId: string, failoverId: string, instanceId: string, now: string): Promise<void> {
    const item: RetiredRecord = { serviceId, subjectId: retiredSubject(instanceId), failoverId, instanceId, status: 'intended', updatedAt: now };
    await this.#put(item, 'attribute_not_exists(serviceId) OR failoverId <> :failover', { ':failover': failoverId });
  }

  /** False: another failover's retirement has taken the instance over. */
  async saveRetired(record: RetiredRecord): Promise<boolean> {
    return this.#put(record, 'failoverId = :failover', { ':failover': record.failoverId });
  }

  /** Places for new instances, by slot, whatever failover they were made after. */
  async replacements(serviceId: string): Promise<ReplacementRecord[]> {
    const items = await this.#items(serviceId, 'replacement#');
    return items.map((item) => parseItem(ReplacementRecord, item, `replacement of '${serviceId}'`)).sort((a, b) => a.slot - b.slot);
  }

  /** The next use of a place. False: it has begun already, with the same client token, so that both get one instance. */
  async intendReplacement(serviceId: string, failoverId: string, slot: number, generation: number, now: string): Promise<boolean> {
    const item: ReplacementRecord = { serviceId, subjectId: replacementSubject(slot), failoverId, slot, generation, status: 'intended', updatedAt: now };
    return this.#put(item, 'attribute_not_exists(serviceId) OR generation < :generation', { ':generation': generation });
  }

  /** Writes what is known of a place, unless it has been used anew since. */
  async saveReplacement(record: ReplacementRecord): Promise<boolean> {
    return this.#put(record, 'generation = :generation', { ':generation': record.generation });
  }

  async #put(item: RetiredRecord | ReplacementRecord, condition: string, values: Record<string, unknown>): Promise<boolean> {
    return conditionally(
      this.client.send(new PutCommand({ TableName: this.table, Item: item, ConditionExpression: condition, ExpressionAttributeValues: values })),
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
