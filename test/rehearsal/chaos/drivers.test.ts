// A failover with every driver, while the answers of the hand-over are lost and its function dies: each thing is switched once, and together.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TrafficDrivers } from '../../../core/contracts/plan-drivers.ts';
import { faultsOf } from '../../../rehearsal/chaos/cases.ts';
import { chaosPlan } from '../../../rehearsal/chaos/plan.ts';
import { type CasePlayed, playCase } from '../../../rehearsal/chaos/player.ts';
import { fresh } from '../../../rehearsal/chaos/stories/predictive.ts';
import type { Story } from '../../../rehearsal/chaos/story.ts';

const drivers = TrafficDrivers.parse(parse(readFileSync(new URL('../../../plans/drivers.yaml', import.meta.url), 'utf8')).drivers);
const driven: Story = { ...fresh, name: 'driven', setting: () => ({ ...fresh.setting(), plan: chaosPlan(() => ({ drivers })) }) };

/** Changes that took effect, by operation; a call that failed says so before its input. */
const switched = ({ lines }: CasePlayed) =>
  ['PutParameter', 'StartDeployment', 'StartZonalShift'].map((operation) => lines.filter((line) => line.includes(`forestall ${operation} {`)).length);

let base: CasePlayed;
beforeAll(async () => {
  base = await playCase('driven', driven, []);
});

it('switches each once when nothing goes wrong', () => {
  expect(base.outcome).toBe('failed-over');
  expect(base.violations).toEqual([]);
  expect(switched(base)).toEqual([1, 1, 1]);
});

it('switches each once when a call is made and its answer lost, or the function dies after it', async () => {
  const calls = base.trace.calls.filter(({ machine, state }) => machine === 'fail-over' && state === 'Hand over');
  const writes = calls.filter(({ call }) => /:(PutParameter|StartDeployment|StartZonalShift)$/.test(call));
  expect(writes.map(({ call }) => call)).toEqual(['ssm:PutParameter', 'appconfig:StartDeployment', 'arc-zonal-shift:StartZonalShift']);
  for (const { number, call } of writes)
    for (const kind of ['answer-lost', 'killed']) {
      const name = `fail-over.Hand over/${kind}@${number}`;
      const played = await playCase(name, driven, faultsOf({ id: name, explicit: `driven/${name}`, story: 'driven', faults: [name] }));
      expect({ call, kind, outcome: played.outcome, violations: played.violations, switched: switched(played) }).toEqual({
        ...{ call, kind, outcome: 'failed-over', violations: [] },
        // The SDK asks again by itself: the same value is written twice, which is seen, and is no change by somebody else.
        switched: [call === 'ssm:PutParameter' && kind === 'answer-lost' ? 2 : 1, 1, 1],
      });
    }
});
