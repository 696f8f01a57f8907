// The differential test: what was played on the emulator is played on the simulated cloud, and both went the same way.
import type { Run } from '../../rehearsal/world/run.ts';
import type { CollectedRun } from '../assertions/collect-run.ts';
import type { Check } from '../check.ts';
import type { GatewayRecord } from '../gateway/record.ts';
import { knownDifferences } from '../known-differences/index.ts';
import { compareAll, type Difference, describeDifference, type KnownDifference } from './compare.ts';
import { recordsOfEmulator } from './from-emulator.ts';
import { simulate } from './simulate.ts';
import { type Trace, traceOf } from './trace.ts';

export interface PlayedOnEmulator {
  readonly run: Run;
  readonly collected: CollectedRun;
}

/**
 * Checks for each service that is compared, part by part, and one for each known difference of whole failovers.
 * @param played all services that were played on the emulator, also those that are not compared: each call of a function has to be about one of them
 * @param calls all that its gateway recorded
 * @param compared services, by name, whose runs were the same on both clouds
 * Throws SimulationError, UnknownCallError, UnattributedCallError, UntracedCallError.
 */
export async function checkDifferential(
  played: readonly PlayedOnEmulator[],
  calls: readonly GatewayRecord[],
  compared: ReadonlySet<string>,
  known: readonly KnownDifference[] = knownDifferences,
): Promise<Check[]> {
  const records = recordsOfEmulator(
    played.map(({ collected }) => collected),
    calls,
  );
  const pairs: [Trace, Trace][] = [];
  for (const [index, { run }] of played.entries()) {
    const record = records[index];
    if (record !== undefined && compared.has(run.plan.service)) pairs.push([traceOf(await simulate(run)), traceOf(record)]);
  }
  const { unexplained, outdated } = compareAll(pairs, known);
  return [
    { name: 'both clouds played', ok: pairs.length === compared.size, detail: `${pairs.length} of ${compared.size} services were compared` },
    ...pairs.flatMap(([simulated, emulated]) => serviceChecks(simulated, emulated, unexplained)),
    ...known.filter(({ kind }) => kind === 'workflow').map(({ id }) => knownCheck(id, outdated)),
  ];
}

const parts = ['weights', 'phases', 'mutating calls', 'executions', 'ending'] as const;
type Part = (typeof parts)[number];

const titles: Readonly<Record<Part, (trace: Trace) => string>> = {
  weights: ({ weights }) => `the weights are those of the simulated cloud (${weights.join(', ') || 'never changed'})`,
  phases: ({ failovers }) => `so are the phases (${failovers.map(({ phases }) => phases.join(', ')).join('; ')})`,
  'mutating calls': () => 'so are the mutating calls and their parameters, phase by phase',
  executions: () => 'so are the executions and their ways through the states',
  ending: ({ ending }) => `so is the ending (${ending.join(', ')})`,
};

function partOf(where: string): Part {
  if (/ \/ weights$/.test(where)) return 'weights';
  if (/ \/ (ending|service)$/.test(where)) return 'ending';
  if (/ \/ (executions|mirroring)$/.test(where)) return 'executions';
  if (/ \/ (thread|phase) /.test(where)) return 'mutating calls';
  return 'phases';
}

function serviceChecks(simulated: Trace, emulated: Trace, unexplained: readonly Difference[]): Check[] {
  const { service } = simulated;
  return [
    // Two runs in which nothing happened would be alike.
    { name: `${service}: there is a failover to compare`, ok: simulated.failovers.length > 0 && emulated.failovers.length > 0 },
    ...parts.map((part): Check => {
      const here = unexplained.filter(({ where }) => where.startsWith(`${service} / `) && partOf(where) === part);
      const name = `${service}: ${titles[part](simulated)}`;
      return here.length === 0
        ? { name, ok: true }
        : { name, ok: false, detail: ['- simulated cloud, + emulator', ...here.map(describeDifference)].join('\n') };
    }),
  ];
}

const knownCheck = (id: string, outdated: readonly KnownDifference[]): Check => {
  const name = `the known difference ${id} still shows`;
  return outdated.some((entry) => entry.id === id)
    ? { name, ok: false, detail: 'take it off e2e/known-differences, or the line of it that is gone' }
    : { name, ok: true };
};
