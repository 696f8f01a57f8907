// EventBridge's rules and Lambda's asynchronous invocation: events reach functions at least once, with retries.

import { createHash } from 'node:crypto';
import type { FunctionName } from '../../core/contracts/deployment.ts';
import { failedExecutionPattern, startWorkflowPattern } from '../../core/contracts/events.ts';
import { recordEvidencePattern } from '../../core/contracts/evidence.ts';
import type { Draws } from '../cloud/draw.ts';
import { type EventEnvelope, envelopeOf } from '../cloud/eventbridge.ts';
import type { Functions } from './functions.ts';
import type { Interference } from './interference.ts';
import { busNames } from './names.ts';
import type { QueueMapping } from './queue.ts';
import type { Delivery } from './runtime.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Pattern {
  readonly source: readonly string[];
  readonly detailType: readonly string[];
  readonly detail?: Readonly<Record<string, readonly unknown[]>>;
}
export interface Rule {
  readonly bus: string;
  readonly pattern: Pattern;
  readonly target: FunctionName;
  /** not called with each event: fed from the queue of host events */
  readonly queued?: boolean;
}

/** The rules of the prediction and failover stacks. */
export const rules: readonly Rule[] = [
  { bus: busNames.forestall, pattern: startWorkflowPattern, target: 'start-workflow' },
  { bus: busNames.forestall, pattern: recordEvidencePattern, target: 'record-evidence', queued: true },
  { bus: busNames.default, pattern: failedExecutionPattern, target: 'settle-execution' },
];

/** Lambda tries a failed asynchronous invocation again after one and after two more minutes. */
const retryAfterMs = [60_000, 120_000];

/** Whether a pattern selects an event: each named field has one of the listed values. */
export function selects(pattern: Pattern, event: EventEnvelope): boolean {
  if (!pattern.source.includes(event.source) || !pattern.detailType.includes(event['detail-type'])) return false;
  const detail = event.detail as Readonly<Record<string, unknown>>;
  return Object.entries(pattern.detail ?? {}).every(([field, values]) => values.includes(detail[field]));
}

export interface DeliveryOptions {
  readonly time: VirtualTime;
  readonly draws: Draws;
  readonly functions: Functions;
  /** Share of events that are delivered twice. */
  readonly duplicateShare: number;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly onDead: (delivery: Delivery) => void;
  readonly interference?: Interference | undefined;
}

export class Bus {
  readonly #options: DeliveryOptions;
  readonly #hostEvents: QueueMapping;
  #count = 0;

  constructor(options: DeliveryOptions, hostEvents: QueueMapping) {
    this.#options = options;
    this.#hostEvents = hostEvents;
  }

  /** Takes an event; what the rules select is delivered within a second, some of it again within a minute. Returns the event's id. */
  accept(bus: string, event: { source: string; detailType: string; detail: unknown; region: string; resources?: readonly string[] }): string {
    const { time, draws, duplicateShare, interference } = this.#options;
    this.#count++;
    const envelope = envelopeOf(draws, this.#count, { ...event, at: time.now() });
    for (const rule of rules.filter((one) => one.bus === bus && selects(one.pattern, envelope))) {
      const delays = interference?.deliveries?.(envelope, rule.target);
      if (delays) {
        for (const [index, delay] of delays.entries()) time.at(time.now() + delay, () => this.#send(rule, envelope, index > 0));
        continue;
      }
      const first = time.now() + draws.between(200, 1000, 'events/latency', this.#count);
      time.at(first, () => this.#send(rule, envelope, false));
      if (draws.uniform('events/duplicate', this.#count) < duplicateShare)
        time.at(first + draws.between(0, 60_000, 'events/duplicate-latency', this.#count), () => this.#send(rule, envelope, true));
    }
    return envelope.id;
  }

  #send({ target, queued }: Rule, envelope: EventEnvelope, duplicate: boolean): void | Promise<void> {
    if (!queued) return this.#deliver(target, envelope, duplicate, 0);
    const body = JSON.stringify(envelope);
    const md5 = createHash('md5').update(body).digest('hex');
    this.#hostEvents.accept({ messageId: duplicate ? `${envelope.id}-again` : envelope.id, body, md5, sentAt: this.#options.time.now(), delaySeconds: 0 });
  }

  async #deliver(to: FunctionName, payload: EventEnvelope, duplicate: boolean, attempt: number): Promise<void> {
    const { time, functions, onDelivery, onDead } = this.#options;
    const delivery: Delivery = { at: time.now(), kind: 'event', to, id: payload.id, duplicate, payload };
    onDelivery(delivery);
    try {
      await functions.invoke(to, payload);
    } catch {
      const wait = retryAfterMs[attempt];
      if (wait === undefined) onDead(delivery);
      else time.at(time.now() + wait, () => this.#deliver(to, payload, duplicate, attempt + 1));
    }
  }
}
