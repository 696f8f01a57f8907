// Stories of a primary that dies without warning.
import { chaosPlan } from '../plan.ts';
import type { Setting } from '../stage.ts';
import type { Story } from '../story.ts';

const partial = (mirrors: number): Setting => ({ plan: chaosPlan(), level: 'partial', mirrors, validated: false, active: 'primary' });

/** Health checks move the traffic, and Forestall sees to the rest. */
export const death: Story = {
  name: 'death',
  summary: 'the primary dies; it is latched, and the standby is brought to full capacity',
  outcome: 'evacuated',
  lasts: 20,
  setting: () => partial(3),
  tell({ stage, at }) {
    at(1, () => stage.kill('primary'));
    at(45, () => stage.heal('primary'));
  },
};

/** What users need first is capacity. */
export const overwhelmed: Story = {
  name: 'overwhelmed',
  summary: 'the primary dies and the standby is far too small: it is warmed before anything is latched',
  outcome: 'evacuated',
  lasts: 24,
  setting: () => partial(1),
  tell(scene) {
    scene.stage.weather.load = 1.6;
    death.tell(scene);
  },
};

/** The latch cannot be set for a while: people are told, and the next report tries again. */
export const unlatched: Story = {
  name: 'unlatched',
  summary: 'the primary dies and cannot be latched at first: people are told, and it is tried again',
  outcome: 'evacuated',
  lasts: 24,
  setting: () => partial(3),
  tell: death.tell,
  faults: ['evacuate.Latch side/server-error~lasting'],
};
