// The risk of a side from what is measured and what is said of it: instances first, then zones, then the side as a whole.
import type { EvidenceRecord } from '../../contracts/evidence.ts';
import type { MetricDefinition } from '../../contracts/metrics.ts';
import type { Reason } from '../port.ts';
import { type Part, type Risk, sideRisk } from '../service-risk.ts';
import { duration } from '../wording.ts';
import { measuredToo, type Pointer, withPointers } from './combine.ts';
import { isDeploying, isRecent } from './deployments.ts';
import { type Neighbour, unusualZones } from './neighbourhood.ts';
import { type Carried, threatOf, withoutPlanned } from './planned-load.ts';
import { nothingToSpare, worthOf, zonePattern } from './probabilities.ts';

export interface SideResource {
  readonly id: string;
  /** name and id of its zone, as far as they are known */
  readonly zones: readonly string[];
  readonly part: Part | undefined;
  readonly metrics: readonly Pick<MetricDefinition, 'name' | 'role'>[];
}

/** What is known of a side. Times in ms. */
export interface SideView {
  readonly entry: Part | undefined;
  readonly entryMetrics: SideResource['metrics'];
  readonly resources: readonly SideResource[];
  /** resources that carry the present load; undefined: not known, then every one counts */
  readonly needed: number | undefined;
  /** of this service and this side */
  readonly evidence: readonly EvidenceRecord[];
  /** resources of this service and of others that share zones with it */
  readonly neighbours: readonly Neighbour[];
  readonly planned: Carried | undefined;
  readonly horizonMinutes: number;
  readonly now: number;
}

/** A loss that is as good as certain. */
const lossFrom = 0.5;

const iso = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** What an event says of an instance, a zone or a side. An event that was closed as a whole says nothing, whatever is still kept of its parts. */
function pointersOf(records: readonly EvidenceRecord[], view: Pick<SideView, 'horizonMinutes' | 'now'>, subject: string): Pointer[] {
  return records.flatMap((record): Pointer[] => {
    const { probability, minutes } = worthOf(record, view.horizonMinutes, view.now);
    if (probability === 0) return [];
    const begins = Date.parse(record.from) - view.now;
    const when = begins > 0 ? `on ${iso(record.from)}, in ${duration(begins)}` : `since ${iso(record.from)}`;
    return [{ probability, minutes, fact: factOf(record), reason: { metric: subject, kind: 'event', detail: `${subject}: ${record.label}, ${when}` } }];
  });
}

/** EC2 and AWS Health announce the same things. */
function factOf({ kind, event, impact }: EvidenceRecord): string {
  if (kind === 'status') return measuredToo;
  return kind === 'announced' || impact === 'stop' || impact === 'reboot' || impact === 'maintenance' ? 'announced' : `${kind} ${event}`;
}

/** Evidence that still stands: of events that were not closed as a whole by a newer report, and, during a deployment, not what a deployment does itself. */
export function standing(evidence: readonly EvidenceRecord[], now: number): EvidenceRecord[] {
  const closed = new Map(evidence.flatMap(({ status, scope, event, order }) => (status === 'closed' && scope !== 'instance' ? [[event, order] as const] : [])));
  const deploying = evidence.some((record) => isDeploying(record, now));
  return evidence.filter(({ status, event, order, kind }) => status === 'open' && !((closed.get(event) ?? '') >= order) && !(kind === 'state' && deploying));
}

/** What is said of one instance alone, e.g. for its own history of scores. */
export const resourceWithEvidence = (part: Part | undefined, id: string, view: Pick<SideView, 'evidence' | 'horizonMinutes' | 'now'>): Part | undefined =>
  withPointers(
    part,
    pointersOf(
      standing(view.evidence, view.now).filter(({ scope, names }) => scope === 'instance' && names.includes(id)),
      view,
      id,
    ),
  );

/** `sideRisk` of what is measured, when nothing is said of the side. */
export function sideRiskWithEvidence(view: SideView): Risk {
  const { needed, now, planned } = view;
  const evidence = standing(view.evidence, now);
  const patterns = unusualZones(view.neighbours, now);
  const explained = (part: Part | undefined, metrics: SideResource['metrics']) =>
    planned && part ? withoutPlanned(part, planned, new Map(metrics.map(({ name, role }) => [name, role])), now) : part;
  const ofZone = (zones: readonly string[]): Pointer[] => [
    ...pointersOf(
      evidence.filter(({ scope, names }) => scope === 'zone' && names.some((name) => zones.includes(name))),
      view,
      zones[0] ?? 'zone',
    ),
    ...patterns
      .filter(({ zone }) => zones.includes(zone))
      .map(
        ({ zone, detail }): Pointer => ({
          probability: zonePattern,
          // It is made of their own metrics, so that nothing is added to a higher score of one of them.
          fact: measuredToo,
          minutes: null,
          reason: { metric: zone, kind: 'neighbourhood', detail },
        }),
      ),
  ];
  const parts = view.resources.flatMap(({ id, zones, part, metrics }) => {
    const own = pointersOf(
      evidence.filter(({ scope, names }) => scope === 'instance' && names.includes(id)),
      view,
      id,
    );
    const together = withPointers(explained(part, metrics), [...own, ...ofZone(zones)]);
    return together ? [{ part: together, measured: part !== undefined, lost: own.some(({ probability }) => probability >= lossFrom) }] : [];
  });
  const base = ofParts(explained(view.entry, view.entryMetrics), parts, view.resources.length, needed);
  return withDeployments(withSide(base, view, evidence, parts), evidence, now);
}

