// What the assertions look at, taken from a run on the simulated cloud.

import { controlRegionOf } from '../../../core/contracts/plan.ts';
import { MirrorRecord, SnapshotRecord } from '../../../core/contracts/records.ts';
import { readAccount } from '../../../e2e/assertions/account-state.ts';
import type { CollectedRun } from '../../../e2e/assertions/collect-run.ts';
import { type Observed, observed } from '../../../e2e/assertions/observed.ts';
import { ArmRecorder } from '../../../e2e/differential/from-arm.ts';
import { type Companion, type ForestallArm, playForestall } from '../../../rehearsal/arms/forestall.ts';
import { drawRun, type Scenario } from '../../../rehearsal/scenarios/scenario.ts';
import { shop } from '../../rehearsal/plan.ts';
import { overTheWire } from '../gateway/over-the-wire.ts';

type Item = Readonly<Record<string, unknown>>;

/** Reads the account and the tables when the run is over. */
class Reader implements Companion {
  account: Observed['account'] | undefined;
  resources: readonly Item[] = [];
  claims: readonly Item[] = [];
  known: Pick<Observed['context'], 'primaryInstances' | 'healthChecks'> | undefined;

  async end({ run: { plan, start, end }, runtime, account }: ForestallArm): Promise<void> {
    const { primaryInstances, checks } = account;
    this.known = { primaryInstances, healthChecks: { primary: checks.primary.calculated, standby: checks.standby.calculated } };
    this.account = await readAccount(runtime.cloud, { plan, controlRegion: controlRegionOf(plan), primaryInstances }, start, end);
    this.resources = await runtime.items('resources');
    this.claims = (await runtime.items('failovers')).filter(({ entry }) => entry === 'claim');
  }
}

export async function playAndObserve(scenario: Scenario, seed: number): Promise<Observed> {
  const [reader, recorder] = [new Reader(), new ArmRecorder()];
  await playForestall(drawRun(scenario, seed, shop), [reader, recorder]);
  const { record } = recorder;
  const { account, known, resources, claims } = reader;
  if (account === undefined || known === undefined) throw new Error('the run was not read');
  const named = (prefix: string) => resources.filter(({ subjectId }) => String(subjectId).startsWith(prefix));
  const run: CollectedRun = {
    ...record,
    executions: record.executions.map((execution) => ({ ...execution, endedAt: undefined, attempts: [] })),
    claims: claims.map(({ failoverId, started }) => ({ decisionId: String(failoverId), started: started === true })),
    mirrors: named('mirror#').map((item) => MirrorRecord.parse(item)),
    snapshots: named('snapshot#').map((item) => SnapshotRecord.parse(item)),
    latches: named('latch#').map(({ subjectId }) => String(subjectId)),
  };
  const calls = await overTheWire(record.calls);
  return observed({ endpoint: '', controlRegion: controlRegionOf(shop), plan: shop, calls, ...known }, run, account);
}
