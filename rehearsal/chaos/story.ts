// What a story is: how the service stands, what happens, and what should come of it when nothing else goes wrong.
import type { Setting, Stage } from './stage.ts';
import type { StandingDecisions } from './standing-decisions.ts';

/** A story's way to make things happen. */
export interface Scene {
  readonly stage: Stage;
  readonly decisions: StandingDecisions;
  /** So many minutes after the beginning. */
  at(minutes: number, action: () => void | Promise<void>): void;
  /** When an execution comes to a state (its n-th visit in the run), given as `machine.State` or `machine.State#n`. */
  when(place: string, action: () => void): void;
  /** A trouble of the world that belongs to the story begins now, by the fault's name. */
  upset(fault: string): void;
}

export interface Story {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  setting(): Setting;
  tell(scene: Scene): void;
  /** Minutes from the beginning after which nothing happens by the story itself. */
  readonly lasts: number;
  /** Names of faults that belong to the story. */
  readonly faults?: readonly string[];
  /** false: what happens around a failover is not tried in this story, which differs from another only in what was before. */
  readonly around?: false;
  /** true: goes another way through states that earlier stories come to, so that their main faults are played here again. */
  readonly again?: true;
  /** How it ends when nothing else goes wrong, as a case's outcome says it. */
  readonly outcome: string;
}

/** The primary grows slow, with some errors, a minute before the score crosses; it is well again later, if nothing happens to it. */
export function troubledPrimary(
  { stage, decisions, at }: Scene,
  { expectedInMinutes = 20, wellAfter = 40 }: { expectedInMinutes?: number; wellAfter?: number } = {},
): void {
  at(1, () => stage.weather.set('primary', { latency: 2.5, errors: 0.02 }));
  at(2, () => decisions.crossed(expectedInMinutes));
  at(wellAfter, () => {
    if (stage.weather.of('primary').deadSince === null) stage.heal('primary');
    decisions.over();
  });
}
