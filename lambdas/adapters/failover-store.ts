// Table `failovers`: claims on decisions, the record of each failover, its story, and the probes it was judged by.
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import { FailoverEvent, FailoverRecord, type Weights } from '../../core/contracts/records.ts';
import { conditionally, parseItem, queryAll, TableAdapter } from './document-client.ts';

/** There is no such failover: the workflow that asks was started by something else, or the record was removed. */
export class UnknownFailoverError extends Error {
  override readonly name = 'UnknownFailoverError';
}

// Latencies are missing from what older versions stored. About 2 KB a side, whatever the number of requests.
const ProbeCounts = z.object({ requests: z.int(), failed: z.int(), slow: z.int(), latencies: z.record(z.string(), z.int()).optional() });
const ProbeItem = z.object({ at: z.string(), primary: ProbeCounts, standby: ProbeCounts });
export type ProbeSample = z.infer<typeof ProbeItem>;

/** All running failovers, in one item, so that caps need one read. It is a hint that the sweeper mends; the locks are the truth. */
const runningKey = { failoverId: '#running', entry: 'record' };
/** Records that have not ended, in one item, for the sweeper: one that holds neither a lock nor a place under the caps is found here only. */
const openKey = { failoverId: '#open', entry: 'record' };

/** Claims and probes are of use for days; records and their stories stay. Seconds. */
const keptFor = 30 * 86_400;
const expiresAt = (at: string): number => Math.floor(Date.parse(at) / 1000) + keptFor;

