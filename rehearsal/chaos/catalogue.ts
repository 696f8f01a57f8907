// All stories by name, the plainest first: a Task state's faults are played in the first story that comes to it.

import { approved, drilled, rebuilt, rehearsed, retired, switched, unanswered } from './stories/asked.ts';
import { mirroring } from './stories/keeping.ts';
import { canary, failBack, fresh, halted, small, stopped, stoppedLate, stoppedWorse, tooSmall, turnsBad, unsteered } from './stories/predictive.ts';
import { death, overwhelmed, unlatched } from './stories/sudden.ts';
import type { Story } from './story.ts';

export const stories: readonly Story[] = [
  fresh,
  canary,
  small,
  turnsBad,
  unsteered,
  death,
  overwhelmed,
  mirroring,
  failBack,
  approved,
  unanswered,
  rehearsed,
  drilled,
  switched,
  retired,
  rebuilt,
  stopped,
  stoppedLate,
  stoppedWorse,
  tooSmall,
  halted,
  unlatched,
];

export const storyNamed = (name: string): Story | undefined => stories.find((story) => story.name === name);
