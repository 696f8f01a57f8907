// What the failover bench says of its measurements: which demands they keep, and Markdown tables for docs/benchmarks.md.
import { type PartName, partNames } from './failover-parts.ts';
import type { DrillMeasured, EvacuationMeasured, MoveMeasured, Reached } from './failover-run.ts';

const minute = 60_000;
/** From a critical score until users are moved, and from the first failed request until an evacuation answers anew, beside the TTL: ms. */
export const limits = { move: 10 * minute, evacuation: 90_000 };

type Audience = keyof Reached;
export const audiences: readonly Audience[] = ['lookUps', 'honouring', 'all'];
const called: Readonly<Record<Audience, string>> = {
  lookUps: 'look-ups of resolvers that honour the TTL',
  honouring: 'all requests of their users, long-lived connections included',
  all: 'all requests',
};

/** Of times of which some never came (null): the middle one, the later of two; null when more than half never came, or there is none. */
export function median(times: readonly (number | null)[]): number | null {
  const sorted = times.map((time) => time ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(middle) ? middle : null;
}

/** null: one of them never came, or there is none. */
export const worst = (times: readonly (number | null)[]): number | null =>
  times.length === 0 || times.includes(null) ? null : Math.max(...times.map((time) => time ?? 0));

const inMinutes = (time: number | null) => (time === null ? 'never' : (time / minute).toFixed(1));
const inSeconds = (time: number | null) => (time === null ? 'never' : (time / 1000).toFixed(0));
const spread = (times: readonly (number | null)[], form: (time: number | null) => string) => `${form(median(times))} / ${form(worst(times))}`;
const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

export interface MoveSummary {
  readonly runs: number;
  /** How many were moved within the limit; of those in which the oracle is, and the bare steps are. */
  readonly withinLimit: Readonly<Record<Audience, { readonly forestall: number; readonly stepped: number; readonly oracle: number }>>;
  /** ms, of each run: how much later than the oracle at the same moment. */
  readonly behindOracle: readonly (number | null)[];
}

/** Counts over runs of one kind. */
export function summariseMoves(runs: readonly MoveMeasured[]): MoveSummary {
  const count = (arm: 'forestall' | 'stepped' | 'oracle', audience: Audience) =>
    runs.filter((run) => (run[arm][audience] ?? Number.POSITIVE_INFINITY) <= limits.move).length;
  const of = (audience: Audience) => ({ forestall: count('forestall', audience), stepped: count('stepped', audience), oracle: count('oracle', audience) });
  return {
    runs: runs.length,
    withinLimit: { lookUps: of('lookUps'), honouring: of('honouring'), all: of('all') },
    behindOracle: runs.map(({ forestall, oracle }) => (forestall.all === null || oracle.all === null ? null : forestall.all - oracle.all)),
  };
}

/** What was demanded and not kept, a sentence each. `ttl`: ms. */
export function broken(moves: readonly MoveMeasured[], evacuations: readonly EvacuationMeasured[], drills: readonly DrillMeasured[], ttl: number): string[] {
  const late = (time: number | null, limit: number) => time === null || time > limit;
  return [
    ...moves
      .filter(({ forestall }) => late(forestall.lookUps, limits.move))
      .map(({ scenario, seed }) => `${scenario} ${seed}: new connections were not moved within 10 minutes`),
    ...evacuations
      .filter(({ flipped }) => late(flipped, limits.evacuation))
      .map(({ seed }) => `evacuation ${seed}: Route 53 answered the lost side after 90 seconds`),
    ...evacuations
      .filter(({ forestall }) => late(forestall.lookUps, limits.evacuation + ttl))
      .map(({ seed }) => `evacuation ${seed}: new connections were not moved within 90 seconds and the TTL`),
    ...drills
      .filter(({ moves: made }) => made.length < 2 || made.some((move) => !move.includes('failed-over')))
      .map(({ seed, moves: made }) => `drill ${seed}: did not go over and home (${made.join(', ') || 'nothing moved'})`),
    ...drills
      .filter(({ failed }) => failed.forestall !== failed.none)
      .map(({ seed, failed }) => `drill ${seed}: ${failed.forestall} failed requests, ${failed.none} without it`),
  ];
}

/** One line for each run. */
export const movesTable = (runs: readonly MoveMeasured[]): string =>
  table(
    ['scenario', 'seed', 'canary', 'all weight', ...['look-ups', 'honouring', 'all'].map((name) => `${name}: Forestall / steps / oracle`), 'handed over'],
    runs.map((run) => [
      ...[run.scenario, run.seed, run.canary, inMinutes(run.allWeight)],
      ...audiences.map((audience) => [run.forestall, run.stepped, run.oracle].map((arm) => inMinutes(arm[audience])).join(' / ')),
      inMinutes(run.handedOver),
    ]),
  );

/** One line for each kind of runs, by the name that it is given. */
export const moveSummaryTable = (kinds: ReadonlyMap<string, readonly MoveMeasured[]>): string =>
  table(
    ['runs', 'moved', 'Forestall', 'the same steps, bare', 'oracle', 'within 10 min: Forestall, steps, oracle', 'behind the oracle'],
    [...kinds].flatMap(([name, runs]) => {
      const { withinLimit } = summariseMoves(runs);
      return audiences.map((audience) => {
        const of = (arm: 'forestall' | 'stepped' | 'oracle') => runs.map((run) => run[arm][audience]);
        const later = runs.map(({ forestall, oracle }) =>
          forestall[audience] === null || oracle[audience] === null ? null : forestall[audience] - oracle[audience],
        );
        const { forestall, stepped, oracle } = withinLimit[audience];
        return [
          ...[
            `${name} (${runs.length})`,
            called[audience],
            spread(of('forestall'), inMinutes),
            spread(of('stepped'), inMinutes),
            spread(of('oracle'), inMinutes),
          ],
          ...[`${forestall}, ${stepped}, ${oracle}`, spread(later, inMinutes)],
        ];
      });
    }),
  );

/** Where the time until all weight was found in sync went, s. */
export const partsTable = (kinds: ReadonlyMap<string, readonly MoveMeasured[]>): string => {
  const used = partNames.filter((part) => [...kinds.values()].some((runs) => runs.some(({ parts }) => (parts?.[part] ?? 0) > 0)));
  const of = (runs: readonly MoveMeasured[], part: PartName) => runs.map(({ parts }) => parts?.[part] ?? null);
  return table(
    ['runs', ...used, 'all weight in sync', 'then until handed over'],
    [...kinds].map(([name, runs]) => [
      name,
      ...used.map((part) => spread(of(runs, part), inSeconds)),
      spread(
        runs.map(({ verified }) => verified),
        inSeconds,
      ),
      spread(
        runs.map(({ handedOver, verified }) => (handedOver === null || verified === null ? null : handedOver - verified)),
        inSeconds,
      ),
    ]),
  );
};

type Priced = Pick<MoveMeasured | EvacuationMeasured, 'cost'>;
const dollars = (amount: number | null) => (amount === null ? '-' : amount.toFixed(4));

/** Transitions, invocations, metrics and their price, median and worst of each kind. */
export const costTable = (kinds: ReadonlyMap<string, readonly Priced[]>): string =>
  table(
    ['workflow', 'state transitions', 'invocations', 'GB-s', 'metrics asked for', 'transitions, $', 'metrics, $', 'Lambda, $', 'sum, $'],
    [...kinds].map(([name, runs]) => {
      const costs = runs.flatMap(({ cost }) => (cost ? [cost] : []));
      const whole = (time: number | null) => (time === null ? '-' : time.toFixed(0));
      const of = (pick: (cost: (typeof costs)[number]) => number, form: (time: number | null) => string) => spread(costs.map(pick), form);
      return [
        ...[
          name,
          of(({ transitions }) => transitions, whole),
          of(({ invocations }) => invocations, whole),
          of(({ gigabyteSeconds }) => gigabyteSeconds, whole),
        ],
        ...[of(({ metrics }) => metrics, whole), of((cost) => cost.dollars.transitions, dollars), of((cost) => cost.dollars.metrics, dollars)],
        ...[of((cost) => cost.dollars.lambda, dollars), of((cost) => cost.dollars.sum, dollars)],
      ];
    }),
  );

/** API calls by operation, median of the runs in which there were any. */
export const callsLine = (runs: readonly Priced[]): string => {
  const costs = runs.flatMap(({ cost }) => (cost ? [cost] : []));
  const operations = [...new Set(costs.flatMap(({ apiCalls }) => Object.keys(apiCalls)))].sort();
  return operations.map((operation) => `${operation} ${median(costs.map(({ apiCalls }) => apiCalls[operation] ?? 0))}`).join(', ');
};

/** One line for each run, seconds. */
export const evacuationsTable = (runs: readonly EvacuationMeasured[]): string =>
  table(
    [
      'seed',
      'dies',
      'answers',
      '30 s x 3',
      '10 s x 3',
      ...audiences.map((audience) => `${audience}: Forestall / reactive / oracle`),
      'latched',
      'failed / reactive',
    ],
    runs.map((run) => [
      ...[run.seed, run.dies, inSeconds(run.flipped), inSeconds(run.otherChecks['30 s x 3'] ?? null), inSeconds(run.otherChecks['10 s x 3'] ?? null)],
      ...audiences.map((audience) => [run.forestall, run.reactive, run.oracle].map((arm) => inSeconds(arm[audience])).join(' / ')),
      ...[inSeconds(run.latched), (run.failed.forestall / run.failed.reactive).toFixed(3)],
    ]),
  );

/** Median and worst, seconds. */
export const evacuationSummaryTable = (runs: readonly EvacuationMeasured[]): string =>
  table(
    ['from the first failed request until', 'Forestall', 'reactive', 'oracle'],
    [
      [
        'Route 53 answers the standby alone',
        spread(
          runs.map(({ flipped }) => flipped),
          inSeconds,
        ),
        'the same',
        '0 / 0',
      ],
      ...audiences.map((audience) => [
        `moved: ${called[audience]}`,
        ...(['forestall', 'reactive', 'oracle'] as const).map((arm) =>
          spread(
            runs.map((run) => run[arm][audience]),
            inSeconds,
          ),
        ),
      ]),
      [
        'the lost side is latched',
        spread(
          runs.map(({ latched }) => latched),
          inSeconds,
        ),
        '-',
        '-',
      ],
    ],
  );

/** One line for each run. */
export const drillsTable = (runs: readonly DrillMeasured[]): string =>
  table(
    ['seed', 'moves', 'requests', 'failed: drill, none', 'slow: drill, none', 'state transitions', 'sum, $'],
    runs.map(({ seed, moves, requests, failed, slow, transitions, dollars: sum }) => [
      ...[
        seed,
        moves.join(', ') || 'none',
        requests.toLocaleString('en'),
        `${failed.forestall}, ${failed.none}`,
        `${slow.forestall}, ${slow.none}`,
        transitions,
        sum.toFixed(4),
      ],
    ]),
  );
