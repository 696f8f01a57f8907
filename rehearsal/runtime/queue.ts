// A queue's event source mapping: batches of ten, failed messages again after the visibility time, dead letters after three.
import type { FunctionName } from '../../core/contracts/deployment.ts';
import { functions as deployed } from '../../core/contracts/deployment.ts';
import type { AcceptedMessage } from '../cloud/sqs.ts';
import type { DeliveryOptions } from './bus.ts';

const batchSize = 10;
const maxReceives = 3;

interface Waiting {
  readonly message: AcceptedMessage;
  readonly duplicate: boolean;
  readonly receives: number;
  readonly firstReceivedAt: number | undefined;
}

export class QueueMapping {
  readonly #options: DeliveryOptions;
  readonly #target: FunctionName;
  readonly #queueArn: string;
  readonly #visibilityMs: number;
  #available: Waiting[] = [];
  #pollPlanned = false;

  /** The visibility time is six times the function's time-out, as AWS advises. */
  constructor(target: FunctionName, queueArn: string, options: DeliveryOptions) {
    this.#target = target;
    this.#queueArn = queueArn;
    this.#options = options;
    this.#visibilityMs = 6 * deployed[target].timeoutSeconds * 1000;
  }

  /** Takes a message; some come twice. */
  accept(message: AcceptedMessage): void {
    const { draws, duplicateShare } = this.#options;
    const visibleAt = message.sentAt + message.delaySeconds * 1000;
    this.#offer({ message, duplicate: false, receives: 0, firstReceivedAt: undefined }, visibleAt);
    if (draws.uniform('sqs/duplicate', message.messageId) < duplicateShare)
      this.#offer(
        { message, duplicate: true, receives: 0, firstReceivedAt: undefined },
        visibleAt + draws.between(0, 60_000, 'sqs/duplicate-latency', message.messageId),
      );
  }

  #offer(waiting: Waiting, at: number): void {
    const { time } = this.#options;
    const arrive = () => {
      this.#available.push(waiting);
      if (this.#pollPlanned) return;
      this.#pollPlanned = true;
      time.at(time.now() + 100, () => this.#poll());
    };
    if (at <= time.now()) arrive();
    else time.at(at, arrive);
  }

  /** Lambda's pollers work side by side: every batch is its own invocation. */
  async #poll(): Promise<void> {
    this.#pollPlanned = false;
    const taken = this.#available;
    this.#available = [];
    const batches: Waiting[][] = [];
    for (let start = 0; start < taken.length; start += batchSize) batches.push(taken.slice(start, start + batchSize));
    await Promise.all(batches.map((batch) => this.#invoke(batch)));
  }

  async #invoke(batch: readonly Waiting[]): Promise<void> {
    const { time, functions, onDelivery } = this.#options;
    const at = time.now();
    const records = batch.map(({ message, receives, firstReceivedAt }) => ({
      messageId: message.messageId,
      receiptHandle: `${message.messageId}#${receives}`,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(receives + 1),
        SentTimestamp: String(message.sentAt),
        SenderId: 'AROAEXAMPLE:forestall',
        ApproximateFirstReceiveTimestamp: String(firstReceivedAt ?? at),
      },
      messageAttributes: {},
      md5OfBody: message.md5,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#queueArn,
      awsRegion: this.#queueArn.split(':')[3],
    }));
    for (const [index, { message, duplicate }] of batch.entries())
      onDelivery({ at, kind: 'message', to: this.#target, id: message.messageId, duplicate, payload: records[index] });
    let failed: ReadonlySet<string>;
    try {
      failed = failuresOf(await functions.invoke(this.#target, { Records: records }), batch);
    } catch {
      failed = new Set(batch.map(({ message }) => message.messageId));
    }
    for (const waiting of batch) if (failed.has(waiting.message.messageId)) this.#again(waiting, at);
  }

  #again({ message, duplicate, receives, firstReceivedAt }: Waiting, receivedAt: number): void {
    const { onDead } = this.#options;
    if (receives + 1 >= maxReceives) onDead({ at: receivedAt, kind: 'message', to: this.#target, id: message.messageId, duplicate, payload: message.body });
    else this.#offer({ message, duplicate, receives: receives + 1, firstReceivedAt: firstReceivedAt ?? receivedAt }, receivedAt + this.#visibilityMs);
  }
}

/** Messages to be delivered again. An answer that Lambda cannot read fails the whole batch. */
function failuresOf(answer: unknown, batch: readonly Waiting[]): ReadonlySet<string> {
  const all = batch.map(({ message }) => message.messageId);
  if (answer === null) return new Set();
  const failures: unknown = typeof answer === 'object' && 'batchItemFailures' in answer ? answer.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return new Set(all);
  const ids = failures.map((failure: { readonly itemIdentifier?: unknown }) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && all.includes(id)) ? new Set(ids as string[]) : new Set(all);
}
