// From how unusual the metrics of a resource are to one score: the newly unusual, in proportion to how often that happens here.
import { clamp } from '../numbers.ts';

/** What is kept of a resource. */
export interface AlarmState {
  /** observations judged */
  readonly observed: number;
  /** means of all signals together, over eight observations and over three hundred */
  readonly recent: number;
  readonly usual: number;
  /** what must be exceeded beyond the threshold, for what was unusual before */
  readonly habit: number;
  /** observations for which the score stays below one half, since something unusual was told */
  readonly rest: number;
}

export const initialAlarm = (): AlarmState => ({ observed: 0, recent: 0, usual: 0, habit: 0, rest: 0 });

/** Where the score is one half. */
const threshold = 2.2;
/** Each time something unusual is told, the next must be so much more unusual; that is forgotten over so many observations. */
const habitStep = 0.25;
const habitPoints = 6000;
const restPoints = 100;
/** Early on little is known: what is told then teaches no habit, and is followed by a shorter rest. */
const youngPoints = 400;
const youngRest = 60;
const recentPoints = 8;
const usualPoints = 300;
const usualWeight = 0.4;
/** The score while resting is at most this. */
const mostResting = 0.49;

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const scoreOf = (excess: number): number => 1 - 0.5 ** (Math.max(0, excess / threshold) ** 2);

/**
 * One observation. The surprise of the moment and its mean over the last eight are added, less a part of what is usual here. After
 * something was told there is rest, and a habit forms: a resource that is often unusual must be more so.
 * @param surprise all signals of the most unusual metric together, less what is doubted of a young one: 0 to 3.75
 */
export function observeAlarm(state: AlarmState, surprise: number): { readonly state: AlarmState; readonly score: number } {
  const recent = state.recent + (surprise - state.recent) / Math.min(recentPoints, state.observed + 1);
  const usual = state.usual + (surprise - state.usual) / Math.min(usualPoints, state.observed + 1);
  const habit = state.habit * (1 - 1 / habitPoints);
  const excess = surprise + recent - usualWeight * state.usual - habit;
  const resting = state.rest > 0;
  const told = !resting && excess >= threshold;
  const young = state.observed < youngPoints;
  const score = resting ? Math.min(mostResting, scoreOf(excess)) : scoreOf(excess);
  return {
    state: {
      observed: Math.min(state.observed + 1, 1e6),
      recent: rounded(recent),
      usual: rounded(usual),
      habit: rounded(told && !young ? habit + habitStep * threshold : habit),
      rest: told ? (young ? youngRest : restPoints) : Math.max(0, state.rest - 1),
    },
    score: rounded(clamp(score, 0, 1)),
  };
}
