// Part of I8: what the records say at the end is what is there: active side, weights, latches, and what runs.
import { otherSide, type SideName } from '../../core/contracts/plan.ts';
import type { FailoverOutcome, FailoverRecord } from '../../core/contracts/records.ts';
import type { Ledger } from './ledger.ts';
import { sides, type Weights } from './routing.ts';

/** What is there at the end, read beside Forestall's own words. */
export interface Standing {
  /** Of the records in Route 53. */
  readonly weights: Weights;
  /** Sides whose evacuation check is told each minute that they are latched. */
  readonly latches: readonly SideName[];
  /** Failovers that the account's list calls running. */
  readonly running: readonly string[];
  /** By driver: the side that a switch of the plan stands on; undefined between them. */
  readonly switches: Readonly<Record<string, SideName | undefined>>;
  /** Whether somebody else changed the weights: then they are not Forestall's to answer for. */
  readonly foreignWeights: boolean;
}

/** Endings of what never moved anything. */
const idle: readonly (FailoverOutcome | undefined)[] = ['refused', 'advised', 'validated', undefined];

/** What is not as the records say, a sentence each. */
export function untruths(ledger: Ledger, standing: Standing): string[] {
  const found: string[] = [];
  const { activeSide, latched, failovers } = ledger;
  const { weights, latches, running } = standing;
  for (const side of sides) {
    if (latched.includes(side) === latches.includes(side)) continue;
    found.push(`the service's record calls ${side} ${latched.includes(side) ? '' : 'not '}latched, and its evacuation check is told otherwise`);
  }
  const over = running.filter((id) => failovers.get(id)?.endedAt !== undefined || !failovers.has(id));
  if (over.length > 0) found.push(`${over.join(', ')} is listed as running, and is not`);
  const last = [...failovers.values()]
    .filter(({ outcome }) => !idle.includes(outcome))
    .sort((a, b) => (a.endedAt ?? '').localeCompare(b.endedAt ?? ''))
    .at(-1);
  // Held or halted under the kill switch, say, a switch by the latch stays as it is: the records tell the latch, and people have been called.
  const told = last?.mechanism === 'health-check' && (last.outcome === 'held' || last.outcome === 'halted') && latched.includes(activeSide);
  if (latches.includes(activeSide) && !told) found.push(`${activeSide} is the active side and is kept away from traffic`);
  return last ? [...found, ...falseWords(last, activeSide, latched, weights, standing.foreignWeights), ...falseSwitches(last, standing.switches)] : found;
}

/** Of the last failover that did something. */
function falseWords(last: FailoverRecord, activeSide: SideName, latched: readonly SideName[], weights: Weights, foreign: boolean): string[] {
  const { failoverId, outcome, from, to, kind } = last;
  const says = `${failoverId} (${kind} from ${from} to ${to}) ended as ${outcome}`;
  const actual = `the weights are ${weights.primary}/${weights.standby}`;
  const found: string[] = [];
  const moved = outcome === 'failed-over' || outcome === 'evacuated';
  const active = moved ? to : outcome === 'halted' ? activeSide : from;
  if (activeSide !== active) found.push(`${says}, but ${activeSide} is the active side`);
  if (moved && (kind === 'predictive' || kind === 'evacuation') && !latched.includes(from)) found.push(`${says}, but ${from} is not latched`);
  if (moved && kind === 'drill' && latched.includes(from)) found.push(`${says}, but ${from}, which is well, is latched`);
  if (outcome === 'rolled-back' && latched.includes(from)) found.push(`${says}, but ${from} is latched`);
  if (foreign) return found;
  if (outcome === 'failed-over' && last.mechanism === 'weights' && (weights[from] !== 0 || weights[to] === 0)) found.push(`${says}, but ${actual}`);
  const expected =
    outcome === 'rolled-back' ? last.weightsAtStart : outcome === 'held' || outcome === 'halted' ? (last.weights ?? last.weightsAtStart) : undefined;
  if (expected && (expected.primary !== weights.primary || expected.standby !== weights.standby)) {
    const recorded = `${expected.primary}/${expected.standby}`;
    found.push(outcome === 'rolled-back' ? `${says} to ${recorded}, but ${actual}` : `${says} and records ${recorded}, but ${actual}`);
  }
  // Held or halted, the record tells the weights and people have been called; after an evacuation the weights follow when they can.
  const excused = outcome === 'held' || outcome === 'halted' || outcome === 'evacuated' || last.mechanism === 'health-check';
  if (!excused && weights[activeSide] === 0 && weights[otherSide(activeSide)] > 0) found.push(`${says}; ${activeSide} is the active side with weight 0`);
  return found;
}

/**
 * After an evacuation what could not be switched is told, and after a halt people have been called; any other ending has all switches on one
 * side, but for one in the Region that was left and did not answer: the record says that it was asked and not done.
 */
function falseSwitches({ failoverId, outcome, from, to, drivers }: FailoverRecord, switches: Standing['switches']): string[] {
  if (outcome === 'evacuated' || outcome === 'halted') return [];
  const side = outcome === 'failed-over' ? to : from;
  const asked = Object.entries(switches).filter(([key]) => outcome !== 'held' || !key.startsWith('load-balancer-weights'));
  return asked.flatMap(([key, stands]) =>
    stands === side || (outcome === 'failed-over' && drivers[key]?.status === 'intended')
      ? []
      : [`${failoverId} ended as ${outcome}, but ${key} stands ${stands ? `on ${stands}` : 'between the sides'}`],
  );
}
