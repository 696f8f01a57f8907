// The plan that chaos is played with: the default one, with short waits and few probes where that leaves the logic as it is.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Plan, type PlanInput } from '../../core/contracts/plan.ts';

const file = new URL('../../plans/shop.yaml', import.meta.url);

const brief: Partial<PlanInput> = {
  mode: 'act',
  // Few probes prove a looser objective only.
  objective: { latencySeconds: 1, errorRate: 0.05 },
  canary: { probes: 300, probeConcurrency: 100, evidenceWaitMinutes: 3 },
  shift: { urgent: { steps: [10, 50, 100], bakeSeconds: 30 }, calm: { steps: [10, 50, 100], bakeSeconds: 30 } },
  failover: { drainMaxMinutes: 6, cooldownMinutes: 60 },
};

let text: string | undefined;

/** The plan of chaos, with changes to its top-level keys. */
export function chaosPlan(changes: (plan: PlanInput) => Partial<PlanInput> = () => ({})): Plan {
  text ??= readFileSync(file, 'utf8');
  const base: PlanInput = parse(text) as PlanInput;
  const plan: PlanInput = { ...base, ...brief, record: { ...base.record, ttlSeconds: 30 } };
  return Plan.parse({ ...plan, ...changes(plan) });
}
