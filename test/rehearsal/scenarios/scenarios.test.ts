import { describe, expect, it } from 'vitest';
import { scenarioNamed, scenarios } from '../../../rehearsal/scenarios/catalogue.ts';
import { drawRun } from '../../../rehearsal/scenarios/scenario.ts';
import { crashTime, day, hour, type Leak, leakedLevel, minute, valueAt } from '../../../rehearsal/world/faults.ts';
import { historyLength, levelOf, loadOf, type Run } from '../../../rehearsal/world/run.ts';
import { shop } from '../plan.ts';

const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1);
const runsOf = (name: string, of: readonly number[] = seeds): Run[] => {
  const scenario = scenarioNamed(name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  return of.map((seed) => drawRun(scenario, seed, shop));
};
const now = (run: Run) => run.faults.all.filter(({ from }) => from >= run.start);
const expectUniform = (values: readonly number[], from: number, to: number) => {
  expect(Math.min(...values)).toBeGreaterThanOrEqual(from);
  expect(Math.max(...values)).toBeLessThanOrEqual(to);
  const span = to - from;
  expect(Math.min(...values)).toBeLessThan(from + 0.1 * span);
  expect(Math.max(...values)).toBeGreaterThan(to - 0.1 * span);
  expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - (from + to) / 2)).toBeLessThan(0.1 * span);
};
const parameter = (run: Run, name: string) => Number(run.parameters[name]);

describe('every scenario', () => {
  it.each(scenarios.map(({ name }) => name))('%s is the same for the same seed and another for another', (name) => {
    const [one, same, other] = runsOf(name, [5, 5, 6]);
    expect(JSON.stringify(same)).toBe(JSON.stringify(one));
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(one));
  });

  it.each(scenarios.map(({ name }) => name))('%s has a lead-in, ends on a whole minute and begins within its week', (name) => {
    for (const run of runsOf(name, seeds.slice(0, 50))) {
      expect(run.start).toBeGreaterThanOrEqual(Date.UTC(2026, 2, 2));
      expect(run.start).toBeLessThan(Date.UTC(2026, 2, 9));
      expect(run.end % minute).toBe(0);
      if (run.onset !== null) expect((run.onset - run.start) / minute).toSatisfy((lead: number) => lead >= 20 && lead <= 60);
      for (const fault of run.faults.all) expect(fault.from < run.start ? (fault.until ?? run.end) : run.start).toBeLessThanOrEqual(run.start);
      expect(Math.min(...run.faults.all.map(({ from }) => from))).toBeGreaterThanOrEqual(run.start - historyLength);
    }
  });

  it('draws the ordinary world as published', () => {
    const runs = runsOf('gray-failure');
    expectUniform(
      runs.map(({ environment }) => environment.meanLoad),
      180,
      220,
    );
    expectUniform(
      runs.map(({ environment }) => Math.log(environment.nature.primary.backgroundErrors)),
      Math.log(1e-4),
      Math.log(1e-3),
    );
    expectUniform(
      runs.map(({ environment }) => environment.nature.standby.medianLatency),
      0.06,
      0.11,
    );
    expectUniform(
      runs.map(({ environment }) => environment.saturation.primary / 120),
      1.1,
      1.3,
    );
  });

  it('has a load with a daily shape', () => {
    const [run] = runsOf('calm', [1]);
    if (!run) throw new Error('no run');
    const load = loadOf({ ...run, faults: { ...run.faults, loadFactor: () => 1 } as unknown as Run['faults'] });
    const daily = Array.from({ length: 24 * 60 }, (_, index) => load(run.start + index * minute));
    const mean = daily.reduce((sum, value) => sum + value, 0) / daily.length;
    expect(mean / run.environment.meanLoad).toBeCloseTo(1, 1);
    expect(Math.max(...daily) / mean).toBeGreaterThan(1.3);
    expect(Math.max(...daily) / mean).toBeLessThan(1.6);
    expect(Math.min(...daily) / mean).toBeLessThan(0.7);
  });
});

