// For each invariant: the product holds it in these cases, and a broken variant of it is caught.
import { describe, expect, it } from 'vitest';
import { explicitCase, faultsOf } from '../../../rehearsal/chaos/cases.ts';
import { storyNamed } from '../../../rehearsal/chaos/catalogue.ts';
import { playCase } from '../../../rehearsal/chaos/player.ts';
import type { RuntimeSources } from '../../../rehearsal/runtime/runtime.ts';
import { mutated, mutations } from './mutations.ts';

async function violated(id: string, sources?: RuntimeSources): Promise<string[]> {
  const one = explicitCase(id);
  const story = storyNamed(one.story);
  if (story === undefined) throw new Error(`there is no story ${one.story}`);
  const { violations } = await playCase(id, story, faultsOf(one), 1, sources);
  return violations.map(({ invariant }) => invariant);
}

it('every invariant has a mutation', () => {
  expect(mutations.map(({ invariant }) => invariant)).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8']);
});

describe.each(mutations)('$invariant: $what', (mutation) => {
  it('is caught', async () => {
    const caught = await Promise.resolve().then(async () => {
      const all: string[] = [];
      for (const id of mutation.cases) all.push(...(await violated(id, mutated(mutation))));
      return all;
    });
    expect(caught).toContain(mutation.invariant);
    // Caught, not merely broken beyond playing.
    expect(caught).not.toContain('played');
  });

  it('holds as deployed', async () => {
    for (const id of mutation.cases) expect(await violated(id)).toEqual([]);
  });
});
