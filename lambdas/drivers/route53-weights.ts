// Driver `route53-weights`: the weights of the service's records. The compare-and-set is the router's.
import type { Plan } from '../../core/contracts/plan.ts';
import type { Weights } from '../../core/contracts/records.ts';
import { shareOf, weightsFor } from '../../core/traffic/steps.ts';
import type { Services } from '../services.ts';
import type { DriverPort } from './port.ts';

/** Returns the id of Route 53's change; undefined: the weights are set already. Throws WeightsChangedError. */
export function setRecords(plan: Plan, standing: Weights, wanted: Weights, { router }: Pick<Services, 'router'>): Promise<string | undefined> {
  return router.setWeights(plan, standing, wanted);
}

export const route53Weights: DriverPort<'route53-weights'> = {
  name: 'route53-weights',
  gradual: true,

  async read({ plan, services }) {
    const { weights } = await services.router.read(plan);
    return { standby: shareOf('standby', weights) * 100, detail: `${plan.record.name} has the weights ${weights.primary}/${weights.standby}` };
  },

  /** The record says where Forestall left the weights, and which it means to set: those at the start need not add up to 100. */
  async apply({ plan, record, to, percent, services }) {
    const wanted = record.intended ?? weightsFor(to, percent);
    const changeId = await setRecords(plan, record.weights ?? record.weightsAtStart ?? wanted, wanted, services);
    return changeId === undefined ? { state: 'done' } : { state: 'under-way', token: changeId };
  },

  isDone: ({ services }, token) => services.router.isInSync(token),
};
