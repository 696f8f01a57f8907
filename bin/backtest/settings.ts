// What a history is judged by: horizon, objective and thresholds, of a plan or the defaults.
import { type MirroringLevel, Plan } from '../../core/contracts/plan.ts';
import type { Thresholds } from '../../core/mirroring/levels.ts';
import { lowestLevel } from '../../core/mirroring/policy.ts';
import type { DetectorConfig } from '../../core/prediction/port.ts';

export interface Settings extends Omit<DetectorConfig, 'metrics'> {
  readonly thresholds: Thresholds;
  /** below this the mirror never goes */
  readonly floor: MirroringLevel;
}

export const defaultSettings: Settings = {
  horizonMinutes: Plan.shape.horizonMinutes.parse(undefined),
  objective: Plan.shape.objective.parse(undefined),
  thresholds: Plan.shape.thresholds.parse(undefined),
  floor: 'minimal',
};

export const settingsOf = (plan: Plan): Settings => ({
  horizonMinutes: plan.horizonMinutes,
  objective: plan.objective,
  thresholds: plan.thresholds,
  floor: lowestLevel(plan),
});

/** The scores at which something is done, with what it is called. */
export const namedThresholds = ({ thresholds }: Settings): readonly { readonly name: 'partial' | 'full' | 'critical'; readonly score: number }[] =>
  (['partial', 'full', 'critical'] as const).map((name) => ({ name, score: thresholds[name] }));
