// What EC2 says of an instance when it is asked: announced events and failing status checks, as reports.
import type { EvidenceRecord } from '../../contracts/evidence.ts';
import { isOff, orderOf, type Report } from './report.ts';

/** Times in ms. */
export interface Asked {
  readonly id: string;
  readonly impaired: boolean | undefined;
  readonly announcements: readonly {
    readonly id: string;
    readonly code: string;
    readonly description: string;
    readonly notBefore: number;
    readonly notAfter: number | undefined;
  }[];
}

const hour = 3_600_000;
/** An announced event without an end lasts so long, ms. */
const lasts = 2 * hour;
/** A failing check counts for so long after EC2 was last asked, ms: several questions may fail. */
const statusCounts = 30 * 60_000;

const impacts: Readonly<Record<string, Report['impact']>> = {
  'instance-retirement': 'stop',
  'instance-stop': 'stop',
  'instance-reboot': 'reboot',
  'system-reboot': 'reboot',
  'system-maintenance': 'maintenance',
};

/** EC2 goes on showing what is over for some days, and says so in the description. */
const isOver = (description: string) => /^\s*\[(completed|cancell?ed)\]/i.test(description);

/** `now`: when EC2 was asked, ms. */
export function reportsOf({ id, impaired, announcements }: Asked, region: string, now: number): Report[] {
  const about: Report['about'] = { type: 'instances', ids: [id], well: [], balancers: [] };
  const announced = announcements.flatMap(({ id: event, code, description, notBefore, notAfter }): Report[] => {
    if (!Number.isFinite(notBefore)) return [];
    const until = notAfter !== undefined && notAfter > notBefore ? notAfter : notBefore + lasts;
    const report: Report = {
      ...{ kind: 'announced', event, region, about, from: notBefore, until, validUntil: until, order: orderOf(now, 0) },
      impact: impacts[code] ?? 'maintenance',
      status: isOver(description) ? 'closed' : 'open',
      label: `EC2 has announced ${code}`,
    };
    return isOff(report, now) === undefined ? [report] : [];
  });
  const status = (state: Report['status']): Report => ({
    ...{ kind: 'status', event: id, region, about, impact: 'issue', status: state, from: now, until: null, validUntil: now + statusCounts },
    ...{ label: 'EC2 finds it impaired', order: orderOf(now, 0) },
  });
  return impaired === undefined ? announced : [...announced, status(impaired ? 'open' : 'closed')];
}

/** Evidence of EC2's own that an answer does not mention any more: it was called off, or the instance runs no more. */
export const closedBy = (kept: EvidenceRecord, now: number): EvidenceRecord => ({ ...kept, status: 'closed', order: orderOf(now, 0) });

/** Whether a report says anything beyond what is kept. A status that still fails is written anew before it would count no more. */
export function isNews(record: EvidenceRecord, kept: EvidenceRecord | undefined, now: number): boolean {
  if (kept === undefined) return record.status === 'open';
  if (kept.status !== record.status) return true;
  if (record.status === 'closed') return false;
  if (record.kind === 'status') return Date.parse(kept.validUntil) - now < statusCounts / 2;
  return kept.from !== record.from || kept.until !== record.until || kept.impact !== record.impact;
}
