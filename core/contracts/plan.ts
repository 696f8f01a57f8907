// The plan: the YAML that protects one service. Every default is here and documented by `describe`.
import { z } from 'zod';
import { MetricDefinition } from './metrics.ts';

const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not an AWS Region name; write it as in eu-west-1');
const Url = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s?#]*)?(\?[^\s#]*)?$/, 'not an http or https URL; write it as in https://primary.example.com/health');
const Id = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter');

export const ResourceKind = z.enum(['ec2-instance']);
export type ResourceKind = z.infer<typeof ResourceKind>;

const InstanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'not an instance id; write it as in i-0123456789abcdef0');

export const ResourceSelector = z
  .strictObject({
    kind: ResourceKind,
    ids: z.array(InstanceId).min(1).optional(),
    tags: z.record(z.string().min(1), z.string()).optional().describe('every tag must match'),
    metrics: z.array(MetricDefinition).min(1).optional().describe('default: the metrics of the kind'),
  })
  .superRefine((selector, context) => {
    if ((selector.ids === undefined) === (selector.tags === undefined))
      context.addIssue({ code: 'custom', message: 'select resources by exactly one of `ids` and `tags`', params: { remedy: 'keep one of `ids` and `tags`' } });
    for (const tag of Object.keys(selector.tags ?? {}))
      if (tag.startsWith('aws:autoscaling:'))
        context.addIssue({
          code: 'custom',
          path: ['tags', tag],
          message: 'instances of an Auto Scaling group are not supported: the group would undo what Forestall does',
          params: { remedy: 'select instances that no Auto Scaling group owns' },
        });
  });
export type ResourceSelector = z.infer<typeof ResourceSelector>;

const Endpoint = z
  .strictObject({
    url: Url.describe('what Route 53 and the prober call; a side answers here whatever the DNS weights are'),
    timeoutSeconds: z.number().positive().max(10).default(2).describe('a slower answer counts as failed'),
    probePaths: z.array(z.string().startsWith('/')).min(1).max(20).optional().describe('safe, real requests for the canary; default: the path of `url`'),
  })
  .describe('health-check endpoint');

const LoadBalancer = z.strictObject({
  dimension: z
    .string()
    .regex(/^(app|net)\/[^/]+\/[0-9a-f]{16}$/, "not a LoadBalancer dimension; it is the end of the balancer's ARN, as in app/shop/50dc6c495c0c9188"),
  targetGroupArn: z.string().regex(/^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/.+$/, 'not the ARN of a target group'),
});

const sideFields = {
  region: Region,
  zone: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'not an Availability Zone; write it as in eu-west-1a'),
  setIdentifier: z.string().min(1).max(128).describe('SetIdentifier of the weighted record'),
  endpoint: Endpoint,
  loadBalancer: LoadBalancer,
  requestsPerSecondPerInstance: z.number().positive().describe('load that one instance carries within the objective'),
};

const PrimarySide = z.strictObject({
  ...sideFields,
  instances: z.int().min(1).max(1000).describe('instances that serve here'),
  resources: z.array(ResourceSelector).min(1),
});

const StandbySide = z.strictObject({
  ...sideFields,
  instances: z
    .strictObject({ partial: z.int().min(1).max(1000), full: z.int().min(1).max(1000) })
    .refine(({ partial, full }) => partial <= full, 'partial may not be more than full'),
  launchTemplate: z.strictObject({
    id: z.string().regex(/^lt-[0-9a-f]{8,17}$/, 'not a launch template id; write it as in lt-0123456789abcdef0'),
    version: z.string().default('$Default'),
    roleArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'not the ARN of a role')
      .optional()
      .describe("role in the template's instance profile, the only one that Forestall may pass; leave out when the template has no instance profile"),
  }),
  kmsKeyArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]+$/, 'not the ARN of a KMS key')
    .describe("key in the standby's Region that encrypts snapshot copies"),
});

const ShiftProfile = z.strictObject({
  steps: z
    .array(z.int().min(1).max(100))
    .min(1)
    .refine(
      (steps) => steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0)) && steps.at(-1) === 100,
      'steps are rising percentages and end at 100',
    ),
  bakeSeconds: z.int().min(10).max(3600).describe('time that a step is watched; at least the TTL is waited'),
});

const Score = z.number().min(0).max(100);

