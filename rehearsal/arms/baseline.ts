// The arms without Forestall: plain Route 53 failover, nothing at all, and the oracle.
import type { SideName } from '../../core/contracts/plan.ts';
import type { ArmName, ArmResult, TrafficSample } from '../results.ts';
import { failoverAnswer } from '../world/dns.ts';
import { hour } from '../world/faults.ts';
import { fullStrength, type Run } from '../world/run.ts';
import { hostsOf } from '../world/side.ts';
import { World } from '../world/world.ts';
import { Movement } from './movement.ts';

export interface ArmPlayed {
  readonly result: ArmResult;
  readonly samples: readonly TrafficSample[];
  readonly movement: Movement;
}

/** ISO 8601 with Z, or null. */
export const timeOrNull = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : new Date(at).toISOString());

/** When the oracle is on the standby: from the onset of a fault of the primary on; with a recording, for as long as each labelled incident lasts. */
function oracleAway({ recording, faults, primaryFails, onset, start, end }: Run): { from: number; until: number }[] {
  if (recording) return faults.all.filter(({ from }) => from >= start).map(({ from, until }) => ({ from, until: until ?? end }));
  return primaryFails && onset !== null ? [{ from: onset, until: Number.POSITIVE_INFINITY }] : [];
}

/** Plays a run with one of the arms that need no cloud. */
export function playBaseline(run: Run, arm: Exclude<ArmName, 'forestall'>): ArmPlayed {
  const { plan, faults } = run;
  const away = oracleAway(run);
  const standbyHosts = arm === 'none' ? 0 : fullStrength(plan, 'standby');
  const world: World = new World(run, {
    hosts: (side: SideName, at) => hostsOf(side, side === 'primary' ? fullStrength(plan, 'primary') : standbyHosts, at, faults),
    answer: (at) => {
      if (arm === 'none') return 1;
      if (arm === 'oracle') return away.some(({ from, until }) => at >= from && at < until) ? 0 : 1;
      return failoverAnswer(world.checkers.primary.healthy, world.checkers.standby.healthy);
    },
  });
  const movement = new Movement();
  while (world.now < run.end) movement.observe(world.step());

  const flip = world.checkers.primary.changes[0]?.at;
  const moved = movement.firstShiftAt !== null;
  return {
    samples: world.samples,
    movement,
    result: {
      ...world.totals,
      outcome: !moved ? 'no-action' : arm === 'oracle' ? 'failed-over' : 'evacuated',
      detectedAt: timeOrNull(arm === 'none' ? null : arm === 'oracle' ? (moved ? away[0]?.from : null) : moved ? flip : null),
      firstShiftAt: timeOrNull(movement.firstShiftAt),
      movedAt: timeOrNull(movement.movedAt),
      finalWeights: { primary: 100 * movement.answer, standby: 100 * (1 - movement.answer) },
      cost: {
        apiCalls: {},
        stateTransitions: 0,
        mirrorHours: { minimal: 0, partial: 0, full: arm === 'none' ? 0 : (run.end - run.start) / hour },
      },
    },
  };
}
