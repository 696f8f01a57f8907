// Table `resources`: what is scored and when it is due next, with the detector's state.
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { tables } from '../../core/contracts/deployment.ts';
import { EvidenceRecord } from '../../core/contracts/evidence.ts';
import { dueShard, latchSubject, parseSubject, releasedSubject } from '../../core/contracts/names.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import { SubjectRecord } from '../../core/contracts/records.ts';
import { logger } from '../logger.ts';
import { conditionally, parseItem, queryAll, TableAdapter } from './document-client.ts';

const DueItem = z.object({ serviceId: z.string(), subjectId: z.string(), nextDueAt: z.string() });
export type DueSubject = z.infer<typeof DueItem>;

export class SubjectStore extends TableAdapter {
  /** What is due at `now` (ISO), longest overdue first, at most `limit`. */
  async due(now: string, limit: number): Promise<DueSubject[]> {
    const found: DueSubject[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          IndexName: tables.resources.index.name,
          KeyConditionExpression: '#shard = :shard AND nextDueAt <= :now',
          ExpressionAttributeNames: { '#shard': 'shard' },
          ExpressionAttributeValues: { ':shard': dueShard, ':now': now },
          Limit: limit,
          ...(from ? { ExclusiveStartKey: from } : {}),
        }),
      );
      found.push(...(page.Items ?? []).map((item) => parseItem(DueItem, item, 'a due subject')));
      from = page.LastEvaluatedKey;
    } while (from && found.length < limit);
    return found;
  }

  async find(serviceId: string, subjectId: string): Promise<SubjectRecord | undefined> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: { serviceId, subjectId }, ConsistentRead: true }));
    return Item ? parseItem(SubjectRecord, Item, `subject '${subjectId}' of '${serviceId}'`) : undefined;
  }

  /** Every scored subject of a service. */
  async ofService(serviceId: string): Promise<SubjectRecord[]> {
    return (await this.withEvidence(serviceId)).subjects;
  }

  /** Every scored subject of a service, and what outside sources say of it: one query. Evidence that cannot be read is left out, and scoring goes on. */
  async withEvidence(serviceId: string): Promise<{ subjects: SubjectRecord[]; evidence: EvidenceRecord[] }> {
    const items = await queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'serviceId = :id AND subjectId BETWEEN :from AND :to',
      // entry# < evidence# < resource#, and neither latch# (not scored) nor mirror# are wanted, but they lie between: they are left out below.
      ExpressionAttributeValues: { ':id': serviceId, ':from': 'entry#', ':to': 'resource#~' },
      ConsistentRead: true,
    });
    const subjects: SubjectRecord[] = [];
    const evidence: EvidenceRecord[] = [];
    for (const item of items) {
      const { type } = parseSubject(String(item['subjectId']));
      if (type === 'entry' || type === 'resource') subjects.push(parseItem(SubjectRecord, item, `subject '${String(item['subjectId'])}'`));
      if (type !== 'evidence') continue;
      const parsed = EvidenceRecord.safeParse(item);
      if (parsed.success) evidence.push(parsed.data);
      else logger.error('evidence not readable', { serviceId, subjectId: item['subjectId'], error: parsed.error });
    }
    return { subjects, evidence };
  }

  /** Writes what scoring found. False when somebody else scored this subject since it was read (a duplicate message), or the plan dropped it. */
  async save(subject: SubjectRecord): Promise<boolean> {
    return conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { serviceId: subject.serviceId, subjectId: subject.subjectId },
          UpdateExpression: `SET nextDueAt = :due, score = :score, scoredAt = :at, detectorState = :state, revision = :next${subject.level ? ', #level = :level' : ''}${subject.healthChecks ? ', healthChecks = :checks' : ''}`,
          ...(subject.level ? { ExpressionAttributeNames: { '#level': 'level' } } : {}),
          // A revision implies that the item is there; the long form is for its first scoring only.
          ConditionExpression:
            subject.revision > 0 ? 'revision = :revision' : 'attribute_exists(serviceId) AND (attribute_not_exists(revision) OR revision = :revision)',
          ExpressionAttributeValues: {
            ':due': subject.nextDueAt,
            ':score': subject.score,
            ':at': subject.scoredAt,
            ':state': subject.detectorState,
            ':next': subject.revision + 1,
            ':revision': subject.revision,
            ...(subject.level ? { ':level': subject.level } : {}),
            ...(subject.healthChecks ? { ':checks': subject.healthChecks } : {}),
          },
        }),
      ),
    );
  }

  /** Scores the subject with the next dispatch, whatever its cadence was, and whatever a scoring under way is about to write. */
  async makeDue(serviceId: string, subjectId: string, now: string): Promise<void> {
    await conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { serviceId, subjectId },
          UpdateExpression: 'SET nextDueAt = :now, revision = if_not_exists(revision, :zero) + :one',
          ConditionExpression: 'attribute_exists(serviceId)',
          ExpressionAttributeValues: { ':now': now, ':zero': 0, ':one': 1 },
        }),
      ),
    );
  }

  /** From now on dispatch-scoring repeats each minute that this side is latched. */
  async addLatch(serviceId: string, side: SideName, now: string): Promise<void> {
    await this.#delete(serviceId, releasedSubject(side));
    await this.#put(serviceId, latchSubject(side), side, now);
  }

  /** From now on dispatch-scoring repeats each minute that this side is not latched, until the release is forgotten. */
  async removeLatch(serviceId: string, side: SideName, now: string): Promise<void> {
    await this.#put(serviceId, releasedSubject(side), side, now);
    await this.#delete(serviceId, latchSubject(side));
  }

  async forgetRelease(serviceId: string, side: SideName): Promise<void> {
    await this.#delete(serviceId, releasedSubject(side));
  }

  async #put(serviceId: string, subjectId: string, side: SideName, nextDueAt: string): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.table, Item: { serviceId, subjectId, side, shard: dueShard, nextDueAt } }));
  }

  async #delete(serviceId: string, subjectId: string): Promise<void> {
    await this.client.send(new DeleteCommand({ TableName: this.table, Key: { serviceId, subjectId } }));
  }
}
