// Follows the service's record: level, active side, and how long the standby was kept at which level.
import { environment } from '../../core/contracts/deployment.ts';
import { ServiceRecord } from '../../core/contracts/records.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { ArmResult, ForestallTimeline } from '../results.ts';
import type { RehearsalRuntime } from '../runtime/runtime.ts';
import { hour } from '../world/faults.ts';

/** Reads the record only after Forestall wrote to its table. */
export class ServiceWatch {
  readonly changes: ForestallTimeline['mirroring'][number][] = [];
  /** The record as it was when last read. */
  record: ServiceRecord | undefined;
  readonly #serviceId: string;
  readonly #runtime: RehearsalRuntime;
  readonly #readyInstances: () => number;
  readonly #hours = { minimal: 0, partial: 0, full: 0 };
  #written = true;
  #countedUntil: number | undefined;

  constructor(serviceId: string, runtime: RehearsalRuntime, readyInstances: () => number) {
    this.#serviceId = serviceId;
    this.#runtime = runtime;
    this.#readyInstances = readyInstances;
    runtime.cloud.onCall((call) => {
      if (isWriteToServices(call)) this.#written = true;
    });
  }

  /** Brings everything up to a time (ms) that has come. */
  async tick(now: number): Promise<void> {
    if (this.record && this.#countedUntil !== undefined) this.#hours[this.record.level] += (now - this.#countedUntil) / hour;
    this.#countedUntil = now;
    if (this.#written) {
      this.#written = false;
      const items = await this.#runtime.items('services');
      const item = items.find(({ serviceId }) => serviceId === this.#serviceId);
      this.record = item && ServiceRecord.parse(item);
    }
    if (this.record === undefined) return;
    const { level } = this.record;
    const readyInstances = this.#readyInstances();
    const last = this.changes.at(-1);
    if (last?.level !== level || last.readyInstances !== readyInstances) this.changes.push({ at: now, level, readyInstances });
  }

  /** Hours at each level, to four digits after the point. */
  get hours(): ArmResult['cost']['mirrorHours'] {
    const rounded = (hours: number) => Number(hours.toFixed(4));
    return { minimal: rounded(this.#hours.minimal), partial: rounded(this.#hours.partial), full: rounded(this.#hours.full) };
  }
}

const isWriteToServices = ({ service, operation, input }: CallRecord) =>
  service === 'dynamodb' && /^(Put|Update|Delete)Item$/.test(operation) && input['TableName'] === process.env[environment.servicesTable];
