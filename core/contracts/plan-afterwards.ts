// Parts of the plan that say what follows a failover: the side that was left, the way home, and practice.
import { z } from 'zod';
import { WeeklyTime } from './plan-interlocks.ts';

export const After = z
  .strictObject({
    losingSide: z
      .enum(['standby', 'rebuild', 'decommission'])
      .default('standby')
      .describe(
        'standby: it stays as it is; rebuild: its instances are replaced from the launch template of the side; decommission: its instances leave the balancer and are stopped. Only instances that carry the tag forestall:service of this service are stopped or terminated',
      ),
    soakMinutes: z.int().min(5).max(10_080).default(60).describe('minutes that the receiving side has to serve well before anything is done to the other one'),
  })
  .prefault({})
  .describe('what becomes of the side that was left, after the point of no return');

export const FailBack = z
  .strictObject({
    automatic: z.boolean().default(false).describe('true: goes home without being asked, through the same gates; false: a person approves each fail-back'),
    afterMinutes: z.int().min(10).max(10_080).default(120).describe('minutes that the left side has to measure well before an automatic fail-back'),
  })
  .prefault({})
  .describe('the way home');

export const Drills = z
  .strictObject({
    scope: z.enum(['canary', 'failover']).describe('canary: warm and judge the standby; failover: move all traffic there and home again'),
    window: WeeklyTime.describe('when a drill may begin; it has to fit into the window, the way home included'),
    everyDays: z.int().min(1).max(365).default(30).describe('days between drills'),
    stayMinutes: z.int().min(1).max(1440).default(10).describe('minutes on the standby before the way home'),
  })
  .optional()
  .describe('a drill that comes again: the real thing while nothing is wrong, recorded and measured as a drill; without the key there is none');
