// Part of I8: each way in which records can be untrue is named, and a true one is not.
import { describe, expect, it } from 'vitest';
import type { FailoverRecord } from '../../../core/contracts/records.ts';
import { type Standing, untruths } from '../../../rehearsal/invariants/truth.ts';
import { at, failover, ledgerWith } from './trace.ts';

const home = { primary: 100, standby: 0 };
const away = { primary: 0, standby: 100 };
const standing = (more: Partial<Standing> = {}): Standing => ({ weights: home, latches: [], running: [], switches: {}, foreignWeights: false, ...more });
const ended = (outcome: NonNullable<FailoverRecord['outcome']>, more: Partial<FailoverRecord> = {}) =>
  failover({ outcome, endedAt: at(10), weightsAtStart: home, weights: home, mechanism: 'weights', ...more });

/** A service that has moved to the standby, and one that is at home. */
function records(where: 'home' | 'moved', ...failovers: FailoverRecord[]) {
  const all = ledgerWith();
  all.service(where === 'moved' ? { activeSide: 'standby', latched: { primary: at(9) } } : {});
  for (const one of failovers) all.failover(one);
  return all.ledger;
}

describe('true words', () => {
  it.each([
    ['nothing happened', records('home'), standing()],
    ['a failover', records('moved', ended('failed-over', { weights: away })), standing({ weights: away, latches: ['primary'] })],
    ['a roll-back', records('home', ended('rolled-back')), standing()],
    ['a hold half-way', records('home', ended('held', { weights: { primary: 50, standby: 50 } })), standing({ weights: { primary: 50, standby: 50 } })],
    ['a roll-back whose weights somebody else changed', records('home', ended('rolled-back')), standing({ weights: away, foreignWeights: true })],
    ['an evacuation whose weights could not follow yet', records('moved', ended('evacuated', { kind: 'evacuation' })), standing({ latches: ['primary'] })],
    [
      'a refusal after a failover',
      records('moved', ended('failed-over', { weights: away }), ended('refused', { failoverId: 'two', endedAt: at(20) })),
      standing({ weights: away, latches: ['primary'] }),
    ],
    [
      'a switch by the latch that was held, and is told',
      (() => {
        const all = ledgerWith();
        all.service({ latched: { primary: at(9) } });
        all.failover(ended('held', { mechanism: 'health-check' }));
        return all.ledger;
      })(),
      standing({ latches: ['primary'] }),
    ],
    ['one that is at work', records('home', failover()), standing({ running: ['one'] })],
  ])('%s', (_what, ledger, found) => {
    expect(untruths(ledger, found)).toEqual([]);
  });
});

describe('untrue words', () => {
  it.each([
    ['a latch that nobody repeats', records('moved', ended('failed-over', { weights: away })), standing({ weights: away }), /calls primary latched/],
    ['a latch that no record knows', records('home', ended('halted')), standing({ latches: ['standby'] }), /calls standby not latched/],
    ['an active side that is kept away', records('home', ended('held')), standing({ latches: ['primary'] }), /active side and is kept away/],
    ['an ending that is listed as running', records('home', ended('rolled-back')), standing({ running: ['one'] }), /one is listed as running/],
    [
      'a failover whose weights did not move',
      records('moved', ended('failed-over')),
      standing({ latches: ['primary'] }),
      /failed-over, but the weights are 100\/0/,
    ],
    [
      'a failover that left the side active',
      records('home', ended('failed-over', { weights: away })),
      standing({ weights: away }),
      /but primary is the active side/,
    ],
    [
      'a roll-back that did not arrive',
      records('home', ended('rolled-back')),
      standing({ weights: { primary: 90, standby: 10 } }),
      /to 100\/0, but the weights are 90\/10/,
    ],
    ['a hold that records other weights', records('home', ended('held')), standing({ weights: { primary: 90, standby: 10 } }), /records 100\/0, but/],
    [
      'a switch that was left behind',
      records('moved', ended('failed-over', { weights: away })),
      standing({ weights: away, latches: ['primary'], switches: { parameter: 'primary' } }),
      /parameter stands on primary/,
    ],
    ['a switch between the sides', records('home', ended('rolled-back')), standing({ switches: { balancer: undefined } }), /balancer stands between the sides/],
  ])('%s', (_what, ledger, found, message) => {
    expect(untruths(ledger, found).join('\n')).toMatch(message);
  });
});
