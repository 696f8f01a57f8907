// Makes of what was collected on the emulator, and of what its gateway recorded, the same record of a run as of the simulated cloud.
import type { CollectedRun } from '../assertions/collect-run.ts';
import type { GatewayRecord } from '../gateway/record.ts';
import { sdkInputOf } from '../gateway/sdk-input.ts';
import { callsByService } from './attribution.ts';
import type { RunRecord, TracedCall } from './run-record.ts';

/** Functions have such names; whoever else calls is outside of the product. */
const isOurs = ({ caller }: GatewayRecord) => caller.startsWith('forestall-');

/** Signing names that are not what the simulated cloud calls the service. */
const serviceNames: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/**
 * One record for each run.
 * @param runs all services that were played; a call of the product's functions that is about none of them is an error
 * @param calls all that the gateway recorded
 * Throws UnknownCallError, UnattributedCallError.
 */
export function recordsOfEmulator(runs: readonly CollectedRun[], calls: readonly GatewayRecord[]): RunRecord[] {
  const sorted = callsByService(
    calls.filter(isOurs).map(traced),
    runs.map(({ plan }) => plan),
  );
  return runs.map(({ plan, service, failovers, events, executions }) => ({
    ...{ plan, service, failovers, events, executions },
    calls: sorted.get(plan.service) ?? [],
  }));
}

function traced(record: GatewayRecord): TracedCall {
  const { operation, input } = sdkInputOf(record);
  const error = record.status >= 400 ? (record.errorCode ?? `status ${record.status}`) : undefined;
  return { at: record.at, service: serviceNames[record.service] ?? record.service, operation, region: record.region, input, error };
}
