// Route 53, reading only: what a hosted zone says about one name.
import { GetHostedZoneCommand, ListResourceRecordSetsCommand, NoSuchHostedZone, Route53Client } from '@aws-sdk/client-route-53';
import { clientFor } from './clients.ts';

export interface ZoneRecord {
  readonly type: string;
  readonly setIdentifier: string | undefined;
  /** undefined: not a weighted record */
  readonly weight: number | undefined;
  readonly healthCheckId: string | undefined;
  /** seconds; undefined for an alias */
  readonly ttlSeconds: number | undefined;
}

export interface HostedZone {
  /** without the final dot */
  readonly name: string;
  readonly private: boolean;
  /** every record of the name that was asked for */
  readonly records: readonly ZoneRecord[];
}

/** `name` without final dot. Undefined: there is no such zone. Route 53 is a global service whose API is in us-east-1. */
export async function readHostedZone(hostedZoneId: string, name: string): Promise<HostedZone | undefined> {
  const client = clientFor(Route53Client, 'us-east-1');
  try {
    const { HostedZone: zone } = await client.send(new GetHostedZoneCommand({ Id: hostedZoneId }));
    return { name: plainName(zone?.Name ?? ''), private: zone?.Config?.PrivateZone ?? false, records: await recordsOf(client, hostedZoneId, name) };
  } catch (error) {
    if (error instanceof NoSuchHostedZone) return undefined;
    throw error;
  }
}

async function recordsOf(client: Route53Client, hostedZoneId: string, name: string): Promise<ZoneRecord[]> {
  const records: ZoneRecord[] = [];
  let from: { StartRecordName: string; StartRecordType?: 'A'; StartRecordIdentifier?: string } | undefined = { StartRecordName: name };
  while (from) {
    const page: Awaited<ReturnType<typeof list>> = await list(client, hostedZoneId, from);
    for (const record of page.ResourceRecordSets ?? [])
      if (plainName(record.Name ?? '') === name)
        records.push({
          type: record.Type ?? '',
          setIdentifier: record.SetIdentifier,
          weight: record.Weight,
          healthCheckId: record.HealthCheckId,
          ttlSeconds: record.TTL,
        });
    // Pages are in the order of names: once another name begins, this one is complete.
    from =
      page.IsTruncated && page.NextRecordName !== undefined && plainName(page.NextRecordName) === name
        ? {
            StartRecordName: page.NextRecordName,
            ...(page.NextRecordType ? { StartRecordType: page.NextRecordType as 'A' } : {}),
            ...(page.NextRecordIdentifier ? { StartRecordIdentifier: page.NextRecordIdentifier } : {}),
          }
        : undefined;
  }
  return records;
}

const list = (client: Route53Client, hostedZoneId: string, from: { StartRecordName: string; StartRecordType?: 'A'; StartRecordIdentifier?: string }) =>
  client.send(new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId, ...from }));

/** Route 53 writes `*` as \052 and ends names with a dot. */
const plainName = (name: string) => name.replace(/\\052/g, '*').replace(/\.$/, '').toLowerCase();