export class FailoverStore extends TableAdapter {
  /** Claims a decision for its first event. True: this caller made the claim, or nobody has started the workflow yet. */
  async claim(decisionId: string, at: string): Promise<boolean> {
    const key = { failoverId: decisionId, entry: 'claim' };
    const made = await conditionally(
      this.client.send(
        new PutCommand({
          TableName: this.table,
          Item: { ...key, at, started: false, expiresAt: expiresAt(at) },
          ConditionExpression: 'attribute_not_exists(failoverId)',
        }),
      ),
    );
    if (made) return true;
    // The first claimant may have died between the claim and the start.
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: key, ConsistentRead: true }));
    return Item?.['started'] === false;
  }

  async markStarted(decisionId: string): Promise<void> {
    await this.client.send(
      new UpdateCommand({
        TableName: this.table,
        Key: { failoverId: decisionId, entry: 'claim' },
        UpdateExpression: 'SET started = :true',
        ExpressionAttributeValues: { ':true': true },
      }),
    );
  }

  /** Writes the record once. False: it exists already (a retry). */
  async create(record: FailoverRecord): Promise<boolean> {
    // First, so that no record is left unknown to the sweeper; an id without a record is forgotten in time.
    await this.#addToMap(openKey, 'started', record.failoverId, record.startedAt);
    return conditionally(this.client.send(new PutCommand({ TableName: this.table, Item: record, ConditionExpression: 'attribute_not_exists(failoverId)' })));
  }

  async find(failoverId: string): Promise<FailoverRecord | undefined> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: { failoverId, entry: 'record' }, ConsistentRead: true }));
    return Item ? parseItem(FailoverRecord, Item, `failover '${failoverId}'`) : undefined;
  }

  /** Throws UnknownFailoverError. */
  async get(failoverId: string): Promise<FailoverRecord> {
    const record = await this.find(failoverId);
    if (!record) throw new UnknownFailoverError(`there is no failover '${failoverId}' in table ${this.table}`);
    return record;
  }

  /** Writes fields of a record that has not ended. False: it has ended, and the caller must stop. */
  async update(failoverId: string, fields: Partial<Omit<FailoverRecord, 'failoverId' | 'entry'>>): Promise<boolean> {
    const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
    return conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { failoverId, entry: 'record' },
          UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression: 'attribute_exists(failoverId) AND attribute_not_exists(endedAt)',
          ExpressionAttributeNames: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
        }),
      ),
    );
  }

  /** Removes a field of a record that has not ended. */
  async forget(failoverId: string, field: 'busySince' | 'unreachableSince'): Promise<void> {
    await conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { failoverId, entry: 'record' },
          UpdateExpression: 'REMOVE #field',
          ConditionExpression: 'attribute_exists(failoverId) AND attribute_not_exists(endedAt)',
          ExpressionAttributeNames: { '#field': field },
        }),
      ),
    );
  }

  /** Notes what the sweeper found, or set, after the record had ended: it aligns what an evacuation could not. */
  async noteEnded(failoverId: string, note: { weights: Weights } | { weightsFound: Weights }): Promise<void> {
    const entries = Object.entries(note);
    await conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { failoverId, entry: 'record' },
          UpdateExpression: `SET ${entries.map(([name]) => `${name} = :${name}`).join(', ')}`,
          ConditionExpression: 'attribute_exists(endedAt)',
          ExpressionAttributeValues: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
        }),
      ),
    );
  }

  /** Adds a line to the story. `key` names the line, so that a retry rewrites it instead of adding another. */
  async tell(failoverId: string, key: string, event: Omit<FailoverEvent, 'failoverId' | 'entry' | 'reasons'> & { reasons?: readonly string[] }): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.table, Item: { failoverId, entry: `event#${key}`, reasons: [], ...event } }));
  }

  /** The story in the order in which it happened. */
  async story(failoverId: string): Promise<FailoverEvent[]> {
    const items = await this.#entries(failoverId, 'event#');
    return items.map((item) => parseItem(FailoverEvent, item, `story of '${failoverId}'`)).sort((a, b) => a.at.localeCompare(b.at));
  }

  async addProbes(workflowId: string, at: string, sides: { primary: ProbeEvidence; standby: ProbeEvidence }): Promise<void> {
    await this.client.send(
      new PutCommand({ TableName: this.table, Item: { failoverId: workflowId, entry: `probe#${at}`, at, ...sides, expiresAt: expiresAt(at) } }),
    );
  }

  /** Probes since a time (ISO), oldest first. */
  async probesSince(workflowId: string, since: string): Promise<ProbeSample[]> {
    // Those of an approval's hours are megabytes: what is too old is not read. ISO times sort as text, and `$` is behind all of them.
    const items = await queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'failoverId = :id AND entry BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':id': workflowId, ':from': `probe#${since}`, ':to': 'probe$' },
      ConsistentRead: true,
    });
    return items.map((item) => parseItem(ProbeItem, item, `probes of '${workflowId}'`)).filter(({ at }) => at >= since);
  }

  async #entries(failoverId: string, prefix: string) {
    return queryAll(this.client, {
      TableName: this.table,
      KeyConditionExpression: 'failoverId = :id AND begins_with(entry, :prefix)',
      ExpressionAttributeValues: { ':id': failoverId, ':prefix': prefix },
      ConsistentRead: true,
    });
  }

  /** Running predictive failovers of the account, by id. */
  async running(): Promise<{ failoverId: string; zone: string }[]> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: runningKey, ConsistentRead: true }));
    return Object.entries((Item?.['zones'] ?? {}) as Record<string, string>).map(([failoverId, zone]) => ({ failoverId, zone }));
  }

  /** Ids of records that have not ended, or not wholly, and since when. */
  async open(): Promise<{ failoverId: string; startedAt: string }[]> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: openKey, ConsistentRead: true }));
    return Object.entries((Item?.['started'] ?? {}) as Record<string, string>).map(([failoverId, startedAt]) => ({ failoverId, startedAt }));
  }

  async #addToMap(key: Record<string, string>, map: string, id: string, value: string): Promise<void> {
    const add = () =>
      conditionally(
        this.client.send(
          new UpdateCommand({
            TableName: this.table,
            Key: key,
            UpdateExpression: 'SET #map.#id = :value',
            ConditionExpression: 'attribute_exists(#map)',
            ExpressionAttributeNames: { '#map': map, '#id': id },
            ExpressionAttributeValues: { ':value': value },
          }),
        ),
      );
    if (await add()) return;
    await conditionally(
      this.client.send(new PutCommand({ TableName: this.table, Item: { ...key, [map]: {} }, ConditionExpression: 'attribute_not_exists(failoverId)' })),
    );
    await add();
  }

  /** Takes a place under the caps. False when another one took it between the read and now: read again. */
  async addRunning(failoverId: string, zone: string, seen: number): Promise<boolean> {
    await conditionally(
      this.client.send(new PutCommand({ TableName: this.table, Item: { ...runningKey, zones: {} }, ConditionExpression: 'attribute_not_exists(failoverId)' })),
    );
    return conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: runningKey,
          UpdateExpression: 'SET zones.#id = :zone',
          ConditionExpression: 'attribute_exists(zones.#id) OR size(zones) = :seen',
          ExpressionAttributeNames: { '#id': failoverId },
          ExpressionAttributeValues: { ':zone': zone, ':seen': seen },
        }),
      ),
    );
  }

  /** Gives the place under the caps back. */
  async removeRunning(failoverId: string): Promise<void> {
    await this.#removeFromMap(runningKey, 'zones', failoverId);
  }

  /** The last part of an ending: people were told, and nothing is left to be done. */
  async removeOpen(failoverId: string): Promise<void> {
    await this.#removeFromMap(openKey, 'started', failoverId);
  }

  async #removeFromMap(key: Record<string, string>, map: string, id: string): Promise<void> {
    await conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: key,
          UpdateExpression: 'REMOVE #map.#id',
          ConditionExpression: 'attribute_exists(#map)',
          ExpressionAttributeNames: { '#map': map, '#id': id },
        }),
      ),
    );
  }
}
