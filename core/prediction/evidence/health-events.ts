// AWS Health's events, read into reports: what they are about, when, and whether it goes on.
// Fields: AWS Health User Guide, "Reference: AWS Health events Amazon EventBridge schema".
import { z } from 'zod';
import type { HostEvent, Impact } from '../../contracts/evidence.ts';
import { type Ignored, InvalidEventError, orderOf, parsed, plausible, type Report } from './report.ts';

const hour = 3_600_000;
/** An issue of which nothing more is heard counts for so long, ms: AWS says how it goes on at least every hour or two. */
const issueCounts = 6 * hour;
/** A scheduled change without an end lasts so long, ms. */
const changeLasts = 2 * hour;

/** RFC 1123 or ISO 8601. */
const HealthTime = z
  .string()
  .refine((time) => Number.isFinite(Date.parse(time)), 'not a time')
  .transform((time) => Date.parse(time));

const Detail = z.object({
  eventArn: z.string().regex(/^arn:aws[a-z-]*:health:[^:]*:[^:]*:event\/.+$/, 'not the ARN of a Health event'),
  service: z.string().min(1),
  eventTypeCode: z.string().min(1),
  eventTypeCategory: z.enum(['issue', 'accountNotification', 'scheduledChange', 'investigation']),
  eventRegion: z.string().optional(),
  affectedAccount: z.string().optional(),
  availabilityZone: z.string().optional(),
  statusCode: z.enum(['open', 'closed', 'upcoming']).optional(),
  startTime: HealthTime.optional(),
  endTime: HealthTime.optional(),
  lastUpdatedTime: HealthTime.optional(),
  eventDescription: z.array(z.object({ latestDescription: z.string().default('') })).default([]),
  affectedEntities: z.array(z.object({ entityValue: z.string(), status: z.string().optional() })).default([]),
});
type Detail = z.infer<typeof Detail>;

const instancePattern = /\bi-[0-9a-f]{8,17}\b/g;
/** Ids of zones (use1-az4), and names (us-east-1a). */
const zonePattern = /\b([a-z]{3,6}\d-az\d|[a-z]{2}(?:-[a-z]+)+-\d[a-z])\b/g;
const balancerPattern = /loadbalancer\/((?:app|net)\/[^/]+\/[0-9a-f]{16})$/;

/** `at`: ms, when the event was sent; `now`: ms, when it is read. Throws InvalidEventError. */
export function readHealthEvent(event: HostEvent, at: number, now: number): Report | Ignored {
  const detail = parsed(Detail, event.detail, 'a Health event');
  if (detail.affectedAccount !== undefined && detail.affectedAccount !== event.account) return { ignored: `it is about account ${detail.affectedAccount}` };
  if (detail.eventTypeCategory === 'accountNotification') return { ignored: 'an account notification says nothing of failures' };
  const from = detail.startTime ?? at;
  if (detail.endTime !== undefined && detail.endTime < from)
    throw new InvalidEventError(`Health event ${detail.eventArn} ends before it begins (${new Date(detail.endTime).toISOString()})`);
  const about = aboutOf(detail, event.resources);
  const region = detail.eventRegion ?? event.region;
  const scheduled = detail.eventTypeCategory === 'scheduledChange';
  const closed = detail.statusCode === 'closed';
  // Of an issue the end is known when it is over; AWS may give the end of a change beforehand.
  const until = scheduled ? (detail.endTime ?? from + changeLasts) : closed ? (detail.endTime ?? at) : null;
  const heard = plausible(detail.lastUpdatedTime ?? at, now);
  return {
    kind: 'health',
    event: detail.eventArn.replace(/^.*?:event\//, ''),
    // Some services have no Region of their own.
    region: region === 'global' ? undefined : region,
    about,
    impact: impactOf(detail),
    status: closed ? 'closed' : 'open',
    from,
    until,
    validUntil: scheduled ? (until ?? from) : heard + issueCounts,
    label: `AWS Health: ${detail.eventTypeCode.replace(/^AWS_/, '').replaceAll('_', ' ').toLowerCase()}`,
    order: orderOf(heard, closed ? 1 : 0),
  };
}

const isWell = ({ status }: { readonly status?: string | undefined }) => status === 'RESOLVED' || status === 'UNIMPAIRED';
const idsIn = (values: readonly string[]): string[] => [...new Set(values.flatMap((value) => value.match(instancePattern) ?? []))];
/** Texts are long, and zones are named in their first sentences. */
const textRead = 4000;

/** What it names; a public issue mostly names no resource, but a zone in its text. */
function aboutOf({ affectedEntities, availabilityZone, eventDescription, service, eventTypeCategory }: Detail, resources: readonly string[]): Report['about'] {
  const affected = affectedEntities.filter((entity) => !isWell(entity)).map(({ entityValue }) => entityValue);
  const well = idsIn(affectedEntities.filter(isWell).map(({ entityValue }) => entityValue));
  const values = affectedEntities.length > 0 ? affected : resources;
  const ids = idsIn(values);
  const balancers = values.flatMap((value) => balancerPattern.exec(value)?.[1] ?? []);
  if (ids.length > 0 || balancers.length > 0 || well.length > 0) return { type: 'instances', ids, well, balancers };
  // Of changes only what they name concerns anybody: their texts speak of many things.
  const texts = eventTypeCategory === 'scheduledChange' ? [] : eventDescription.map(({ latestDescription }) => latestDescription.slice(0, textRead));
  const zones = new Set([availabilityZone ?? [], [...values, ...texts].flatMap((text) => text.match(zonePattern) ?? [])].flat());
  if (zones.size > 0) return { type: 'zones', zones: [...zones], awsService: service };
  // It names resources, and none that a side is made of; AWS_ACCOUNT and UNKNOWN stand for no resource in particular.
  if (affectedEntities.some(({ entityValue }) => entityValue !== 'AWS_ACCOUNT' && entityValue !== 'UNKNOWN' && !/^\d{12}$/.test(entityValue)))
    return { type: 'instances', ids: [], well: [], balancers: [] };
  return { type: 'region', awsService: service };
}

function impactOf({ eventTypeCategory, eventTypeCode }: Detail): Impact {
  if (eventTypeCategory === 'issue' || eventTypeCategory === 'investigation') return eventTypeCategory;
  if (/PLANNED_LIFECYCLE/.test(eventTypeCode)) return 'none';
  if (/RETIRE|_STOP|TERMINAT/.test(eventTypeCode)) return 'stop';
  return /REBOOT/.test(eventTypeCode) ? 'reboot' : 'maintenance';
}
