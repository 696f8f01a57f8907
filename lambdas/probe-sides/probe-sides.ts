// Live evidence: real requests to both sides' endpoints at the same time, so that what is wrong with both is seen on both.
import type { Step } from '../task-handler.ts';

export const probeSides: Step<'probe-sides'> = async ({ serviceId, workflowId }, { services, prober, failovers, now }) => {
  const { plan } = await services.get(serviceId);
  const at = new Date(now()).toISOString();
  const { probes, probeConcurrency } = plan.canary;
  const [primary, standby] = await Promise.all((['primary', 'standby'] as const).map((side) => prober.probe(plan, side, probes, probeConcurrency)));
  if (primary && standby) await failovers.addProbes(workflowId, at, { primary, standby });
  return { decision: 'probed' };
};