interface Told {
  readonly part: Part;
  /** has a score of its own; otherwise something is only said of it */
  readonly measured: boolean;
}

/** Nothing is measured and nothing is said: no ground for any decision. */
const unknownPart: Part = { failureProbability: 0, expectedInMinutes: null, reasons: [], silent: true };

/**
 * What is said of a few must not make all of those that are left of the rest, of which nothing is known: these are there, and count among what carries the load.
 * But what is measured is never less for it.
 * @param all resources of the side, known or not
 */
function ofParts(entry: Part | undefined, told: readonly Told[], all: number, needed: number | undefined): Risk {
  const parts = told.map(({ part }) => part);
  const measured = told.flatMap((one) => (one.measured ? [one.part] : []));
  if (told.length === all || measured.length === told.length) return sideRisk(entry, parts, needed);
  const withUnknown = sideRisk(entry, [...parts, ...new Array<Part>(all - told.length).fill(unknownPart)], needed);
  const withoutSaid = sideRisk(entry, measured, needed);
  return (withoutSaid.score ?? -1) > (withUnknown.score ?? -1) ? withoutSaid : withUnknown;
}

/** What concerns the side as a whole. */
function withSide(base: Risk, view: SideView, evidence: readonly EvidenceRecord[], parts: readonly { readonly lost: boolean }[]): Risk {
  const unplaced = evidence.filter(({ scope, names }) => scope === 'zone' && !isPlaceable(names, view.resources));
  const pointers = [
    ...pointersOf([...evidence.filter(({ scope }) => scope === 'side'), ...unplaced.map((record) => ({ ...record, scope: 'side' as const }))], view, 'side'),
    ...(view.planned ? threatOf(view.planned, view.now) : []),
    ...spareOf(view, parts),
  ];
  if (pointers.length === 0) return base;
  const together = withPointers(
    { failureProbability: base.score, expectedInMinutes: base.expectedInMinutes, reasons: base.reasons, silent: base.held },
    pointers,
  );
  return together
    ? { score: together.failureProbability, expectedInMinutes: together.expectedInMinutes, reasons: shown(together.reasons), held: together.silent ?? false }
    : base;
}

const isZoneId = (name: string) => /-az\d+$/.test(name);

/** Whether it can be told which resources are in a zone. AWS Health names zones by id, which only plan:apply has looked up. */
const isPlaceable = (names: readonly string[], resources: readonly SideResource[]): boolean =>
  resources.length > 0 && (!names.every(isZoneId) || resources.some(({ zones }) => zones.some(isZoneId)));

/** Losses that leave no spare. Where they leave too few, the side's risk says so already. */
function spareOf({ resources, needed }: SideView, parts: readonly { readonly lost: boolean }[]): Pointer[] {
  const lost = parts.filter((part) => part.lost).length;
  if (lost === 0 || needed === undefined) return [];
  const carry = Math.max(1, needed);
  if (resources.length - lost !== carry) return [];
  return [
    {
      probability: nothingToSpare,
      fact: 'spare',
      minutes: null,
      reason: {
        metric: 'capacity',
        kind: 'event',
        detail: `${resources.length - lost} of ${resources.length} instances will be left, and ${carry} carry the load: none of them may fail`,
      },
    },
  ];
}

const mostReasons = 8;
const shown = (reasons: readonly Reason[]): Reason[] => [...new Map(reasons.map((reason) => [reason.detail, reason])).values()].slice(0, mostReasons);

/**
 * A deployment changes no score. It is the most frequent cause of real failures, and the other side mostly still has the version that worked: to take
 * evidence for less after one would cost lead where it is needed. That ordinary deployments move nothing is shown without it (scenario `calm`).
 */
function withDeployments(risk: Risk, evidence: readonly EvidenceRecord[], now: number): Risk {
  if (risk.reasons.length === 0) return risk;
  const recent = evidence.filter((record) => isRecent(record, now));
  if (recent.length === 0) return risk;
  const said = recent.map(
    ({ label, from }): Reason => ({ metric: 'deployment', kind: 'event', detail: `${label} ${duration(now - Date.parse(from))} before this` }),
  );
  return { ...risk, reasons: shown([...risk.reasons.slice(0, mostReasons - Math.min(2, said.length)), ...said.slice(0, 2)]) };
}
