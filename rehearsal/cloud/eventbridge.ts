// EventBridge: takes events and hands them to the rules of the rehearsal.
import * as sdk from '@aws-sdk/client-eventbridge';
import { NotSimulatedError } from './call.ts';
import type { Draws } from './draw.ts';
import { faultsOf } from './fault.ts';
import { reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'EventBridgeServiceException');
/** Of all entries of a request. */
const maxEntryBytes = 1_048_576;

/** An event as rules and functions get it. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** Envelope of an event; the id is drawn from its ordinal. */
export function envelopeOf(
  draws: Draws,
  ordinal: number,
  event: { source: string; detailType: string; detail: unknown; region: string; at: number; resources?: readonly string[] },
): EventEnvelope {
  const digits = draws.hex(32, 'events/id', ordinal);
  return {
    version: '0',
    id: [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-'),
    'detail-type': event.detailType,
    source: event.source,
    account: '123456789012',
    // EventBridge gives whole seconds.
    time: new Date(event.at).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: event.region,
    resources: event.resources ?? [],
    detail: event.detail,
  };
}

/**
 * EventBridge with the given buses.
 * @param accept gets every accepted event and the name of its bus; returns the id that the event was given
 */
export function eventBridge(
  buses: readonly string[],
  accept: (bus: string, event: { source: string; detailType: string; detail: unknown; region: string; resources: readonly string[] }) => string,
): Service {
  return {
    name: 'events',
    operations: {
      PutEvents: reads((input: sdk.PutEventsCommandInput, { region }) => {
        const entries = input.Entries ?? [];
        if (entries.length < 1 || entries.length > 10)
          throw fault(
            'ValidationException',
            `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10, not ${entries.length}`,
          );
        const bytes = entries.reduce((sum, entry) => sum + (entry.Detail?.length ?? 0) + (entry.Source?.length ?? 0) + (entry.DetailType?.length ?? 0), 0);
        if (bytes > maxEntryBytes)
          throw fault('ValidationException', `Total size of the entries in the request is over the limit (${bytes} > ${maxEntryBytes}).`);
        let failed = 0;
        const refuse = (ErrorCode: string, ErrorMessage: string) => {
          failed++;
          return { ErrorCode, ErrorMessage };
        };
        const results = entries.map(({ Source, DetailType, Detail, EventBusName = 'default', Resources = [] }) => {
          if (!Source || !DetailType || Detail === undefined)
            return refuse('InvalidArgument', `Parameter ${!Source ? 'Source' : !DetailType ? 'DetailType' : 'Detail'} is not valid. Reason: missing.`);
          if (Source.startsWith('aws.')) return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
          const bus = EventBusName.replace(/^arn:.*:event-bus\//, '');
          if (!buses.includes(bus)) throw new NotSimulatedError(`events: there is no bus ${bus} in this rehearsal (${buses.join(', ')})`);
          const detail = parsed(Detail);
          if (detail === undefined) return refuse('MalformedDetail', 'Detail is malformed.');
          return { EventId: accept(bus, { source: Source, detailType: DetailType, detail, region, resources: Resources }) };
        });
        return { FailedEntryCount: failed, Entries: results };
      }),
    },
  };
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
