// What Forestall's own records say at this moment, followed item by item as it writes them.

import type { Mode, Plan, SideName } from '../../core/contracts/plan.ts';
import { FailoverEvent, FailoverRecord, MirrorRecord, ReplacementRecord, RetiredRecord, ServiceRecord, SnapshotRecord } from '../../core/contracts/records.ts';
import type { ItemChange } from '../runtime/tables.ts';

type Service = Pick<ServiceRecord, 'mode' | 'activeSide' | 'lock' | 'latched'>;

/** The records of one service. */
export class Ledger {
  readonly plan: Plan;
  readonly failovers = new Map<string, FailoverRecord>();
  /** What the stories of failovers tell, by failover, line by line. */
  readonly stories = new Map<string, Map<string, FailoverEvent>>();
  /** By subject. */
  readonly mirrors = new Map<string, MirrorRecord>();
  readonly snapshots = new Map<string, SnapshotRecord>();
  readonly retired = new Map<string, RetiredRecord>();
  readonly replacements = new Map<string, ReplacementRecord>();
  #service: Service;
  #actedUntil = Number.NEGATIVE_INFINITY;

  constructor(plan: Plan) {
    this.plan = plan;
    this.#service = { mode: plan.mode, activeSide: 'primary', latched: {} };
  }

  get mode(): Mode {
    return this.#service.mode;
  }

  /** When the mode last ceased to be `act`, ms. */
  get actedUntil(): number {
    return this.#actedUntil;
  }

  get activeSide(): SideName {
    return this.#service.activeSide;
  }

  /** Sides that the service's record calls latched. */
  get latched(): readonly SideName[] {
    return sideNames.filter((side) => this.#service.latched[side] !== undefined);
  }

  get lock(): ServiceRecord['lock'] {
    return this.#service.lock;
  }

  /** Failovers that have neither ended nor been refused: they hold or held the lock. */
  get open(): FailoverRecord[] {
    return [...this.failovers.values()].filter(({ endedAt, fencingToken }) => endedAt === undefined && fencingToken > 0);
  }

  regionOf(side: SideName): string {
    return this.plan.sides[side].region;
  }

  /** Throws on a record of the service that cannot be read. `at`: when it was written, ms. */
  take({ table, sortKey = '', item }: ItemChange, at = Number.NEGATIVE_INFINITY): void {
    // The detector's states are many and large: of the resources only what is about instances and snapshots is read.
    const wanted = {
      services: true,
      failovers: sortKey === 'record' || isEvent(sortKey),
      resources: /^(mirror|snapshot|retired|replacement)#/.test(sortKey),
      assessments: false,
    }[table];
    if (!wanted) return;
    const image = item();
    if (isEvent(sortKey)) {
      const event = FailoverEvent.parse(image);
      const story = this.stories.get(event.failoverId) ?? new Map<string, FailoverEvent>();
      this.stories.set(event.failoverId, story.set(event.entry, event));
      return;
    }
    // The list of what runs, and other services' records.
    if (image['serviceId'] !== this.plan.service) return;
    if (table === 'services') {
      const acted = this.#service.mode === 'act';
      this.#service = ServiceRecord.parse(image);
      if (acted && this.#service.mode !== 'act') this.#actedUntil = at;
    }
    if (table === 'failovers') this.failovers.set(String(image['failoverId']), FailoverRecord.parse(image));
    else if (sortKey.startsWith('mirror#')) this.mirrors.set(sortKey, MirrorRecord.parse(image));
    else if (sortKey.startsWith('snapshot#')) this.snapshots.set(sortKey, SnapshotRecord.parse(image));
    else if (sortKey.startsWith('retired#')) this.retired.set(sortKey, RetiredRecord.parse(image));
    else if (sortKey.startsWith('replacement#')) this.replacements.set(sortKey, ReplacementRecord.parse(image));
  }
}

const sideNames: readonly SideName[] = ['primary', 'standby'];
const isEvent = (sortKey: string) => sortKey.startsWith('event#');