describe('gray-failure', () => {
  it('is drawn as published', () => {
    const runs = runsOf('gray-failure');
    expectUniform(
      runs.map((run) => parameter(run, 'latency factor')),
      2,
      4,
    );
    expectUniform(
      runs.map((run) => parameter(run, 'errors at the end')),
      0.02,
      0.2,
    );
    expectUniform(
      runs.map((run) => parameter(run, 'minutes until errors')),
      0,
      20,
    );
  });

  it('grows slow, then errors for 40 minutes, then dies for good', () => {
    for (const run of runsOf('gray-failure', [1, 2, 3, 4, 5])) {
      const onset = run.onset ?? 0;
      const death = now(run).find(({ kind }) => kind === 'death')?.from ?? 0;
      expect(run.faults.conditionOf('primary', onset - 1)).toEqual({ latency: 1, errors: 0, hiddenErrors: 0 });
      expect(run.faults.conditionOf('primary', onset + 20 * minute).latency).toBeGreaterThanOrEqual(2);
      expect(run.faults.conditionOf('primary', death - 41 * minute).errors).toBe(0);
      expect(run.faults.conditionOf('primary', death - 20 * minute).errors).toBeCloseTo(parameter(run, 'errors at the end') / 2, 5);
      expect(run.faults.deathOf('primary', death - 1)).toBeUndefined();
      expect(run.faults.deathOf('primary', run.end)).toBeDefined();
      expect(run.end - death).toBeGreaterThanOrEqual(60 * minute);
    }
  });
});

describe('exhaustion', () => {
  const leakOf = (run: Run) => now(run).find((fault): fault is Leak => fault.kind === 'leak');

  it('fills hosts in hours and crashes each at 100 %', () => {
    const runs = runsOf('exhaustion');
    expectUniform(
      runs.map((run) => (leakOf(run)?.fillTime ?? 0) / hour),
      3,
      10,
    );
    for (const run of runs.slice(0, 20)) {
      const leak = leakOf(run);
      if (!leak) throw new Error('no leak');
      expect(leak.startLevel).toBeGreaterThan(40);
      expect(leak.startLevel).toBeLessThan(85);
      for (const host of [0, 1, 2, 3]) {
        const crash = crashTime(leak, host) ?? 0;
        expect(Math.abs((crash - leak.from) / leak.fillTime - 1)).toBeLessThanOrEqual(0.02);
        expect(leakedLevel(leak, host, crash)).toBeCloseTo(100, 5);
        expect(run.end - crash).toBeGreaterThanOrEqual(60 * minute);
      }
      // No jump at the onset.
      expect(levelOf(leak.resource, 0, leak.from - minute, run.environment, run.faults)).toBeCloseTo(leak.startLevel, 1);
    }
    expect(new Set(runs.map((run) => leakOf(run)?.resource))).toEqual(new Set(['memory', 'disk']));
  });

  it('stops between 55 and 85 % in the variant, and nothing crashes', () => {
    for (const run of runsOf('leak-stops')) {
      const leak = leakOf(run);
      if (!leak) throw new Error('no leak');
      const level = leakedLevel(leak, 0, run.end);
      expect(level).toBeGreaterThan(54);
      expect(level).toBeLessThan(86.5);
      for (const host of [0, 1, 2, 3]) expect(crashTime(leak, host)).toBeNull();
      expect(run.primaryFails).toBe(false);
    }
  });
});

describe('the scenarios in which nothing may move', () => {
  it('transient-spike bursts and passes', () => {
    const runs = runsOf('transient-spike');
    expectUniform(
      runs.map((run) => parameter(run, 'load factor')),
      1.5,
      3,
    );
    for (const run of runs) {
      const burst = now(run).find((fault) => fault.kind === 'burst');
      expect(valueAt(burst?.kind === 'burst' ? burst.factor : [], (run.onset ?? 0) + 4 * minute)).toBeGreaterThan(1.4);
      expect(run.faults.loadFactor(run.end)).toBe(1);
    }
    const blips = runs.filter((run) => now(run).some(({ kind }) => kind === 'degradation')).length;
    expect(blips).toBeGreaterThan(50);
    expect(blips).toBeLessThan(110);
  });

  it('bad-standby recovers, stays below the objective and hides the standby’s errors from checks', () => {
    for (const run of runsOf('bad-standby')) {
      expect(run.faults.conditionOf('standby', run.start)).toEqual({ latency: 1, errors: 0, hiddenErrors: expect.closeTo(0.05, 9) });
      expect(run.faults.conditionOf('primary', (run.onset ?? 0) + 10 * minute).errors).toBeLessThan(shop.objective.errorRate);
      expect(run.faults.conditionOf('primary', (run.onset ?? 0) + 41 * minute)).toEqual({ latency: 1, errors: 0, hiddenErrors: 0 });
    }
  });

  it('calm has some deployments and peaks a week, and nothing else', () => {
    const runs = runsOf('calm');
    const counts = (kind: string) => runs.map((run) => now(run).filter((fault) => fault.kind === kind).length);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(counts('deployment'))).toBeCloseTo((4 * 30) / 7, -0.5);
    expect(mean(counts('burst'))).toBeCloseTo((3 * 30) / 7, -0.5);
    for (const run of runs) {
      expect(run.end - run.start).toBe(30 * day);
      expect(now(run).every(({ kind }) => kind === 'deployment' || kind === 'burst')).toBe(true);
    }
  });
});
