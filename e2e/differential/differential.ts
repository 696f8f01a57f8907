// The part of the run that plays the same runs on the simulated cloud and compares what both clouds saw.

import type { Run } from '../../rehearsal/world/run.ts';
import type { CollectedRun } from '../assertions/collect-run.ts';
import type { Check } from '../check.ts';
import type { GatewayRecord } from '../gateway/record.ts';
import { knownDifferences } from '../known-differences.ts';
import { compareAll, describeDifference } from './compare.ts';
import { recordOnSimulatedCloud } from './from-arm.ts';
import { recordsOfEmulator } from './from-emulator.ts';
import { type Trace, traceOf } from './trace.ts';

export interface PlayedOnEmulator {
  readonly run: Run;
  readonly collected: CollectedRun;
}

/**
 * @param played all services that were played on the emulator
 * @param calls all that its gateway recorded
 * @param compared services, by name, whose runs were the same on both clouds
 */
export async function checkDifferential(played: readonly PlayedOnEmulator[], calls: readonly GatewayRecord[], compared: ReadonlySet<string>): Promise<Check[]> {
  const emulated = new Map(
    recordsOfEmulator(
      played.map(({ collected }) => collected),
      calls,
    ).map((record) => [record.plan.service, record]),
  );
  const pairs: [Trace, Trace][] = [];
  for (const { run } of played) {
    const record = emulated.get(run.plan.service);
    if (record === undefined || !compared.has(run.plan.service)) continue;
    pairs.push([traceOf((await recordOnSimulatedCloud(run)).record), traceOf(record)]);
  }
  const { unexplained, outdated } = compareAll(pairs, knownDifferences);
  const services = pairs.map(([simulated, found]) => {
    const differences = unexplained.filter(({ where }) => where === found.service || where.startsWith(`${found.service} `));
    return {
      name: `${found.service}: phases, weights (${found.weights.join(', ')}) and mutating calls are those of the simulated cloud`,
      ok: differences.length === 0 && simulated.failovers.length > 0,
      detail: differences.map(describeDifference).join('\n'),
    };
  });
  return [
    ...services,
    { name: 'both clouds played', ok: services.length === compared.size, detail: `${services.length} of ${compared.size} services were compared` },
    ...outdated.map(({ id }) => ({ name: `the known difference ${id} still shows`, ok: false, detail: 'take it off e2e/known-differences.ts' })),
  ];
}
