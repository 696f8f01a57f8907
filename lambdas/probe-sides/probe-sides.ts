// Live evidence: real requests to both sides' endpoints at the same time, so that what is wrong with both is seen on both.
import type { Step } from '../task-handler.ts';

/** A side that times out is known for it by then; the step waits for no more, ms. */
const probingTime = 30_000;

export const probeSides: Step<'probe-sides'> = async ({ serviceId, workflowId }, { services, prober, failovers, now }) => {
  const { plan } = await services.get(serviceId);
  const at = new Date(now()).toISOString();
  const { probes, probeConcurrency } = plan.canary;
  const [primary, standby] = await Promise.all(
    (['primary', 'standby'] as const).map((side) => prober.probe(plan, side, probes, probeConcurrency, probingTime)),
  );
  if (primary && standby) await failovers.addProbes(workflowId, at, { primary, standby });
  return { decision: 'probed' };
};
