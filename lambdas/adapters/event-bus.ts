// EventBridge: what scoring decided.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { eventSource, type WorkflowEvent } from '../../core/contracts/events.ts';
import { clientFor } from './clients.ts';

/** EventBridge refused an entry. The caller fails, and its retry emits the same decision again. */
export class EventNotAcceptedError extends Error {
  override readonly name = 'EventNotAcceptedError';
}

export class EventBus {
  readonly #busName: string;
  readonly #region: string;

  constructor(region: string, busName: string) {
    this.#region = region;
    this.#busName = busName;
  }

  async emit(events: readonly WorkflowEvent[]): Promise<void> {
    for (let start = 0; start < events.length; start += 10) {
      const { Entries } = await clientFor(EventBridgeClient, this.#region).send(
        new PutEventsCommand({
          Entries: events
            .slice(start, start + 10)
            .map((event) => ({ EventBusName: this.#busName, Source: eventSource, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail) })),
        }),
      );
      const refused = Entries?.find(({ ErrorCode }) => ErrorCode);
      if (refused) throw new EventNotAcceptedError(`EventBridge refused an event: ${refused.ErrorCode}: ${refused.ErrorMessage}`);
    }
  }
}
