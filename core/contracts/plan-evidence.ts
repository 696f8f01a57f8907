// Parts of the plan by which evidence from outside is understood: the calendar of load, deployments, and AWS services that matter.
import { z } from 'zod';
import { Moment, WeeklyTime } from './plan-interlocks.ts';

// A message is `what is wrong; what to do`: the part after the semicolon becomes the remedy that plan:check shows.

/** Load that is announced: while it lasts it explains itself, and before it begins it is compared with what the side carries. */
export const PlannedLoad = z
  .array(
    z
      .strictObject({
        name: z.string().min(1).max(80).describe('said in reasons'),
        factor: z
          .number()
          .max(100, 'no load grows so much; write the expected load as a multiple of the load before it')
          .refine((factor) => factor > 1, 'not a rise; write how many times the load before it is expected, as in 3')
          .describe('expected load, as a multiple of the load just before'),
        weekly: WeeklyTime.optional().describe('when it is, if it comes every week; give either this or `from` and `until`'),
        from: Moment.optional().describe('when it begins, if it comes once'),
        until: Moment.optional().describe('when it ends, if it comes once'),
      })
      .refine(
        ({ weekly, from, until }) => (weekly === undefined) !== (from === undefined && until === undefined) && (from === undefined) === (until === undefined),
        'when the load is expected is not said in one way; give either `weekly`, or both `from` and `until`',
      )
      .refine(({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until), {
        error: 'the load ends before it begins; put `until` after `from`',
        path: ['until'],
      })
      .describe('load that is expected, once or every week'),
  )
  .max(100)
  .default([])
  .describe(
    'load that is expected, such as a sale or a campaign: it is no anomaly while it lasts, and raises the score beforehand when it is more than the side carries',
  );
export type PlannedLoad = z.infer<typeof PlannedLoad>;

const onSide = { side: z.enum(['primary', 'standby']).default('primary').describe('side on which it deploys') };
const Name = z.string().min(1).max(255);

/** Deployments whose own events are understood; any other pipeline puts an event of its own. */
export const Deployments = z
  .array(
    z.discriminatedUnion('kind', [
      z
        .strictObject({
          kind: z.literal('codedeploy').describe('AWS CodeDeploy'),
          application: Name.describe('name of the application'),
          deploymentGroup: Name.optional().describe('name of the deployment group; default: any'),
          ...onSide,
        })
        .describe('deployments by CodeDeploy'),
      z
        .strictObject({
          kind: z.literal('ecs').describe('Amazon ECS'),
          cluster: Name.describe('name of the cluster'),
          service: Name.describe('name of the service in it'),
          ...onSide,
        })
        .describe('deployments of an ECS service'),
    ]),
  )
  .max(50)
  .default([])
  .describe('deployments that concern the service: what turns unusual after one is said to be so; a pipeline may put an event of its own instead');
export type Deployments = z.infer<typeof Deployments>;

/** As AWS Health names them. */
export const AwsServices = z
  .array(z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'not a service as AWS Health names it; write it as in EC2 or RDS'))
  .max(50)
  .default(['EC2', 'EBS', 'ELASTICLOADBALANCING', 'VPC', 'NATGATEWAY', 'INTERNETCONNECTIVITY', 'MULTIPLE_SERVICES'])
  .describe("AWS services that the service needs: their AWS Health issues in a side's zone or Region raise its score");
