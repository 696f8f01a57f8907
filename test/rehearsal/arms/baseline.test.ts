import { describe, expect, it } from 'vitest';
import { playBaseline } from '../../../rehearsal/arms/baseline.ts';
import { scenarioNamed } from '../../../rehearsal/scenarios/catalogue.ts';
import { drawRun } from '../../../rehearsal/scenarios/scenario.ts';
import { second } from '../../../rehearsal/world/faults.ts';
import { shop } from '../plan.ts';

const runOf = (name: string, seed: number) => {
  const scenario = scenarioNamed(name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  return drawRun(scenario, seed, shop);
};
const arms = (name: string, seed: number) => {
  const run = runOf(name, seed);
  return { run, none: playBaseline(run, 'none'), reactive: playBaseline(run, 'reactive'), oracle: playBaseline(run, 'oracle') };
};

describe('the arms without Forestall', () => {
  it('see the same requests, and the same failures as long as they do the same', () => {
    for (const seed of [1, 2, 3]) {
      const { run, none, reactive, oracle } = arms('sudden-death', seed);
      expect(reactive.samples.map(({ requests }) => requests)).toEqual(none.samples.map(({ requests }) => requests));
      expect(oracle.samples.map(({ requests }) => requests)).toEqual(none.samples.map(({ requests }) => requests));
      const before = none.samples.filter(({ at }) => at + 60 * second <= (run.onset ?? 0));
      expect(reactive.samples.slice(0, before.length)).toEqual(before);
      expect(oracle.samples.slice(0, before.length)).toEqual(before);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('sudden death, seed %d: the health check flips after 30 to 64 s, and traffic returns with the primary', (seed) => {
    const { run, none, reactive, oracle } = arms('sudden-death', seed);
    const flip = (Date.parse(reactive.result.detectedAt ?? '') - (run.onset ?? 0)) / second;
    expect(flip).toBeGreaterThanOrEqual(30);
    expect(flip).toBeLessThanOrEqual(64);
    expect(reactive.result).toMatchObject({ outcome: 'evacuated', finalWeights: { primary: 100, standby: 0 } });
    expect(none.result).toMatchObject({ outcome: 'no-action', detectedAt: null, firstShiftAt: null, movedAt: null });
    expect(oracle.result).toMatchObject({ outcome: 'failed-over', finalWeights: { primary: 0, standby: 100 } });
    expect(oracle.result.failed).toBeLessThan(reactive.result.failed);
    expect(reactive.result.failed).toBeLessThan(none.result.failed / 3);
  });

  it.each([1, 2, 3])('gray failure, seed %d: reactive notices the death only', (seed) => {
    const { run, none, reactive, oracle } = arms('gray-failure', seed);
    const death = run.faults.all.find(({ kind }) => kind === 'death')?.from ?? 0;
    expect(Date.parse(reactive.result.firstShiftAt ?? '')).toBeGreaterThan(death);
    expect(oracle.result.failed).toBeLessThan(0.1 * reactive.result.failed);
    expect(reactive.result.failed).toBeLessThan(none.result.failed);
    expect(Date.parse(oracle.result.movedAt ?? '')).toBeGreaterThan(run.onset ?? 0);
  });

  it.each(['transient-spike', 'leak-stops', 'bad-standby'])('%s: nothing moves and all arms are the same', (name) => {
    for (const seed of [1, 2, 3]) {
      const { none, reactive, oracle } = arms(name, seed);
      expect(reactive.result.outcome).toBe('no-action');
      expect(reactive.samples).toEqual(none.samples);
      expect(oracle.samples).toEqual(none.samples);
    }
  });

  it('is the same when it is played again', () => {
    const again = () => JSON.stringify(playBaseline(runOf('exhaustion', 4), 'reactive'));
    expect(again()).toBe(again());
  });

  it('plays 30 calm days', () => {
    const { none } = arms('calm', 1);
    expect(none.samples).toHaveLength(30 * 24 * 60);
    expect(none.result.failed / none.result.requests).toBeLessThan(0.002);
  });
});
