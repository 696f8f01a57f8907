// Table `resources`: what outside sources say of a service. A newer report replaces an older one, never the other way round.
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { EvidenceRecord } from '../../core/contracts/evidence.ts';
import { evidencePrefix } from '../../core/contracts/names.ts';
import { logger } from '../logger.ts';
import { conditionally, queryAll, TableAdapter } from './document-client.ts';

export class EvidenceStore extends TableAdapter {
  /** What is kept with a service. An item that cannot be read is left out: the next report of its event replaces it. */
  async kept(serviceId: string): Promise<EvidenceRecord[]> {
    const items = await queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'serviceId = :id AND begins_with(subjectId, :prefix)',
      ExpressionAttributeValues: { ':id': serviceId, ':prefix': evidencePrefix },
      ConsistentRead: true,
    });
    return items.flatMap((item) => {
      const parsed = EvidenceRecord.safeParse(item);
      if (!parsed.success) logger.error('evidence not readable', { serviceId, subjectId: item['subjectId'], error: parsed.error });
      return parsed.success ? [parsed.data] : [];
    });
  }

  /** False: the same or a newer report is there already. */
  async record(record: EvidenceRecord): Promise<boolean> {
    return conditionally(
      this.client.send(
        new PutCommand({
          TableName: this.table,
          Item: record,
          ConditionExpression: 'attribute_not_exists(#order) OR #order < :order',
          ExpressionAttributeNames: { '#order': 'order' },
          ExpressionAttributeValues: { ':order': record.order },
        }),
      ),
    );
  }
}
