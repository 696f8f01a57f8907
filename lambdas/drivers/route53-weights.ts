// Driver `route53-weights`: the weights of the service's records. The compare-and-set is the router's.
import { shareOf, weightsFor } from '../../core/traffic/steps.ts';
import type { DriverPort } from './port.ts';

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
    const changeId = await services.router.setWeights(plan, record.weights ?? record.weightsAtStart ?? wanted, wanted);
    return changeId === undefined ? { state: 'done' } : { state: 'under-way', token: changeId };
  },

  isDone: ({ services }, token) => services.router.isInSync(token),
};
