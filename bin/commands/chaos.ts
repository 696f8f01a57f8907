// chaos: plays failovers while the cloud misbehaves, and says whether the safety invariants held.
import { parseArgs } from 'node:util';
import { type Case, explicitCase, faultsOf } from '../../rehearsal/chaos/cases.ts';
import { stories, storyNamed } from '../../rehearsal/chaos/catalogue.ts';
import { type ChaosRun, playBases, playChaos } from '../../rehearsal/chaos/chaos.ts';
import { UnknownFaultError } from '../../rehearsal/chaos/fault.ts';
import { summarise, tell } from './chaos-summary.ts';
import { type Command, InputError } from './command.ts';

const largestSeed = 2 ** 31 - 1;
const mostRuns = 1_000_000;

export const command: Command = {
  usage: `npm run -s chaos -- [--runs N] [--seed N] [--replay CASE] [--json]

Plays failovers in a simulated cloud that misbehaves: every fault of docs/chaos.md alone at every Task state of every state machine, and
random combinations of two to four. Each run ends when everything has settled; then the invariants I1 to I8 have to hold.
Stories: ${stories.map(({ name }) => name).join(', ')}.
  --runs N       random combinations beside the single faults (default: 2000)
  --seed N       seed of the combinations and of each run's world (default: 1)
  --replay CASE  one case, with its story: STORY/FAULT[+FAULT...] or combo-SEED-N
  --json         the result on stdout, and nothing else
Exit code: 0 the invariants held, 1 one was violated, 2 bad usage or input.`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: 'string', default: '2000' },
        seed: { type: 'string', default: '1' },
        replay: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const seed = whole(values.seed, '--seed', largestSeed);
    const runs = whole(values.runs, '--runs', mostRuns);
    return values.replay === undefined ? all(runs, seed, values.json) : replay(values.replay, seed, values.json);
  },
};

async function all(runs: number, seed: number, json: boolean): Promise<number> {
  const terminal = process.stderr.isTTY;
  const began = performance.now();
  const done: ChaosRun = await playChaos(seed, runs, (count, of) => {
    if (terminal) process.stderr.write(`\r${Math.floor(count)} of ${of} runs\u001b[K`);
  });
  if (terminal) process.stderr.write('\r\u001b[K');
  console.log(json ? JSON.stringify(done.report, null, 2) : summarise(done, seed, (performance.now() - began) / 1000));
  return done.report.violations.length === 0 ? 0 : 1;
}

async function replay(id: string, given: number, json: boolean): Promise<number> {
  const { one, seed } = await caseOf(id, given);
  const story = storyNamed(one.story);
  if (story === undefined) throw new InputError(`there is no story '${one.story}'`);
  // The handlers' logger takes its level from the environment when it is loaded.
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  const { playCase } = await import('../../rehearsal/chaos/player.ts');
  const played = await playCase(one.id, story, faultsOf(one), seed);
  const { caseId, outcome, struck, violations } = played;
  if (json) {
    const byKind = Object.fromEntries([...Map.groupBy(struck, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
    const found = violations.map(({ invariant, detail }) => ({ caseId, invariant, detail }));
    console.log(JSON.stringify({ runs: 1, faultsInjected: struck.length, byKind, violations: found, outcomes: { [outcome]: 1 } }, null, 2));
  } else console.log([`case ${one.explicit}`, story.summary, '', tell(played, one.faults.length)].join('\n'));
  return violations.length === 0 ? 0 : 1;
}

/** A combination is drawn from what the stories do, which has to be found out first. Its id has the seed that it was played with. */
async function caseOf(id: string, given: number): Promise<{ one: Case; seed: number }> {
  try {
    const drawn = /^combo-(\d{1,10})-/.exec(id);
    if (drawn === null) return { one: explicitCase(id), seed: given };
    const seed = whole(drawn[1] ?? '', '--replay', largestSeed);
    return { one: (await playBases(seed)).catalogue.find(id), seed };
  } catch (error) {
    if (error instanceof UnknownFaultError) throw new InputError(`--replay: ${error.message}`);
    throw error;
  }
}

function whole(text: string, option: string, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new InputError(`${option}: '${text}' does not do; use a whole number from 0 to ${most}`);
  return value;
}
