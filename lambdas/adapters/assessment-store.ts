// Table `assessments`: the history of scores with their reasons; items expire by themselves.
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { AssessmentRecord } from '../../core/contracts/records.ts';
import { parseItem, queryAll, TableAdapter } from './document-client.ts';

const batchSize = 25;
const attempts = 5;

/** DynamoDB kept refusing part of a batch. The message goes back to the queue, and the same items are written again. */
export class AssessmentsNotWrittenError extends Error {
  override readonly name = 'AssessmentsNotWrittenError';
}

export class AssessmentStore extends TableAdapter {
  /** Assessments of a subject (key `<serviceId>/<subjectId>`) of which the time (ISO) is not before `since`, oldest first. */
  async since(key: string, since: string): Promise<AssessmentRecord[]> {
    const items = await queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'subjectKey = :key AND #timestamp >= :since',
      ExpressionAttributeNames: { '#timestamp': 'timestamp' },
      ExpressionAttributeValues: { ':key': key, ':since': since },
    });
    return items.map((item) => parseItem(AssessmentRecord, item, `assessment of '${key}'`));
  }

  /** Writes all; the key makes a repeated write harmless. */
  async add(records: readonly AssessmentRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += batchSize) {
      let requests = records.slice(start, start + batchSize).map((Item) => ({ PutRequest: { Item: Item as Record<string, unknown> } }));
      for (let attempt = 0; requests.length > 0; attempt++) {
        if (attempt === attempts)
          throw new AssessmentsNotWrittenError(`${requests.length} assessments were refused ${attempts} times; is table ${this.table} throttled?`);
        if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
        const { UnprocessedItems } = await this.client.send(new BatchWriteCommand({ RequestItems: { [this.table]: requests } }));
        requests = (UnprocessedItems?.[this.table] ?? []) as typeof requests;
      }
    }
  }
}
