// Record sets of a hosted zone: how they are named, ordered, compared and checked.
import { isIPv4, isIPv6 } from 'node:net';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

const routingFields = ['Weight', 'Region', 'GeoLocation', 'Failover', 'MultiValueAnswer', 'CidrRoutingConfig', 'GeoProximityLocation'] as const;
const types = new Set(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SPF', 'SRV', 'TXT', 'CAA', 'NAPTR', 'DS', 'HTTPS', 'SSHFP', 'SVCB', 'TLSA']);

/** Route 53's form of a name: lower case, with the trailing dot, `*` as \052. */
export const canonicalName = (name: string): string => `${name.toLowerCase().replace(/\.$/, '').replace(/\*/g, '\\052')}.`;

/** Identity of a record set within its zone. */
export const recordKey = (set: ResourceRecordSet): string => `${canonicalName(set.Name ?? '')}|${set.Type}|${set.SetIdentifier ?? ''}`;

const reversedName = (name: string): string => canonicalName(name).split('.').reverse().join('.');

/** Order of ListResourceRecordSets: name with its labels reversed, type, set identifier. */
export function compareRecords(left: ResourceRecordSet, right: ResourceRecordSet): number {
  const pairs: [string, string][] = [
    [reversedName(left.Name ?? ''), reversedName(right.Name ?? '')],
    [left.Type ?? '', right.Type ?? ''],
    [left.SetIdentifier ?? '', right.SetIdentifier ?? ''],
  ];
  for (const [one, other] of pairs) if (one !== other) return one < other ? -1 : 1;
  return 0;
}

/** Whether a record set is exactly another: every value, the TTL, the weight, the health check. */
export function sameRecord(left: ResourceRecordSet, right: ResourceRecordSet): boolean {
  return JSON.stringify(comparable(left)) === JSON.stringify(comparable(right));
}

function comparable(set: ResourceRecordSet): unknown {
  const { AliasTarget } = set;
  return [
    recordKey(set),
    set.TTL ?? null,
    set.HealthCheckId ?? null,
    (set.ResourceRecords ?? []).map(({ Value }) => Value ?? '').sort(),
    AliasTarget ? [AliasTarget.HostedZoneId, canonicalName(AliasTarget.DNSName ?? ''), AliasTarget.EvaluateTargetHealth] : null,
    routingFields.map((field) => set[field] ?? null),
  ];
}

const nameOf = (set: ResourceRecordSet) =>
  `[name='${canonicalName(set.Name ?? '')}', type='${set.Type}'${set.SetIdentifier === undefined ? '' : `, set identifier='${set.SetIdentifier}'`}]`;

/** What is wrong with the form of a record set (InvalidInput): members that are missing, too many or out of range. Empty when it is good. */
export function malformations(set: ResourceRecordSet): string[] {
  const problems: string[] = [];
  const what = nameOf(set);
  if (!types.has(set.Type ?? '')) problems.push(`Invalid type in ${what}`);
  const routing = routingFields.filter((field) => set[field] !== undefined);
  if (routing.length > 1) problems.push(`Invalid request: Expected exactly one of [${routingFields.join(', ')}], but found more than one in ${what}`);
  if (routing.length === 1 && set.SetIdentifier === undefined) problems.push(`Invalid request: Missing field 'SetIdentifier' in ${what}`);
  if (routing.length === 0 && set.SetIdentifier !== undefined) problems.push(`Invalid request: Expected one routing policy beside SetIdentifier in ${what}`);
  if (set.SetIdentifier !== undefined && (set.SetIdentifier.length < 1 || set.SetIdentifier.length > 128))
    problems.push(`SetIdentifier must have 1 to 128 characters in ${what}`);
  if (set.Weight !== undefined && (!Number.isInteger(set.Weight) || set.Weight < 0 || set.Weight > 255))
    problems.push(`Invalid request: Weight must be an integer from 0 to 255 in ${what}`);
  if (set.AliasTarget) {
    if (set.TTL !== undefined || set.ResourceRecords !== undefined) problems.push(`Invalid request: an alias has neither TTL nor ResourceRecords in ${what}`);
    if (set.AliasTarget.EvaluateTargetHealth === undefined) problems.push(`Invalid request: Missing field 'EvaluateTargetHealth' in ${what}`);
  } else {
    if (set.TTL === undefined || !Number.isInteger(set.TTL) || set.TTL < 0 || set.TTL > 2147483647)
      problems.push(`Invalid request: Missing or invalid field 'TTL' in ${what}`);
    if ((set.ResourceRecords ?? []).length === 0) problems.push(`Invalid request: Expected AliasTarget or ResourceRecords in ${what}`);
  }
  return problems;
}

/** What Route 53 would say against a well-formed record set by itself (InvalidChangeBatch); empty when it is good. */
export function recordProblems(set: ResourceRecordSet, zoneName: string): string[] {
  const problems: string[] = [];
  const name = canonicalName(set.Name ?? '');
  const what = nameOf(set);
  if (name !== zoneName && !name.endsWith(`.${zoneName}`)) problems.push(`RRSet with DNS name ${name} is not permitted in zone ${zoneName}`);
  if (!set.AliasTarget) {
    const values = (set.ResourceRecords ?? []).map(({ Value }) => Value ?? '');
    if (new Set(values).size !== values.length) problems.push(`Duplicate Resource Record in ${what}`);
    if (set.Type === 'CNAME' && values.length > 1) problems.push(`A CNAME has exactly one value in ${what}`);
    for (const value of values)
      if ((set.Type === 'A' && !isIPv4(value)) || (set.Type === 'AAAA' && !isIPv6(value)))
        problems.push(`Invalid Resource Record: '${value}' is not a valid address in ${what}`);
  }
  return problems;
}

/** The records that Route 53 makes with a zone: its name servers and its start of authority. */
export function initialRecords(zoneName: string): ResourceRecordSet[] {
  const servers = nameServers.map((server) => ({ Value: `${server}.` }));
  const authority = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  return [
    { Name: zoneName, Type: 'NS', TTL: 172_800, ResourceRecords: servers },
    { Name: zoneName, Type: 'SOA', TTL: 900, ResourceRecords: [{ Value: authority }] },
  ];
}

export const nameServers = ['ns-1.awsdns-00.com', 'ns-513.awsdns-01.net', 'ns-1025.awsdns-02.org', 'ns-1537.awsdns-03.co.uk'];
