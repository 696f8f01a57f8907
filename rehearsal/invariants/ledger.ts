// What Forestall's own records say at this moment, followed item by item as it writes them.

import type { Mode, Plan, SideName } from '../../core/contracts/plan.ts';
import { FailoverRecord, MirrorRecord, ServiceRecord, SnapshotRecord } from '../../core/contracts/records.ts';
import type { ItemChange } from '../runtime/tables.ts';

type Service = Pick<ServiceRecord, 'mode' | 'activeSide' | 'lock'>;

/** The records of one service. */
export class Ledger {
  readonly plan: Plan;
  readonly failovers = new Map<string, FailoverRecord>();
  /** By subject. */
  readonly mirrors = new Map<string, MirrorRecord>();
  readonly snapshots = new Map<string, SnapshotRecord>();
  #service: Service;

  constructor(plan: Plan) {
    this.plan = plan;
    this.#service = { mode: plan.mode, activeSide: 'primary' };
  }

  get mode(): Mode {
    return this.#service.mode;
  }

  get activeSide(): SideName {
    return this.#service.activeSide;
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

  take({ table, sortKey = '', item }: ItemChange): void {
    if (table === 'assessments') return;
    if (table === 'resources') {
      // The detector's states are many and large: only what is about the mirror is read.
      if (sortKey.startsWith('mirror#')) this.mirrors.set(sortKey, MirrorRecord.parse(item()));
      if (sortKey.startsWith('snapshot#')) this.snapshots.set(sortKey, SnapshotRecord.parse(item()));
      return;
    }
    if (table === 'failovers') {
      const image = sortKey === 'record' ? FailoverRecord.safeParse(item()) : undefined;
      if (image?.data?.serviceId === this.plan.service) this.failovers.set(image.data.failoverId, image.data);
      return;
    }
    const service = ServiceRecord.safeParse(item());
    if (service.data?.serviceId === this.plan.service) this.#service = service.data;
  }
}
