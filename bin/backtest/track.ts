// Keeps of a scored history what summary, evaluation and pages need: scores of every row, decisions, and the most telling row of each stretch of time.
import type { Reason } from '../../core/prediction/port.ts';
import type { History, ScoredRow } from './score.ts';

/** What would have been decided: a level was entered, or critical was entered or left. Times are ms since the epoch. */
export interface Decision {
  readonly time: number;
  readonly what: 'level' | 'critical' | 'no longer critical';
  readonly level: ScoredRow['level'];
  readonly previous: ScoredRow['level'];
  readonly score: number | null;
  readonly expectedInMinutes: number | null;
  readonly reasons: readonly Reason[];
}

/** The row with the highest score of a stretch; without scores, with the highest anomaly score. */
export type Highlight = Pick<ScoredRow, 'time' | 'score' | 'anomalyScore' | 'reasons'>;

export interface Track {
  readonly name: string;
  readonly metrics: readonly string[];
  readonly times: Float64Array;
  /** NaN: not scored */
  readonly scores: Float64Array;
  readonly anomalyScores: Float64Array;
  /** where the level changed, and the level at the first row */
  readonly levels: readonly { readonly at: number; readonly value: ScoredRow['level'] }[];
  readonly critical: readonly { readonly from: number; readonly until: number }[];
  readonly decisions: readonly Decision[];
  readonly highlights: readonly Highlight[];
  readonly episodes: readonly Episode[];
}

/** A stretch of scores at or above the lowest threshold; what rises again within the hour is the same one. */
export interface Episode {
  readonly from: number;
  readonly to: number;
  /** its row with the highest score, the first of equals */
  readonly peak: Highlight;
}

/** Parts of the time that each keep one row's reasons. */
const stretches = 800;
const hour = 3_600_000;

/** Collects rows while they pass. `finish` may be called once, when the last has passed. */
export class Tracker {
  readonly #history: Pick<History, 'name'> & { readonly metrics: readonly string[]; readonly from: number; readonly to: number; readonly episodesFrom: number };
  readonly #times: number[] = [];
  readonly #scores: number[] = [];
  readonly #anomalyScores: number[] = [];
  readonly #levels: { at: number; value: ScoredRow['level'] }[] = [];
  readonly #critical: { from: number; until: number }[] = [];
  readonly #decisions: Decision[] = [];
  readonly #highlights = new Map<number, Highlight>();
  readonly #episodes: { from: number; to: number; peak: Highlight }[] = [];
  #last: ScoredRow | undefined;

  /** @param episodesFrom the lowest threshold */
  constructor(history: { name: string; metrics: readonly string[]; from: number; to: number; episodesFrom: number }) {
    this.#history = history;
  }

  *watch(rows: Iterable<ScoredRow>): Generator<ScoredRow> {
    for (const row of rows) {
      this.#add(row);
      yield row;
    }
  }

  #add(row: ScoredRow): void {
    const { time, score, anomalyScore, expectedInMinutes, reasons, level, critical } = row;
    const before = this.#last;
    this.#last = row;
    this.#times.push(time);
    this.#scores.push(score ?? Number.NaN);
    this.#anomalyScores.push(anomalyScore);
    const previous = before?.level ?? level;
    const decide = (what: Decision['what']) => this.#decisions.push({ time, what, level, previous, score, expectedInMinutes, reasons });
    if (before === undefined || level !== previous) this.#levels.push({ at: time, value: level });
    if (level !== previous) decide('level');
    if (critical !== (before?.critical ?? false)) {
      decide(critical ? 'critical' : 'no longer critical');
      if (critical) this.#critical.push({ from: time, until: time });
    }
    const stay = this.#critical.at(-1);
    if (stay && (critical || before?.critical)) stay.until = time;
    const { from, to, episodesFrom } = this.#history;
    const highlight: Highlight = { time, score, anomalyScore, reasons };
    if (score !== null && score >= episodesFrom) this.#rise(highlight, score);
    const stretch = Math.floor(((time - from) / Math.max(1, to - from)) * stretches);
    const known = this.#highlights.get(stretch);
    if (known === undefined || rank(row) > rank(known)) this.#highlights.set(stretch, highlight);
  }

  #rise(row: Highlight, score: number): void {
    const open = this.#episodes.at(-1);
    if (open === undefined || row.time - open.to > hour) this.#episodes.push({ from: row.time, to: row.time, peak: row });
    else {
      open.to = row.time;
      if (score > (open.peak.score ?? 0)) open.peak = row;
    }
  }

  finish(): Track {
    const { name, metrics } = this.#history;
    return {
      name,
      metrics,
      times: Float64Array.from(this.#times),
      scores: Float64Array.from(this.#scores),
      anomalyScores: Float64Array.from(this.#anomalyScores),
      levels: this.#levels,
      critical: this.#critical,
      decisions: this.#decisions,
      highlights: [...this.#highlights.values()],
      episodes: this.#episodes,
    };
  }
}

const rank = ({ score, anomalyScore }: Highlight) => (score ?? -1) + anomalyScore / 10;
