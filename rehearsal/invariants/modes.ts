// I7: in observe and advise no mutating call reaches the customer's resources, and no side is latched.
import { evacuationMetric } from '../../core/contracts/deployment.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { Ledger } from './ledger.ts';
import { Tally } from './tally.ts';

export class ModeIsRespected {
  readonly tally = new Tally('I7');
  readonly #ledger: Ledger;
  #sinceLastMinute = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  call(record: CallRecord): void {
    if (record.caller !== 'forestall' || (!record.mutating && !latches(record))) return;
    this.#sinceLastMinute++;
    const { mode } = this.#ledger;
    this.tally.check(mode === 'act', record.at, () => `${record.service}:${record.operation} in ${record.region} in mode ${mode}`);
  }

  minute(at: number): void {
    const { mode } = this.#ledger;
    const calls = this.#sinceLastMinute;
    this.#sinceLastMinute = 0;
    this.tally.check(mode === 'act' || calls === 0, at, () => `${calls} mutating calls in a minute in mode ${mode}`);
  }
}

/** Health checks read this metric: a value of 1 takes a side out of routing. */
function latches({ operation, input }: CallRecord): boolean {
  if (operation !== 'PutMetricData' || input['Namespace'] !== evacuationMetric.namespace) return false;
  const data = (input['MetricData'] ?? []) as readonly { readonly MetricName?: string; readonly Value?: number }[];
  return data.some(({ MetricName, Value = 0 }) => MetricName === evacuationMetric.metricName && Value >= 1);
}
