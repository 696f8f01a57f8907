// Table `services`: the service's mode, active side, lock, level and canary. The plan itself is written by apply-plan.
import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { MirroringLevel, SideName } from '../../core/contracts/plan.ts';
import { type CanaryRecord, type FailoverOutcome, ServiceRecord } from '../../core/contracts/records.ts';
import { leaseUntil } from '../../core/failover/lock.ts';
import { logger } from '../logger.ts';
import { conditionally, parseItem, TableAdapter } from './document-client.ts';

/** There is no such service: its plan was never applied, or was removed. */
export class UnknownServiceError extends Error {
  override readonly name = 'UnknownServiceError';
}

/** More are never needed to tell that a service flaps. */
const movesKept = 20;

export class ServiceStore extends TableAdapter {
  /** Strongly consistent. Throws UnknownServiceError. */
  async get(serviceId: string): Promise<ServiceRecord> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.table, Key: { serviceId }, ConsistentRead: true }));
    if (!Item) throw new UnknownServiceError(`there is no service '${serviceId}' in table ${this.table}; apply its plan with plan:apply`);
    return parseItem(ServiceRecord, Item, `service '${serviceId}'`);
  }

  /** Every service that can be read, for the sweeper: one that cannot must not keep it from the others. */
  async all(): Promise<ServiceRecord[]> {
    const services: ServiceRecord[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(new ScanCommand({ TableName: this.table, ...(from ? { ExclusiveStartKey: from } : {}) }));
      for (const item of page.Items ?? []) {
        const parsed = ServiceRecord.safeParse(item);
        if (parsed.success) services.push(parsed.data);
        else logger.error('service not readable', { serviceId: item['serviceId'], error: parsed.error });
      }
      from = page.LastEvaluatedKey;
    } while (from);
    return services;
  }

  /** Takes the lock, or renews it for the same holder. Returns the fencing token, or undefined when somebody else holds it. */
  async acquireLock(service: ServiceRecord, holder: string, now: number): Promise<number | undefined> {
    const token = service.lock?.holder === holder ? service.lock.token : service.fencingToken + 1;
    const taken = await this.#update(
      service.serviceId,
      'SET #lock = :lock, fencingToken = :token',
      'attribute_exists(planHash) AND (attribute_not_exists(#lock) OR #lock.holder = :holder OR #lock.expiresAt <= :now) AND (fencingToken = :known OR attribute_not_exists(fencingToken))',
      { '#lock': 'lock' },
      {
        ':lock': { holder, token, expiresAt: leaseUntil(now) },
        ':token': token,
        ':holder': holder,
        ':now': new Date(now).toISOString(),
        ':known': service.fencingToken,
      },
    );
    return taken ? token : undefined;
  }

  /** Renews the lease before a step that changes something. False: the lock was lost, and the holder must stop. */
  async holdsLock(serviceId: string, holder: string, token: number, now: number): Promise<boolean> {
    return this.#update(
      serviceId,
      'SET #lock.expiresAt = :until',
      '#lock.holder = :holder AND #lock.#token = :token',
      { '#lock': 'lock', '#token': 'token' },
      { ':until': leaseUntil(now), ':holder': holder, ':token': token },
    );
  }

  /** Releases the lock and remembers the ending. Does nothing when it was released before. */
  async releaseLock(serviceId: string, holder: string, last: { failoverId: string; outcome: FailoverOutcome; endedAt: string } | undefined): Promise<boolean> {
    return this.#update(
      serviceId,
      last ? 'REMOVE #lock SET lastFailover = :last' : 'REMOVE #lock',
      '#lock.holder = :holder',
      { '#lock': 'lock' },
      { ':holder': holder, ...(last ? { ':last': last } : {}) },
    );
  }

  /**
   * Remembers an ending for the detection of flapping (`move`) and for drills (`drill`), once, however often and however late it is repeated.
   * Apart from the lock: what happened, happened, also when the lease had run out.
   */
  async rememberEnding(serviceId: string, ending: ServiceRecord['recentMoves'][number], of: { move: boolean; drill: boolean }): Promise<void> {
    if (of.drill)
      await this.#update(
        serviceId,
        'SET lastDrill = :ending',
        'attribute_exists(planHash) AND (attribute_not_exists(lastDrill) OR lastDrill.endedAt < :at)',
        {},
        { ':ending': ending, ':at': ending.endedAt },
      );
    if (!of.move) return;
    for (let attempt = 0; attempt < 5; attempt++) {
      const { recentMoves } = await this.get(serviceId);
      if (recentMoves.some(({ failoverId }) => failoverId === ending.failoverId)) return;
      const moves = [...recentMoves, ending].sort((a, b) => a.endedAt.localeCompare(b.endedAt)).slice(-movesKept);
      const newest = recentMoves.at(-1);
      const unchanged = newest
        ? `size(recentMoves) = :count AND recentMoves[${recentMoves.length - 1}].failoverId = :newest`
        : '(attribute_not_exists(recentMoves) OR size(recentMoves) = :count)';
      const values = { ':moves': moves, ':count': recentMoves.length, ...(newest ? { ':newest': newest.failoverId } : {}) };
      if (await this.#update(serviceId, 'SET recentMoves = :moves', `attribute_exists(planHash) AND ${unchanged}`, {}, values)) return;
    }
    throw new Error(`the ending of '${ending.failoverId}' could not be remembered: others keep writing to service '${serviceId}'`);
  }

  /** Remembers which standing refusals people were told of, all that stand now. */
  async setToldRefusals(serviceId: string, told: Readonly<Record<string, string>>): Promise<void> {
    await this.#update(serviceId, 'SET toldRefusals = :told', 'attribute_exists(planHash)', {}, { ':told': told });
  }

  /** False: there is no such service, or the switch stands so already. */
  async turnKillSwitch(serviceId: string, on: boolean, by: string, at: string): Promise<boolean> {
    return this.#update(
      serviceId,
      'SET killSwitch = :on, killSwitchTurned = :turned',
      'attribute_exists(planHash) AND (attribute_not_exists(killSwitch) OR killSwitch <> :on)',
      {},
      { ':on': on, ':turned': { by, at } },
    );
  }

  async setLevel(serviceId: string, level: MirroringLevel): Promise<void> {
    await this.#update(serviceId, 'SET #level = :level', 'attribute_exists(planHash)', { '#level': 'level' }, { ':level': level });
  }

  async setCanary(serviceId: string, canary: CanaryRecord): Promise<void> {
    await this.#update(serviceId, 'SET canary = :canary', 'attribute_exists(planHash)', {}, { ':canary': canary });
  }

  async setSnapshotTaken(serviceId: string, at: string): Promise<void> {
    await this.#update(serviceId, 'SET lastSnapshotAt = :at', 'attribute_exists(planHash)', {}, { ':at': at });
  }

  /** Makes `to` the active side and, when `latchedAt` is given, latches `from`, in one write. The receiving side's own latch is lifted. */
  async handOver(serviceId: string, from: SideName, to: SideName, latchedAt: string | undefined): Promise<void> {
    await this.#update(
      serviceId,
      'SET activeSide = :to, latched = :latched',
      'attribute_exists(planHash)',
      {},
      { ':to': to, ':latched': latchedAt ? { [from]: latchedAt } : {} },
    );
  }

  async latch(serviceId: string, side: SideName, at: string): Promise<void> {
    await this.#update(serviceId, 'SET latched.#side = :at', 'attribute_exists(latched)', { '#side': side }, { ':at': at });
  }

  async liftLatch(serviceId: string, side: SideName): Promise<void> {
    await this.#update(serviceId, 'REMOVE latched.#side', 'attribute_exists(latched)', { '#side': side }, {});
  }

  async #update(serviceId: string, update: string, condition: string, names: Record<string, string>, values: Record<string, unknown>): Promise<boolean> {
    return conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { serviceId },
          UpdateExpression: update,
          ConditionExpression: condition,
          ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
          ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
        }),
      ),
    );
  }
}
