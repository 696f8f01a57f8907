// How many new resources one invocation takes on.
import { describe, expect, it } from 'vitest';
import { mostHistories, withinReach } from '../../lambdas/score-risk/first-readings.ts';

const reading = (id: string, kind: 'entry' | 'ec2-instance', observedUntil: number | null) => ({ id, subject: { kind }, state: { observedUntil } });
const fresh = (count: number, name: string) => Array.from({ length: count }, (_, index) => reading(`${name}${index}`, 'ec2-instance', null));
const ids = (messages: readonly (readonly { readonly id: string }[])[]) => messages.map((readings) => readings.map(({ id }) => id));

describe('first readings', () => {
  it('are limited over all messages of an invocation', () => {
    const found = withinReach([fresh(40, 'a'), fresh(40, 'b')]);
    expect(found.map(({ length }) => length)).toEqual([mostHistories, 0]);
  });

  it('begin with the entry, which carries the decisions', () => {
    expect(ids(withinReach([[...fresh(3, 'a'), reading('entry', 'entry', null)]], 2))).toEqual([['a0', 'entry']]);
  });

  it('begin with the entries of all services: the resources of one must not keep the others from being decided on', () => {
    const messages = Array.from({ length: 10 }, (_, service) => [...fresh(40, `s${service}-`), reading(`e${service}`, 'entry', null)]);
    const found = ids(withinReach(messages));
    expect(found.filter((readings) => readings.some((id) => id.startsWith('e')))).toHaveLength(10);
    expect(found.flat()).toHaveLength(mostHistories);
  });

  it('never hold back what is known', () => {
    const known = Array.from({ length: 50 }, (_, index) => reading(`k${index}`, 'ec2-instance', 1));
    expect(withinReach([[...fresh(20, 'a'), ...known], known]).map(({ length }) => length)).toEqual([mostHistories + 50, 50]);
  });

  it('are all made in the end', () => {
    let left = Array.from({ length: 10 }, (_, service) => [reading(`e${service}`, 'entry', null), ...fresh(40, `s${service}-`)]);
    let rounds = 0;
    for (; left.some(({ length }) => length > 0); rounds += 1) {
      const done = new Set(withinReach(left).flat());
      left = left.map((readings) => readings.filter((one) => !done.has(one)));
    }
    expect(rounds).toBe(Math.ceil(410 / mostHistories));
  });
});
