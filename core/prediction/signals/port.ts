// The port of the signal bank: per metric and point, named surprises, what they are measured against, and since when.
import type { MetricDefinition } from '../../contracts/metrics.ts';
import type { Observation } from '../port.ts';

/**
 * What a metric is watched for.
 * - level: the mean of the last two dozen points, against the usual of their hours: a shift that stays
 * - change: the step from the point before, or a jump within the last few
 * - trend: the mean of the last points, against the slower mean before it
 * - season: the value, against the usual of this hour (apart for weekdays and weekends where there is room; see `binsOf`)
 * - variance: how restless the last points are, in either direction, or how many of them are far out
 * - plateau: the same value over and over, longer than this metric has been seen to stand still
 */
export const signalNames = ['level', 'change', 'trend', 'season', 'variance', 'plateau'] as const;
export type SignalName = (typeof signalNames)[number];

/** What the bank says of one metric at its newest point. */
export interface MetricSignals {
  /** ms since the epoch of the newest point that was judged */
  readonly at: number;
  /** points learned from; every surprise is 0 below 100 */
  readonly points: number;
  /**
   * About -log10 of the tail probability, 0 (usual) to 12 in size. The sign is the direction: above or rising is positive, variance is
   * negative when the metric has become unusually quiet, plateau is never negative.
   */
  readonly surprises: Readonly<Record<SignalName, number>>;
  /** ms since the epoch at which the present run of surprise 2 or more (of any signal) began; null when there is none */
  readonly since: number | null;
  /** all signals together: their weighted cubic mean, each cut at 3.75; 0 while warming up */
  readonly surprise: number;
  readonly value: number;
  /** usual value now (for this hour where the season is known) and its spread, the typical distance from it; the spread is above 0 */
  readonly usual: number;
  readonly spread: number;
  /** whether `usual` is that of the hour and of the kind of day, of the hour alone, or the plain level */
  readonly usualOf: 'hourOfWeek' | 'hour' | 'level';
}

/** What of a detector's configuration the bank depends on. */
export interface BankConfig {
  readonly metrics: readonly Pick<MetricDefinition, 'name'>[];
}

/** Streaming, constant memory, plain state; `observe` never throws and never looks ahead. How the state is stored: stored-bank.ts. */
export interface SignalBank<State> {
  initial(): State;
  /**
   * `score`: 0-1, how newly unusual the resource is, one half where it is worth telling; 0 when no metric has a point that can be
   * judged. It stays below one half for a while after it was not, so that one thing is told once: ask `read` for what still lasts.
   */
  observe(state: State, observation: Observation, config: BankConfig): { state: State; score: number };
  /** The signals of one metric at its last point; undefined before its first. Made when asked for, not at each point. */
  read(state: State, name: string): MetricSignals | undefined;
}
