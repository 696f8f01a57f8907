// Chaos in small: every story ends as it should, all Task states are come to, and a fault of each kind strikes and breaks nothing.
import { beforeAll, describe, expect, it } from 'vitest';
import { stateMachines } from '../../../core/contracts/deployment.ts';
import { Catalogue, explicitCase, faultsOf } from '../../../rehearsal/chaos/cases.ts';
import { stories, storyNamed } from '../../../rehearsal/chaos/catalogue.ts';
import { faultKinds, faultName, parseFault, UnknownFaultError } from '../../../rehearsal/chaos/fault.ts';
import { type CasePlayed, playCase } from '../../../rehearsal/chaos/player.ts';
import { exceptions, placeOf, taskStates } from '../../../rehearsal/chaos/task-states.ts';
import { fromStateMachines } from '../../../rehearsal/runtime/machines.ts';

const bases: CasePlayed[] = [];
let catalogue: Catalogue;

beforeAll(async () => {
  for (const story of stories) bases.push(await playCase(story.name, story, []));
  catalogue = new Catalogue(stories.map((story, index) => ({ story, trace: bases[index]?.trace ?? { states: [], calls: [], events: [] } })));
});

describe('stories', () => {
  it.each(stories.map(({ name, outcome }, index) => ({ name, outcome, index })))('$name ends as $outcome', ({ outcome, index }) => {
    expect(bases[index]?.outcome).toBe(outcome);
    expect(bases[index]?.violations).toEqual([]);
  });

  it('come to every Task state of every state machine', () => {
    expect(taskStates().length).toBeGreaterThan(40);
    expect(catalogue.unreached).toEqual([]);
  });

  it('leave out only what nothing leads to', () => {
    const reached = new Set(bases.flatMap(({ trace }) => trace.states));
    const places = taskStates().map(placeOf);
    for (const place of Object.keys(exceptions)) {
      expect(places).toContain(place);
      expect(reached).not.toContain(place);
    }
    // The reason: nobody asks for the weighted step of a canary.
    for (const machine of stateMachines) expect(fromStateMachines(machine)).not.toMatch(/"weighted": true/);
  });
});

describe('names', () => {
  it('of all single faults lead back to them', () => {
    const singles = catalogue.singles();
    expect(singles.length).toBeGreaterThan(2000);
    expect(new Set(singles.map(({ id }) => id)).size).toBe(singles.length);
    for (const single of singles) {
      expect(explicitCase(single.id)).toEqual(single);
      expect(faultsOf(single).map(faultName)).toEqual(single.faults);
    }
  });

  it('every fault of the first seven kinds is played at every Task state', () => {
    const singles = new Set(catalogue.singles().map(({ faults }) => faults[0]));
    const kinds = ['throttled', 'access-denied', 'time-out', 'server-error', 'answer-lost', 'delayed'];
    for (const task of taskStates().filter((one) => exceptions[placeOf(one)] === undefined)) {
      for (const kind of kinds) expect(singles).toContain(`${placeOf(task)}/${kind}`);
      expect(singles).toContain(`${placeOf(task)}/killed${task.nested ? '' : '@1'}`);
    }
  });

  it('combinations are of two to four faults of one story, and the same for a seed', () => {
    for (let number = 1; number <= 200; number++) {
      const one = catalogue.combination(7, number);
      expect(one.faults.length).toBeGreaterThanOrEqual(2);
      expect(one.faults.length).toBeLessThanOrEqual(4);
      expect(catalogue.find(`combo-7-${number}`)).toEqual(one);
      expect(explicitCase(one.explicit).faults).toEqual(one.faults);
    }
  });

  it.each([
    'nonsense',
    'nowhere/run/event-lost',
    'fresh/run/nothing',
    'fresh/fail-over/throttled',
    'fresh/no-machine.State/throttled',
    'fresh/fn.nobody/throttled',
  ])('refuses %s', (id) => {
    expect(() => explicitCase(id)).toThrow(UnknownFaultError);
  });

  it('a visit is a small number', () => {
    expect(parseFault('shift-traffic.Bake#2/aborted').place).toMatchObject({ state: 'Bake', visit: 2 });
    expect(() => parseFault('shift-traffic.Bake#x/aborted')).toThrow(UnknownFaultError);
  });
});

/** A case of each kind. */
const sample = [
  'fresh/shift-traffic.Shift traffic/throttled',
  'fresh/fail-over.Check target/access-denied~lasting',
  'fresh/shift-traffic.Probe sides/time-out',
  'canary/mirror-canary.Judge probes/server-error~lasting',
  'fresh/shift-traffic.Shift traffic/answer-lost',
  'fresh/shift-traffic.Shift traffic/killed@6',
  'fresh/shift-traffic.Judge step/delayed',
  'fresh/shift-traffic.Bake/aborted',
  'fresh/shift-traffic.Bake#2/foreign-weights@between',
  'fresh/fail-over.Open failover/aborted-unheard',
  'fresh/run/event-duplicated',
  'fresh/run/event-reordered',
  'fresh/run/event-lost@1',
  'fresh/run/stale-lock@leased',
  'fresh/fail-over.Check target/lock-taken',
  'fresh/fail-over.Shift traffic/switched-off@kill-switch',
  'fresh/shift-traffic.Bake/standby-dies',
  'fresh/shift-traffic.Bake/primary-recovers',
  'fresh/fail-over.Shift traffic/region-unreachable',
  'fresh/fail-over.Check target/partition',
  'death/evacuate.Align weights/route53-down',
  'fresh/fail-over.Shift traffic/metrics-missing',
  'fresh/run/clock-skew@jitter',
];

describe('a fault of each kind', () => {
  it('is among these', () => {
    expect(new Set(sample.flatMap((id) => faultsOf(explicitCase(id)).map(({ kind }) => kind)))).toEqual(new Set(Object.keys(faultKinds)));
  });

  it.each(sample)('%s strikes and breaks nothing', async (id) => {
    const one = explicitCase(id);
    const story = storyNamed(one.story);
    if (story === undefined) throw new Error(`there is no story ${one.story}`);
    const { violations, struck } = await playCase(id, story, faultsOf(one));
    expect(violations).toEqual([]);
    expect(struck).toEqual(faultsOf(one).map(({ kind }) => kind));
  });
});
