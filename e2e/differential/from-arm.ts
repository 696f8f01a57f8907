// Takes down what a run on the simulated cloud leaves behind.
import { FailoverEvent, FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';
import { type Companion, type ForestallArm, type ForestallPlayed, playForestall } from '../../rehearsal/arms/forestall.ts';
import type { Run } from '../../rehearsal/world/run.ts';
import type { RunRecord, TracedCall } from './run-record.ts';

/** Follows one arm. `record` is there when the arm has ended. */
export class ArmRecorder implements Companion {
  readonly #calls: TracedCall[] = [];
  #record: RunRecord | undefined;

  get record(): RunRecord {
    if (this.#record === undefined) throw new Error('the arm has not ended yet');
    return this.#record;
  }

  begin({ runtime }: ForestallArm): void {
    runtime.cloud.onCall(({ at, caller, service, operation, region, input, error }) => {
      if (caller === 'forestall') this.#calls.push({ at, service, operation, region, input, error: error?.name });
    });
  }

  async end({ run: { plan }, runtime }: ForestallArm): Promise<void> {
    const failovers = await runtime.items('failovers');
    const [service] = (await runtime.items('services')).filter(({ serviceId }) => serviceId === plan.service);
    this.#record = {
      plan,
      calls: this.#calls,
      executions: runtime.executions().map(({ history, ...execution }) => ({ ...execution, states: history.map(({ state }) => state) })),
      service: ServiceRecord.parse(service),
      failovers: failovers.filter(({ entry, serviceId }) => entry === 'record' && serviceId === plan.service).map((item) => FailoverRecord.parse(item)),
      events: failovers.filter(({ entry }) => String(entry).startsWith('event#')).map((item) => FailoverEvent.parse(item)),
    };
  }
}

/** Plays a run on the simulated cloud and takes it down. */
export async function recordOnSimulatedCloud(run: Run): Promise<{ readonly record: RunRecord; readonly played: ForestallPlayed }> {
  const recorder = new ArmRecorder();
  const played = await playForestall(run, [recorder]);
  return { record: recorder.record, played };
}
