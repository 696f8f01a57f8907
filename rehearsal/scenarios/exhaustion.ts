// A leak fills the primary's memory or disk over hours. In one scenario it ends in a crash, in the other it stops.
import { hour, type Leak, minute } from '../world/faults.ts';
import { stream } from '../world/random.ts';
import { minutes, type Scenario, type Setting, shortTick, wholeMinutes } from './scenario.ts';

function drawLeak({ draws, seed, plan, onset, usedAtOnset }: Setting, scope: string): Omit<Leak, 'stopsAt' | 'label'> {
  const resource = draws.pick('what leaks', ['memory', 'disk']);
  const factors = stream(seed, `${scope}/host-factor`);
  return {
    kind: 'leak',
    resource,
    from: onset,
    until: null,
    startLevel: usedAtOnset(resource),
    fillTime: wholeMinutes(60 * draws.uniform('hours until full', 3, 10)),
    hostFactors: Array.from({ length: plan.sides.primary.instances }, (_, host) => 0.98 + 0.04 * factors.uniform(host)),
    agony: {
      time: minutes(draws.uniform('minutes of suffering before a crash', 3, 10)),
      latency: draws.uniform('latency factor before a crash', 2, 4),
      errors: draws.uniform('errors before a crash', 0.02, 0.1),
    },
  };
}

export const exhaustion: Scenario = {
  name: 'exhaustion',
  summary: 'a leak fills memory or disk over hours and ends in a crash',
  primaryFails: true,
  tick: shortTick,
  tell(setting) {
    const leak = drawLeak(setting, 'exhaustion');
    const lastCrash = leak.from + leak.fillTime * Math.max(...leak.hostFactors);
    return {
      end: Math.ceil(lastCrash / minute) * minute + hour,
      description: `A leak fills the ${leak.resource} of all primary hosts from ${leak.startLevel.toFixed(0)} % in ${(leak.fillTime / hour).toFixed(1)} hours; each crashes when it is full.`,
      faults: [{ ...leak, label: `${leak.resource} leaks`, stopsAt: null }],
    };
  },
};

export const leakStops: Scenario = {
  name: 'leak-stops',
  summary: 'the same leak, but it stops: nothing may move',
  primaryFails: false,
  tick: shortTick,
  tell(setting) {
    const leak = drawLeak(setting, 'leak-stops');
    const level = setting.draws.uniform('level at which it stops, %', Math.max(55, Math.min(80, leak.startLevel + 5)), 85);
    const stopsAt = leak.from + Math.round((leak.fillTime * (level - leak.startLevel)) / (100 - leak.startLevel) / minute) * minute;
    return {
      end: stopsAt + 2 * hour,
      description: `The ${leak.resource} of all primary hosts fills from ${leak.startLevel.toFixed(0)} %, as if to be full in ${(leak.fillTime / hour).toFixed(1)} hours, and stops at ${level.toFixed(0)} %.`,
      faults: [{ ...leak, label: `${leak.resource} leaks, to ${level.toFixed(0)} %`, stopsAt }],
    };
  },
};
