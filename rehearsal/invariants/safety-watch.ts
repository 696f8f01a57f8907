// Watches one run and says whether the safety invariants I1-I8 held.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { InvariantResult } from '../results.ts';
import type { RehearsalRuntime } from '../runtime/runtime.ts';
import { Accounting } from './accounting.ts';
import { WithinRpo } from './data-loss.ts';
import { Endings } from './endings.ts';
import { Ledger } from './ledger.ts';
import { ModeIsRespected } from './modes.ts';
import { NoDestruction } from './no-destruction.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { Repetition } from './repetition.ts';
import { ReachesHealthySide, weightsGiven } from './routing.ts';
import type { Violation } from './tally.ts';
import type { Standing } from './truth.ts';
import { WithinCapacity } from './within-capacity.ts';
import type { WorldView } from './world-view.ts';

const minuteMs = 60_000;

export interface SafetyReport {
  /** I1 to I8, each once. */
  readonly invariants: readonly InvariantResult[];
  readonly violations: readonly Violation[];
}

export interface SafetyWatch {
  /** After each tick of the world: routing is looked at each time, everything else once a minute. */
  tick(at: number): void;
  /** When time is over. `standing`: what is there then, to compare the records with. */
  end(at: number, standing?: Omit<Standing, 'weights' | 'foreignWeights'>): SafetyReport;
}

/** Begins to watch. The service's records must stand in Route 53 by now; the service need not be known to Forestall yet. */
export function watchSafety(runtime: RehearsalRuntime, plan: Plan, view: WorldView): SafetyWatch {
  const { physical } = runtime.cloud;
  const ledger = new Ledger(plan);
  const weights = (): Record<SideName, number> => {
    const records = runtime.cloud.effectiveRecords(plan.record.hostedZoneId, plan.record.name).filter(({ type }) => type === plan.record.types[0]);
    const of = (side: SideName) => records.find(({ setIdentifier }) => setIdentifier === plan.sides[side].setIdentifier)?.weight ?? 0;
    return { primary: of('primary'), standby: of('standby') };
  };
  const reaches = new ReachesHealthySide(view);
  const capacity = new WithinCapacity(ledger, view, weights);
  const single = new OneAtATime(ledger);
  const destruction = new NoDestruction(ledger, (region) => physical.instances(region));
  const dataLoss = new WithinRpo(destruction.tally, ledger, view);
  const accounting = new Accounting(ledger);
  const repetition = new Repetition(ledger, (id) => physical.instance(id), weights());
  const modes = new ModeIsRespected(ledger, (id) => physical.instance(id));
  const endings = new Endings(ledger);
  runtime.onItem((change) => {
    ledger.take(change, runtime.clock.now());
    if (change.sortKey === 'record') single.sample(runtime.clock.now());
  });
  let foreignWeights = false;
  runtime.cloud.onCall((record) => {
    if (record.caller !== 'forestall') {
      const set = weightsGiven(record, ledger);
      if (set) {
        // What others do to the weights stands, and is not Forestall's doing.
        foreignWeights = true;
        capacity.found(set);
        repetition.found(set);
      }
      return;
    }
    for (const invariant of [capacity, single, destruction, dataLoss, accounting, repetition, modes]) invariant.call(record);
  });
  runtime.onDelivery((delivery) => repetition.delivery(delivery));
  let nextMinute = 0;
  return {
    tick(at) {
      reaches.sample(at);
      dataLoss.sample(at);
      capacity.observe();
      if (at < nextMinute) return;
      nextMinute = (Math.floor(at / minuteMs) + 1) * minuteMs;
      for (const invariant of [capacity, destruction, modes, endings]) invariant.minute(at);
      single.sample(at);
    },
    end(at, standing) {
      accounting.end(at, { instances: physical.instances(), snapshots: physical.snapshots() });
      repetition.end(at, runtime.executions());
      modes.end(at, runtime.cloud.calls);
      endings.end(at, runtime.executions(), standing && { ...standing, weights: weights(), foreignWeights });
      const tallies = [reaches, capacity, single, destruction, accounting, repetition, modes, endings].map(({ tally }) => tally);
      return { invariants: tallies.map(({ result }) => result), violations: tallies.flatMap(({ violations }) => violations) };
    },
  };
}
