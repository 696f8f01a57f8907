// I7: in observe and advise no mutating call reaches the customer's resources, and no side is latched; in act none reaches anything that the plan does not name.
import { evacuationMetric } from '../../core/contracts/deployment.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { InstanceView } from '../cloud/cloud.ts';
import { Allowed } from './allowed.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';

const minuteMs = 60_000;
/** A function that has read the mode a moment ago may be about to act on it; no lock is held against an operator. */
const momentMs = 10_000;

export class ModeIsRespected {
  readonly tally = new Tally('I7');
  readonly #ledger: Ledger;
  readonly #allowed: Allowed;
  /** Sides that the newest value takes out of routing. */
  readonly #latched = new Set<string>();
  #mutating = 0;
  #sinceLastMinute = 0;

  constructor(ledger: Ledger, instance: (id: string) => InstanceView | undefined) {
    this.#ledger = ledger;
    this.#allowed = new Allowed(ledger.plan, instance);
  }

  /** Each call is judged by the mode at its time, and by what it touches. */
  call(record: CallRecord): void {
    if (record.caller !== 'forestall' || (!record.mutating && !this.#latchesAnew(record))) return;
    if (record.mutating) this.#mutating++;
    this.#sinceLastMinute++;
    const mode = (record.sentAt ?? record.at) - this.#ledger.actedUntil < momentMs ? 'act' : this.#ledger.mode;
    const what = () => `${record.service}:${record.operation} in ${record.region}`;
    const objection = this.#allowed.objection(record);
    this.tally.check(mode === 'act' && objection === undefined, record.at, () => (mode === 'act' ? `${what()}: ${objection}` : `${what()} in mode ${mode}`));
  }

  /** Where nothing may be changed each quiet minute counts; in act there would be nothing that a minute could break. */
  minute(at: number): void {
    const { mode } = this.#ledger;
    const calls = this.#sinceLastMinute;
    this.#sinceLastMinute = 0;
    if (mode !== 'act' && at - this.#ledger.actedUntil > minuteMs + momentMs)
      this.tally.check(calls === 0, at, () => `${calls} mutating calls in a minute in mode ${mode}`);
  }

  /** @param calls as the cloud has noted them: none went past this */
  end(at: number, calls: readonly CallRecord[]): void {
    const noted = calls.filter(({ caller, mutating }) => caller === 'forestall' && mutating).length;
    this.tally.check(noted === this.#mutating, at, () => `the cloud was changed by ${noted} calls, of which ${this.#mutating} were judged`);
  }

  /** Health checks read this metric: a value of 1 takes a side out of routing. Repeated for a side that is out already, it keeps things as they are. */
  #latchesAnew({ operation, input, error }: CallRecord): boolean {
    if (operation !== 'PutMetricData' || input['Namespace'] !== evacuationMetric.namespace) return false;
    let anew = false;
    const [, sideDimension] = evacuationMetric.dimensions;
    for (const { MetricName, Value = 0, Dimensions = [] } of (input['MetricData'] ?? []) as readonly Datum[]) {
      if (MetricName !== evacuationMetric.metricName) continue;
      const side = Dimensions.find(({ Name }) => Name === sideDimension)?.Value ?? '';
      if (Value >= 1 && !this.#latched.has(side)) anew = true;
      if (error) continue;
      if (Value >= 1) this.#latched.add(side);
      else this.#latched.delete(side);
    }
    return anew;
  }
}

interface Datum {
  readonly MetricName?: string;
  readonly Value?: number;
  readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[];
}
