// Driver `health-check`: the losing side's evacuation check, which Route 53 reads from CloudWatch. No control plane is asked.
import { latchLosingSide } from '../failover/latch.ts';
import type { DriverPort } from './port.ts';

export const healthCheck: DriverPort<'health-check'> = {
  name: 'health-check',
  gradual: false,

  async read({ plan, services }) {
    const { latched } = await services.services.get(plan.service);
    const sides = Object.keys(latched);
    return { standby: latched.primary ? 100 : 0, detail: sides.length === 0 ? 'no side is latched' : `latched: ${sides.join(', ')}` };
  },

  /** The direction is the record's: what a failover left is latched, what a fail-back left is a good standby. */
  async apply({ record, services }) {
    await latchLosingSide(record, services);
    return { state: 'done' };
  },

  isDone: async () => true,
};
