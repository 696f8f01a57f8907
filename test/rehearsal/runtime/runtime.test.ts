// The runtime: DynamoDB, events, the queue, schedules, determinism, and what it leaves behind.
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { detailType, eventSource } from '../../../core/contracts/events.ts';
import { clientFor } from '../../../lambdas/adapters/clients.ts';
import { createRuntime } from '../../../rehearsal/runtime/runtime.ts';
import { named, rehearse, start } from './rehearsal.ts';

const region = 'eu-central-1';

describe('DynamoDB', () => {
  it('answers the document client in native values, with conditions and indexes', async () => {
    const runtime = await rehearse({});
    const client = DynamoDBDocumentClient.from(clientFor(DynamoDBClient, region), { marshallOptions: { removeUndefinedValues: true } });
    const TableName = process.env['FORESTALL_RESOURCES_TABLE'];
    const item = {
      serviceId: 'shop',
      subjectId: 'entry#primary',
      shard: '0',
      nextDueAt: '2026-01-15T12:00:00.000Z',
      score: 3.5,
      nested: { list: [1, null, 'x'], absent: undefined },
    };
    await client.send(new PutCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(serviceId)' }));
    await expect(client.send(new PutCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(serviceId)' }))).rejects.toBeInstanceOf(
      ConditionalCheckFailedException,
    );
    const stored = { ...item, nested: { list: [1, null, 'x'] } };
    expect((await client.send(new GetCommand({ TableName, Key: { serviceId: 'shop', subjectId: 'entry#primary' } }))).Item).toEqual(stored);
    const due = await client.send(
      new QueryCommand({
        TableName,
        IndexName: 'due',
        KeyConditionExpression: '#shard = :shard AND nextDueAt <= :now',
        ExpressionAttributeNames: { '#shard': 'shard' },
        ExpressionAttributeValues: { ':shard': '0', ':now': '2026-01-15T12:00:00.000Z' },
      }),
    );
    // The index holds keys only, as it is deployed.
    const { shard, nextDueAt, serviceId, subjectId } = stored;
    expect(due.Items).toEqual([{ shard, nextDueAt, serviceId, subjectId }]);
    const updated = await client.send(
      new UpdateCommand({
        TableName,
        Key: { serviceId: 'shop', subjectId: 'entry#primary' },
        UpdateExpression: 'SET score = score + :one',
        ExpressionAttributeValues: { ':one': 1 },
        ReturnValues: 'ALL_NEW',
      }),
    );
    expect(updated.Attributes?.['score']).toBe(4.5);
    expect(await runtime.items('resources')).toEqual([{ ...stored, score: 4.5 }]);
    expect(runtime.cloud.counts).toEqual({ 'dynamodb:PutItem': 2, 'dynamodb:GetItem': 1, 'dynamodb:Query': 1, 'dynamodb:UpdateItem': 1 });
  });

  it('checks inputs against the model too', async () => {
    const runtime = await rehearse({});
    const client = DynamoDBDocumentClient.from(clientFor(DynamoDBClient, region));
    await expect(client.send(new GetCommand({ TableName: 'forestall-services', Key: { serviceId: 'x' }, ConsistentReed: true } as never))).rejects.toThrow(
      'input has no parameter ConsistentReed',
    );
    await expect(runtime.runUntil(start + 1000)).rejects.toMatchObject({ name: 'MalformedInputError' });
  });
});

describe('events', () => {
  const critical = { source: eventSource, detailType: detailType.critical, detail: { serviceId: 'shop' } };

  it('reach the functions of the rules that select them, within a second', async () => {
    const got: unknown[] = [];
    const runtime = await rehearse({
      'start-workflow': async (event) => {
        got.push([Date.now() - start, event]);
      },
    });
    runtime.deliverEvent(critical);
    runtime.deliverEvent({ ...critical, detailType: 'Something else' });
    runtime.deliverEvent({ ...critical, bus: 'default' });
    await clientFor(EventBridgeClient, region).send(
      new PutEventsCommand({
        Entries: [{ EventBusName: 'forestall', Source: eventSource, DetailType: detailType.levelChanged, Detail: '{"serviceId":"blog"}' }],
      }),
    );
    await runtime.runUntil(start + 1_000);
    expect(got).toHaveLength(2);
    expect(got).toEqual(
      expect.arrayContaining([
        [expect.any(Number), expect.objectContaining({ source: eventSource, 'detail-type': detailType.critical, detail: { serviceId: 'shop' }, region })],
        [expect.any(Number), expect.objectContaining({ 'detail-type': detailType.levelChanged, detail: { serviceId: 'blog' } })],
      ]),
    );
  });

  it('come twice as often as asked, with the same id', async () => {
    const runtime = await rehearse({ 'start-workflow': async () => {} }, {}, { duplicateShare: 0.5 });
    const deliveries: { id: string; duplicate: boolean }[] = [];
    runtime.onDelivery((delivery) => deliveries.push(delivery));
    for (let index = 0; index < 200; index++) runtime.deliverEvent(critical);
    await runtime.runUntil(start + 62_000);
    const duplicates = deliveries.filter(({ duplicate }) => duplicate);
    expect(deliveries.length - duplicates.length).toBe(200);
    expect(duplicates.length).toBeGreaterThan(70);
    expect(duplicates.length).toBeLessThan(130);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(200);
  });

  it('are tried three times, then given up', async () => {
    const at: number[] = [];
    const runtime = await rehearse({
      'start-workflow': async () => {
        at.push(Date.now());
        throw named('Broken');
      },
    });
    runtime.deliverEvent(critical);
    await runtime.runUntil(start + 600_000);
    expect(at.map((time) => time - (at[0] ?? 0))).toEqual([0, 60_000, 180_000]);
    expect(runtime.deadLetters).toMatchObject([{ kind: 'event', to: 'start-workflow' }]);
  });
});

describe('the queue', () => {
  const send = (bodies: readonly string[]) =>
    clientFor(SQSClient, region).send(
      new SendMessageBatchCommand({
        QueueUrl: process.env['FORESTALL_SCORING_QUEUE_URL'],
        Entries: bodies.map((body, index) => ({ Id: `m${index}`, MessageBody: body })),
      }),
    );
  interface QueueEvent {
    readonly Records: readonly { readonly messageId: string; readonly body: string; readonly attributes: { readonly ApproximateReceiveCount: string } }[];
  }

  it('delivers in batches, only what failed again, and gives up after three', async () => {
    const got: [number, string[]][] = [];
    const runtime = await rehearse({
      'score-risk': async (event) => {
        const { Records } = event as QueueEvent;
        got.push([Math.round((Date.now() - start) / 1000), Records.map(({ body, attributes }) => `${body}${attributes.ApproximateReceiveCount}`)]);
        return { batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
    });
    await send(['good', 'bad', 'fine']);
    await runtime.runUntil(start + 3_600_000);
    expect(got).toEqual([
      [0, ['good1', 'bad1', 'fine1']],
      [300, ['bad2']],
      [600, ['bad3']],
    ]);
    expect(runtime.deadLetters).toMatchObject([{ kind: 'message', payload: 'bad' }]);
  });

  it('delivers a whole batch again when the function fails or answers nonsense', async () => {
    let count = 0;
    const runtime = await rehearse({
      'score-risk': async () => {
        count++;
        if (count === 1) throw named('Broken');
        return count === 2 ? { batchItemFailures: [{ itemIdentifier: 'unknown' }] } : undefined;
      },
    });
    await send(['a', 'b']);
    await runtime.runUntil(start + 3_600_000);
    expect(count).toBe(3);
    expect(runtime.deadLetters).toEqual([]);
  });
});

describe('schedules', () => {
  it('come each minute and each five minutes', async () => {
    const at: Record<string, number[]> = { scoring: [], orphans: [] };
    const runtime = await rehearse(
      {
        'dispatch-scoring': async () => {
          at['scoring']?.push((Date.now() - start) / 60_000);
        },
        'sweep-orphans': async () => {
          at['orphans']?.push((Date.now() - start) / 60_000);
        },
        'schedule-moves': async () => {},
        'record-evidence': async () => {},
      },
      {},
      { schedules: true },
    );
    await runtime.runUntil(start + 10 * 60_000);
    expect(at).toEqual({ scoring: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], orphans: [0, 5, 10] });
  });
});

describe('a rehearsal', () => {
  it('fails when something is not simulated, whatever the caller makes of the error', async () => {
    const runtime = await rehearse({
      'start-workflow': async () => {
        await clientFor(EC2Client, region)
          .send(new DescribeVpcsCommand({}))
          .catch(() => {});
      },
    });
    runtime.deliverEvent({ source: eventSource, detailType: detailType.critical, detail: {} });
    await expect(runtime.runUntil(start + 10_000)).rejects.toThrow('ec2:DescribeVpcs is not simulated');
  });

  it('fails with the error of an action of the world', async () => {
    const runtime = await rehearse({});
    runtime.clock.at(start + 500, async () => {
      throw named('WorldError');
    });
    await expect(runtime.runUntil(start + 1_000)).rejects.toMatchObject({ name: 'WorldError' });
  });

  it('stands still while something real is in flight, and lets timers of every kind be virtual', async () => {
    const runtime = await rehearse({});
    const seen: number[] = [];
    runtime.clock.at(start + 1_000, async () => {
      await runtime.items('services');
      seen.push(Date.now() - start);
    });
    AbortSignal.timeout(86_400_000).addEventListener('abort', () => seen.push(Date.now() - start));
    const before = performance.now();
    await runtime.runUntil(start + 86_400_000);
    expect(seen).toEqual([1_000, 86_400_000]);
    expect(performance.now() - before).toBe(86_400_000);
  });

  it('restores time, randomness and environment, so that another may follow', async () => {
    const before = { random: Math.random, timeout: AbortSignal.timeout, setTimeout, uuid: crypto.randomUUID, region: process.env['AWS_REGION'] };
    const run = async () => {
      const runtime = await createRuntime(
        { seed: 3, startAt: start, regions: [], controlRegion: region, fetch, schedules: false },
        { handlers: async () => undefined, machines: () => undefined },
      );
      const drawn = [Math.random(), Math.random(), crypto.randomUUID(), Date.now()];
      await runtime.close();
      return drawn;
    };
    expect(await run()).toEqual(await run());
    expect({ random: Math.random, timeout: AbortSignal.timeout, setTimeout, uuid: crypto.randomUUID, region: process.env['AWS_REGION'] }).toEqual(before);
    expect(Date.now()).toBeGreaterThan(start);
  });
});
