// Tables `services` and `resources`: the parts that belong to the plan. What the running service knows of itself is never overwritten.
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { MetricDefinition } from '../../core/contracts/metrics.ts';
import { dueShard } from '../../core/contracts/names.ts';
import { Mode, type Plan, SideName } from '../../core/contracts/plan.ts';
import type { SubjectRecord } from '../../core/contracts/records.ts';
import { conditionally, documentClient, parseItem, queryAll } from './document-client.ts';

const AppliedService = z.object({
  planHash: z.string(),
  mode: Mode,
  activeSide: SideName,
  lock: z.object({ holder: z.string(), expiresAt: z.string() }).optional(),
});
export type AppliedService = z.infer<typeof AppliedService>;

const PlannedSubject = z.object({ subjectId: z.string(), region: z.string(), metrics: z.array(MetricDefinition) });
export type PlannedSubject = z.infer<typeof PlannedSubject>;

/** What the plan says of a subject; the rest is scoring's. */
export type PlanSubject = Pick<SubjectRecord, 'serviceId' | 'subjectId' | 'side' | 'kind' | 'region' | 'zone' | 'zoneId' | 'metrics' | 'nextDueAt'>;

export class PlanStore {
  readonly #region: string;
  readonly #tables: { readonly services: string; readonly resources: string };

  constructor(region: string, tables: { readonly services: string; readonly resources: string }) {
    this.#region = region;
    this.#tables = tables;
  }

  get #client() {
    return documentClient(this.#region);
  }

  /** What is already there under this name, or undefined. */
  async service(serviceId: string): Promise<AppliedService | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#tables.services, Key: { serviceId }, ConsistentRead: true }));
    return Item && parseItem(AppliedService, Item, `service '${serviceId}'`);
  }

  /**
   * One conditional update. A new service begins in the plan's mode on the primary side; mode, active side, lock, fencing token, canary,
   * latches, level and kill switch of a known one stay. False: the service is in mode `act`, which this plan's data does not allow.
   */
  async writePlan(plan: Plan, planHash: string): Promise<boolean> {
    const begin = { mode: plan.mode, activeSide: 'primary', level: 'minimal', fencingToken: 0, latched: {}, killSwitch: false };
    const fields = Object.keys(begin);
    return conditionally(
      this.#client.send(
        new UpdateCommand({
          TableName: this.#tables.services,
          Key: { serviceId: plan.service },
          UpdateExpression: `SET #plan = :plan, #planHash = :planHash, ${fields.map((field) => `#${field} = if_not_exists(#${field}, :${field})`).join(', ')}`,
          ...(plan.data === 'local' ? { ConditionExpression: 'attribute_not_exists(#mode) OR #mode <> :act' } : {}),
          ExpressionAttributeNames: Object.fromEntries(['plan', 'planHash', ...fields].map((field) => [`#${field}`, field])),
          ExpressionAttributeValues: {
            ':plan': plan,
            ':planHash': planHash,
            ...Object.fromEntries(Object.entries(begin).map(([field, value]) => [`:${field}`, value])),
            ...(plan.data === 'local' ? { ':act': 'act' } : {}),
          },
        }),
      ),
    );
  }

  /** Subjects whose name begins with a prefix: `entry#`, `resource#primary#`. */
  async subjects(serviceId: string, prefix: string): Promise<PlannedSubject[]> {
    const items = await queryAll(this.#client, {
      TableName: this.#tables.resources,
      KeyConditionExpression: 'serviceId = :id AND begins_with(subjectId, :prefix)',
      ExpressionAttributeValues: { ':id': serviceId, ':prefix': prefix },
      ConsistentRead: true,
    });
    return items.map((item) => parseItem(PlannedSubject, item, `subject '${String(item['subjectId'])}'`));
  }

  /** Creates the subject, or brings it up to the plan. `restart` forgets score and detector state: they belong to other metrics. */
  async writeSubject(subject: PlanSubject, restart: boolean): Promise<void> {
    const keep = (field: string, value: string) => (restart ? `#${field} = ${value}` : `#${field} = if_not_exists(#${field}, ${value})`);
    const zones = (['zone', 'zoneId'] as const).filter((field) => subject[field] !== undefined);
    const set = ['side', 'kind', 'region', 'metrics', 'shard', ...zones].map((field) => `#${field} = :${field}`);
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#tables.resources,
        Key: { serviceId: subject.serviceId, subjectId: subject.subjectId },
        // Scoring that began before a restart must not write old state over it: it saves only onto the revision that it read.
        UpdateExpression: `SET ${[...set, keep('nextDueAt', ':now'), keep('score', ':none'), keep('detectorState', ':none'), ...(restart ? ['#revision = if_not_exists(#revision, :zero) + :one'] : [])].join(', ')}${restart ? ' REMOVE #scoredAt' : ''}`,
        ExpressionAttributeNames: Object.fromEntries(
          ['side', 'kind', 'region', 'metrics', 'shard', 'nextDueAt', 'score', 'detectorState', ...zones, ...(restart ? ['revision', 'scoredAt'] : [])].map(
            (field) => [`#${field}`, field],
          ),
        ),
        ExpressionAttributeValues: {
          ':side': subject.side,
          ':kind': subject.kind,
          ':region': subject.region,
          ':metrics': subject.metrics,
          ':shard': dueShard,
          ':now': subject.nextDueAt,
          ':none': null,
          ...Object.fromEntries(zones.map((field) => [`:${field}`, subject[field]])),
          ...(restart ? { ':zero': 0, ':one': 1 } : {}),
        },
      }),
    );
  }

  async removeSubject(serviceId: string, subjectId: string): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#tables.resources, Key: { serviceId, subjectId } }));
  }
}