const planShape = {
  service: Id.describe('identifier of the service'),
  description: z.string().optional(),
  mode: z
    .enum(['observe', 'advise', 'act'])
    .default('observe')
    .describe('where a new service begins; later changes are made on the service, never by plan:apply'),
  criticality: z.enum(['standard', 'critical']).default('standard').describe('critical: never below a warm standby (level partial)'),
  data: z.enum(['stateless', 'external', 'local']).describe('where the data lives'),
  controlRegion: Region.optional().describe("where Forestall runs; default: the standby's Region"),
  record: z.strictObject({
    hostedZoneId: z.string().regex(/^Z[A-Z0-9]{5,31}$/, 'not a hosted zone id; write it as in Z0123456789ABCDEFGHIJ'),
    name: z
      .string()
      .regex(/^(\*\.)?([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}\.?$/, 'not a DNS name; write it as in shop.example.com')
      .transform((name) => name.replace(/\.$/, '')),
    types: z
      .array(z.enum(['A', 'AAAA', 'CNAME']))
      .min(1)
      .default(['A'])
      .describe('every record type that answers for the name'),
    ttlSeconds: z.int().min(1).max(3600).default(60).describe('TTL of the record (60 for aliases)'),
    routing: z.literal('weighted', 'only weighted records can be shifted').default('weighted'),
    private: z.literal(false, 'private hosted zones are not supported: Route 53 health checkers cannot reach what is behind them').default(false),
  }),
  sides: z.strictObject({ primary: PrimarySide, standby: StandbySide }),
  entryMetrics: z
    .array(MetricDefinition)
    .optional()
    .describe("the service's own metrics; default: latency, errors and requests at the load balancer; [] reads none"),
  objective: z
    .strictObject({
      latencySeconds: z.number().positive().default(1).describe('a slower request is slow'),
      errorRate: z.number().positive().max(0.5).default(0.01).describe('share of failed requests that is still acceptable'),
    })
    .prefault({}),
  horizonMinutes: z.int().min(5).max(1440).default(60).describe('the score is the probability of failure within this time'),
  thresholds: z
    .strictObject({
      partial: Score.default(30),
      full: Score.default(70),
      critical: Score.default(85),
      exitBelow: z.number().min(0).max(50).default(10).describe('a level is left this many points below where it is entered'),
      dwellMinutes: z.int().min(0).max(1440).default(10).describe('a level is kept at least this long before it is lowered'),
    })
    .refine(({ partial, full, critical }) => partial < full && full < critical, 'thresholds must rise: partial < full < critical')
    .prefault({}),
  mirroring: z
    .strictObject({
      snapshotEveryHours: z
        .strictObject({ minimal: z.number().positive().default(24), partial: z.number().positive().default(6), full: z.number().positive().default(1) })
        .prefault({}),
      keepSnapshots: z.int().min(1).max(100).default(3),
      canaryMaxAgeMinutes: z.int().min(5).max(1440).default(60).describe('an older canary does not count as validation'),
    })
    .prefault({}),
  canary: z
    .strictObject({
      probes: z.int().min(50).max(5000).default(500).describe('requests that the prober sends to each side for one verdict'),
      probeConcurrency: z.int().min(1).max(100).default(25),
      evidenceWaitMinutes: z.int().min(1).max(120).default(10).describe('how long no-evidence is waited out before the failover is given up'),
    })
    .prefault({}),
  shift: z
    .strictObject({
      calm: ShiftProfile.prefault({ steps: [1, 5, 25, 50, 100], bakeSeconds: 120 }),
      urgent: ShiftProfile.prefault({ steps: [10, 50, 100], bakeSeconds: 60 }),
      urgentWithinMinutes: z.int().min(0).max(1440).default(60).describe('a failure expected sooner is shifted with the urgent profile'),
    })
    .prefault({}),
  failover: z
    .strictObject({
      cooldownMinutes: z.int().min(0).max(10080).default(60).describe('no new failover so long after the last one ended'),
      drainedBelow: z.number().positive().max(0.5).default(0.01).describe("the losing side's share of requests at which the service has moved"),
      drainMaxMinutes: z.int().min(1).max(1440).default(30),
      headroom: z.number().min(1).max(10).default(1).describe('capacity that must stand behind each step, as a multiple of its load'),
    })
    .prefault({}),
  caps: z
    .strictObject({
      perAccount: z.int().min(1).max(100).default(2).describe('predictive failovers at one time in the account'),
      perZone: z.int().min(1).max(100).default(1).describe('predictive failovers at one time out of one Availability Zone'),
    })
    .prefault({}),
};

/** A whole plan. Unknown keys are errors; what Forestall cannot protect yet is refused here with the reason. */
export const Plan = z.strictObject(planShape).superRefine((plan, context) => {
  const refuse = (path: string[], message: string, remedy: string) => context.addIssue({ code: 'custom', path, message, params: { remedy } });
  if (plan.data === 'local' && plan.mode === 'act')
    refuse(
      ['mode'],
      '`act` is refused for `data: local`: moving traffic would lose the writes since the last snapshot',
      'use `mode: advise`, or move the data off the instances',
    );
  const { primary, standby } = plan.sides;
  if (primary.setIdentifier === standby.setIdentifier)
    refuse(['sides', 'standby', 'setIdentifier'], 'both sides have the same record set identifier', 'give each side its own SetIdentifier');
  if (primary.region === standby.region) refuse(['sides', 'standby', 'region'], 'both sides are in one Region', 'put the standby in another Region');
  for (const [name, side] of Object.entries(plan.sides)) {
    if (!side.zone.startsWith(side.region))
      refuse(['sides', name, 'zone'], `zone ${side.zone} is not in Region ${side.region}`, `name a zone of ${side.region}`);
    if (!side.loadBalancer.targetGroupArn.includes(`:${side.region}:`))
      refuse(['sides', name, 'loadBalancer', 'targetGroupArn'], `the target group is not in Region ${side.region}`, 'name a target group of the side');
  }
  if (!standby.kmsKeyArn.includes(`:${standby.region}:`))
    refuse(['sides', 'standby', 'kmsKeyArn'], `the key is not in Region ${standby.region}`, "name a key of the standby's Region");
});
export type Plan = z.infer<typeof Plan>;
export type PlanInput = z.input<typeof Plan>;

export const SideName = z.enum(['primary', 'standby']);
export type SideName = z.infer<typeof SideName>;
export const otherSide = (side: SideName): SideName => (side === 'primary' ? 'standby' : 'primary');

export const MirroringLevel = z.enum(['minimal', 'partial', 'full']);
export type MirroringLevel = z.infer<typeof MirroringLevel>;
export const Mode = z.enum(['observe', 'advise', 'act']);
export type Mode = z.infer<typeof Mode>;

/** Region in which Forestall runs for this plan. */
export const controlRegionOf = (plan: Plan): string => plan.controlRegion ?? plan.sides.standby.region;
