// A rehearsal's scenario in minutes of real time: trouble has begun before the service is known to Forestall.
import type { Plan } from '../../core/contracts/plan.ts';
import { drawRun, type Scenario } from '../../rehearsal/scenarios/scenario.ts';
import { hour, minute, second } from '../../rehearsal/world/faults.ts';
import type { Run } from '../../rehearsal/world/run.ts';

/** Degradation has lasted so long at the start that the first score is critical or about to be. */
export const troubleBefore = 14 * minute;
/** What is usual is learned from half an hour on; six hours give it a spread, and keep the emulator fast. */
const history = 6 * hour;
/** Less than two days show no daily rhythm, and a rising load would look like a burst. So the day's peak is always over. */
const sincePeak = 3;
/** CloudWatch at its best. Forestall itself takes nothing as complete before a minute has passed. */
const lateness = [0.5, 1] as const;

/** Connections are as short as everything else. */
const keepAlive = { share: 0.3, meanLength: 30 * second };

/** `start`: ms since the epoch; rounded down to a whole minute. */
export function compressedRun(scenario: Scenario, seed: number, plan: Plan, start: number): Run {
  const whole = Math.floor(start / minute) * minute;
  const run = drawRun(scenario, seed, plan, { start: whole, onset: whole - troubleBefore, telemetry: { history, lateness } });
  const environment = { ...run.environment, peakHour: (whole / hour - sincePeak) % 24, keepAlive };
  const parameters = {
    ...run.parameters,
    'peak hour': Number(environment.peakHour.toPrecision(6)),
    'keep-alive share': keepAlive.share,
    'connection length, minutes': keepAlive.meanLength / minute,
  };
  return { ...run, environment, parameters };
}
