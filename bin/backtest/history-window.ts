// Which time is read from CloudWatch, and at which period: CloudWatch forgets fine points sooner than coarse ones.
import { parseTime } from '../../rehearsal/telemetry/read-csv.ts';
import { InputError } from '../commands/command.ts';

const day = 86_400_000;
const units = { m: 60_000, h: 3_600_000, d: day } as const;

/** How long CloudWatch keeps points of a period (API reference of GetMetricData, "Amazon CloudWatch retains metric data as follows"). */
const retention = [
  { period: 60, days: 15 },
  { period: 300, days: 63 },
  { period: 3600, days: 455 },
] as const;

/** ms since the epoch; `from` is aligned to `period`, seconds: the shortest that CloudWatch still has for all of it. */
export interface HistoryWindow {
  readonly from: number;
  readonly to: number;
  readonly period: 60 | 300 | 3600;
}

/**
 * @param since a length as in `36h` or `15d`, back from `until`, or a time
 * @param until a time; default: now
 * @throws InputError
 */
export function historyWindow(since: string, until: string | undefined, now: number): HistoryWindow {
  const to = until === undefined ? now : parseTime(until);
  if (Number.isNaN(to)) throw new InputError(`--until '${until}' is not a time; write it as in 2026-01-31T12:00:00Z`);
  if (to > now) throw new InputError(`--until ${until} lies in the future; leave it out to read until now`);
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([mhd])$/.exec(since) ?? [];
  const from = amount === undefined ? parseTime(since) : to - Number(amount) * (units[unit as keyof typeof units] ?? day);
  if (Number.isNaN(from)) throw new InputError(`--since '${since}' is neither a length nor a time; write it as in 15d, 36h or 2026-01-31T12:00:00Z`);
  if (from >= to) throw new InputError(`there is no time between --since ${since} and ${until === undefined ? 'now' : `--until ${until}`}; begin earlier`);
  // A minute of tolerance: `15d` means all that there is of the finest points.
  const kept = retention.find(({ days }) => now - from <= days * day + 60_000);
  if (kept === undefined) throw new InputError(`--since ${since} is too long ago: CloudWatch keeps metrics for 455 days; begin later`);
  return { from: Math.ceil(from / (kept.period * 1000)) * kept.period * 1000, to, period: kept.period };
}

/** What the choice of the period means, for people. */
export function periodNote({ period }: HistoryWindow): string {
  if (period === 60) return 'points of one minute, where the metric has them (CloudWatch keeps them for 15 days)';
  if (period === 300) return 'points of 5 minutes (CloudWatch keeps finer ones for 15 days only): what is shorter cannot be seen';
  return 'points of one hour (CloudWatch keeps finer ones for 63 days only): only slow changes can be seen; live scoring sees every minute. Begin within 63 days for more';
}
