// The detector's state in memory: what is kept of each metric, and of the resource as a whole. How it is stored: stored-state.ts.
import { initialRisk, type RiskState } from './features/incident-risk.ts';
import type { LimitState } from './forecast/limit.ts';
import type { LoadCurve } from './load.ts';
import { type BankState, bank } from './signals/bank.ts';
import type { Usual } from './usual.ts';

export const stateVersion = 2;

/** What is kept of one metric; the optional parts belong to some roles only. Times: ms since the epoch. */
export interface MetricState {
  /** time of the last point, the usual time between points (null before the second), both ms; the last value */
  at: number;
  every: number | null;
  value: number;
  /** start of the unusual run that the last point belongs to */
  since: number | null;
  usual?: Usual;
  /** latency and cpu: last rise above the usual value, in spreads; 0 while warming up */
  spreads?: number;
  /** latency and cpu: usual value by load; last ratio to the usual value and that value */
  curve?: LoadCurve;
  ratio?: number;
  expected?: number;
  limit?: LimitState;
  /** memory, disk, connections and metrics of unknown meaning: points so far */
  seen?: number;
  /** status: consecutive failed points */
  failing?: number;
}

export interface DetectorState {
  readonly version: typeof stateVersion;
  /** time of the newest point; null before the first */
  readonly last: number | null;
  readonly metrics: Readonly<Record<string, MetricState>>;
  /** load of the last points (requests, else network bytes; at most three), doublings above usual, and the time of the last */
  readonly load: { readonly recent: readonly number[]; readonly surges: readonly number[]; readonly at: number } | null;
  /** accumulated evidence of a failure that has begun, from 0 */
  readonly evidence: { readonly latency: number; readonly errors: number; readonly cpu: number };
  /** errors: usual share, share at the last point, points learned, start of the unusual run */
  readonly errors: { readonly usualRate: number; readonly rate: number; readonly served: number; readonly n: number; readonly since: number | null };
  /** the probability that metrics of unknown meaning give, and what it is made of */
  readonly risk: RiskState;
  /** the signals of every metric, and what was told of them */
  readonly bank: BankState;
}

export const initialState = (): DetectorState => ({
  version: stateVersion,
  last: null,
  metrics: {},
  load: null,
  evidence: { latency: 0, errors: 0, cpu: 0 },
  errors: { usualRate: 0, rate: 0, served: 0, n: 0, since: null },
  risk: initialRisk,
  bank: bank.initial(),
});
