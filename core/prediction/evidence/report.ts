// What a source says, before it is known whom it concerns.
import type { z } from 'zod';
import type { EvidenceKind, Impact } from '../../contracts/evidence.ts';

/** Times in ms since the epoch. */
export interface Report {
  readonly kind: EvidenceKind;
  /** identifies what is reported on among all reports of its kind */
  readonly event: string;
  /** AWS Region; undefined: any */
  readonly region: string | undefined;
  readonly about: /** `well`: instances that were named before, and are not affected any more */
    | { readonly type: 'instances'; readonly ids: readonly string[]; readonly well: readonly string[]; readonly balancers: readonly string[] }
    | { readonly type: 'zones'; readonly zones: readonly string[]; readonly awsService: string }
    | { readonly type: 'region'; readonly awsService: string }
    | { readonly type: 'service'; readonly service: string; readonly side: 'primary' | 'standby' | 'both' }
    | { readonly type: 'codedeploy'; readonly application: string; readonly deploymentGroup: string }
    | { readonly type: 'ecs'; readonly cluster: string; readonly service: string };
  readonly impact: Impact;
  readonly status: 'open' | 'closed';
  readonly from: number;
  readonly until: number | null;
  readonly validUntil: number;
  readonly label: string;
  /** sorts reports of one event, the newest last */
  readonly order: string;
}

/** An event that is not one of its kind: malformed, or of a version that is not known. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';
}

/** `value` as the schema has it. `what` names it in the error. Throws InvalidEventError. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidEventError(`${what} is not readable: ${issue?.path.join('.') || 'the event'}: ${issue?.message}`, { cause: result.error });
}

/** An event that is understood and of no concern. */
export interface Ignored {
  readonly ignored: string;
}

/** ms; `rank` orders reports of one moment. */
export const orderOf = (at: number, rank: number): string => `${new Date(at).toISOString()}#${rank}`;

/** Clocks differ by less, ms. */
const mostAhead = 3_600_000;

/**
 * When something was said, ms: a time that is still to come by more than an hour is a mistake of its sender, and counts as now. By `order` no later report would
 * ever replace it, so that what it opens could not be closed.
 */
export const plausible = (said: number, now: number): number => (said > now + mostAhead ? now : said);

/** Reports of a time so far away say nothing of now, ms. */
export const farthest = 400 * 86_400_000;

/** Why a report is not kept, if so. `now`: ms. */
export function isOff({ from, until }: Pick<Report, 'from' | 'until'>, now: number): string | undefined {
  if (from > now + farthest) return `it begins on ${new Date(from).toISOString()}, more than 400 days from now`;
  if (until !== null && until < now - farthest) return `it ended on ${new Date(until).toISOString()}, more than 400 days ago`;
  return undefined;
}
