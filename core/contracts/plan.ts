// The plan: the YAML that protects one service. Every default is here and documented by `describe`.
import { z } from 'zod';
import { MetricDefinition } from './metrics.ts';
import { duplicateNames, refuseContradictions } from './plan-contradictions.ts';

// A message is `what is wrong; what to do`: the part after the semicolon becomes the remedy that plan:check shows.

const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not an AWS Region name; write it as in eu-west-1');
const Url = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s?#]*)?(\?[^\s#]*)?$/, 'not an http or https URL; write it as in https://primary.example.com/health')
  .refine((url) => URL.canParse(url), 'not an http or https URL; write it as in https://primary.example.com/health');
const Id = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'not an identifier; use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter');

export const ResourceKind = z.enum(['ec2-instance']);
export type ResourceKind = z.infer<typeof ResourceKind>;

const InstanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'not an instance id; write it as in i-0123456789abcdef0');

export const ResourceSelector = z
  .strictObject({
    kind: ResourceKind.describe('what the resources are'),
    ids: z.array(InstanceId).min(1).optional().describe('instances by id; give either `ids` or `tags`'),
    tags: z.record(z.string().min(1), z.string()).optional().describe('instances that carry every one of these tags; looked up by plan:apply'),
    metrics: z.array(MetricDefinition).min(1).optional().describe('default: the metrics of the kind'),
  })
  .superRefine((selector, context) => {
    if ((selector.ids === undefined) === (selector.tags === undefined))
      context.addIssue({
        code: 'custom',
        message: selector.ids ? 'both `ids` and `tags` select resources' : 'neither `ids` nor `tags` selects resources',
        params: { remedy: 'give exactly one of `ids` and `tags`' },
      });
    if (selector.tags !== undefined && Object.keys(selector.tags).length === 0)
      context.addIssue({ code: 'custom', path: ['tags'], message: 'no tag is given', params: { remedy: 'name at least one tag, as in `service: shop`' } });
    for (const name of duplicateNames(selector.metrics ?? []))
      context.addIssue({ code: 'custom', path: ['metrics'], message: `two metrics are called ${name}`, params: { remedy: 'give each metric its own name' } });
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
  .describe('where the side is called directly, past DNS');

const LoadBalancer = z
  .strictObject({
    dimension: z
      .string()
      .regex(/^(app|net)\/[^/]+\/[0-9a-f]{16}$/, "not a LoadBalancer dimension; copy the end of the balancer's ARN, as in app/shop/50dc6c495c0c9188")
      .describe("the balancer's name in CloudWatch: the end of its ARN"),
    targetGroupArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/.+$/,
        'not the ARN of a target group; write it as in arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/6d0ecf831eec9f09',
      )
      .describe('where instances are registered and their health is read'),
  })
  .describe('the load balancer in front of the side');

const sideFields = {
  region: Region.describe('AWS Region of the side'),
  zone: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'not an Availability Zone; write it as in eu-west-1a')
    .describe('Availability Zone of the side'),
  setIdentifier: z.string().min(1).max(128).describe('SetIdentifier of the weighted record'),
  endpoint: Endpoint,
  loadBalancer: LoadBalancer,
  requestsPerSecondPerInstance: z.number().positive().describe('load that one instance carries within the objective'),
};

const PrimarySide = z.strictObject({
  ...sideFields,
  instances: z.int().min(1).max(1000).describe('instances that serve here'),
  resources: z.array(ResourceSelector).min(1).describe('what the side is made of and what is scored'),
});

const StandbySide = z.strictObject({
  ...sideFields,
  instances: z
    .strictObject({
      partial: z.int().min(1).max(1000).describe('instances of the warm standby (level partial)'),
      full: z.int().min(1).max(1000).describe('instances that carry the whole load (level full)'),
    })
    .refine(({ partial, full }) => partial <= full, '`partial` is more than `full`; the warm standby is at most as large as the full one')
    .describe('how many instances run at each level; at level minimal none'),
  launchTemplate: z
    .strictObject({
      id: z
        .string()
        .regex(/^lt-[0-9a-f]{8,17}$/, 'not a launch template id; write it as in lt-0123456789abcdef0')
        .describe("template in the standby's Region from which instances start"),
      version: z
        .string()
        .regex(/^(\$Default|\$Latest|[1-9]\d*)$/, 'not a version of a launch template; use $Default, $Latest or a number in quotes')
        .default('$Default')
        .describe('version of the template'),
      roleArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'not the ARN of a role; write it as in arn:aws:iam::123456789012:role/shop-instance')
        .optional()
        .describe("role in the template's instance profile, the only one that Forestall may pass; leave out when the template has no instance profile"),
    })
    .describe('how an instance of the standby is made'),
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]+$/,
      'not the ARN of a KMS key; write it as in arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    )
    .describe("key in the standby's Region that encrypts snapshot copies"),
});

const shiftProfile = (steps: number[], bakeSeconds: number) =>
  z
    .strictObject({
      steps: z
        .array(z.int().min(1).max(100))
        .min(1)
        .refine(
          (given) => given.every((step, index) => index === 0 || step > (given[index - 1] ?? 0)) && given.at(-1) === 100,
          'the steps do not rise to 100; write rising percentages that end at 100, as in [10, 50, 100]',
        )
        .default(steps)
        .describe('percentages of traffic on the other side, one after another'),
      bakeSeconds: z.int().min(10).max(3600).default(bakeSeconds).describe('seconds that a step is watched before the next one; at least the TTL is waited'),
    })
    .prefault({});

const score = (value: number) => z.number().min(0).max(100).default(value);
const hours = (level: string, value: number) => z.number().positive().default(value).describe(`at level ${level}`);

const planShape = {
  service: Id.describe('identifier of the service'),
  description: z.string().optional().describe('for people; not interpreted'),
  mode: z
    .enum(['observe', 'advise', 'act'])
    .default('observe')
    .describe('where a new service begins; later changes are made on the service, never by plan:apply'),
  criticality: z.enum(['standard', 'critical']).default('standard').describe('critical: never below a warm standby (level partial)'),
  data: z
    .enum(['stateless', 'external', 'local'])
    .describe('where the data lives: stateless (nowhere), external (a store that replicates by itself) or local (volumes of the instances)'),
  controlRegion: Region.optional().describe("Region where Forestall runs, never the primary's; default: the standby's"),
  record: z
    .strictObject({
      hostedZoneId: z
        .string()
        .regex(/^Z[A-Z0-9]{5,31}$/, 'not a hosted zone id; write it as in Z0123456789ABCDEFGHIJ')
        .describe('public hosted zone that holds the records'),
      name: z
        .string()
        .regex(/^(\*\.)?([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}\.?$/, 'not a DNS name; write it as in shop.example.com')
        .transform((name) => name.replace(/\.$/, ''))
        .describe('the DNS name that users call'),
      types: z
        .array(z.enum(['A', 'AAAA', 'CNAME']))
        .min(1)
        .default(['A'])
        .describe('every record type that answers for the name'),
      ttlSeconds: z.int().min(1).max(3600).default(60).describe('TTL of the record (60 for aliases)'),
      routing: z
        .literal('weighted', 'only weighted records can be shifted; make the records weighted and write `weighted`')
        .default('weighted')
        .describe('routing policy of the records'),
      private: z
        .literal(false, 'private hosted zones are not supported: Route 53 health checkers cannot reach what is behind them; use a public hosted zone')
        .default(false)
        .describe('whether the hosted zone is private'),
    })
    .describe('the DNS records that are shifted: one per side and type, each weighted and with a health check'),
  sides: z
    .strictObject({
      primary: PrimarySide.describe('where traffic is in ordinary times'),
      standby: StandbySide.describe('where traffic goes when the primary is about to fail'),
    })
    .describe('the two places that can serve'),
  entryMetrics: z
    .array(MetricDefinition)
    .optional()
    .describe("the service's own metrics; default: latency, errors and requests at the load balancer; [] reads none"),
  objective: z
    .strictObject({
      latencySeconds: z.number().positive().default(1).describe('a slower request is slow'),
      errorRate: z.number().positive().max(0.5).default(0.01).describe('share of failed requests that is still acceptable'),
    })
    .prefault({})
    .describe('service level objective: what users still find acceptable'),
  horizonMinutes: z.int().min(5).max(1440).default(60).describe('the score is the probability of failure within this time'),
  thresholds: z
    .strictObject({
      partial: score(30).describe('from this score on a warm standby runs'),
      full: score(70).describe('from this score on the standby has full capacity and is validated'),
      critical: score(85).describe('from this score on traffic is moved'),
      exitBelow: z.number().min(0).max(50).default(10).describe('a level is left this many points below where it is entered'),
      dwellMinutes: z.int().min(0).max(1440).default(10).describe('a level is kept at least this long before it is lowered'),
    })
    .refine(({ partial, full, critical }) => partial < full && full < critical, 'the thresholds do not rise; order them partial < full < critical')
    .prefault({})
    .describe('scores (0-100) at which something is done'),
  mirroring: z
    .strictObject({
      snapshotEveryHours: z
        .strictObject({ minimal: hours('minimal', 24), partial: hours('partial', 6), full: hours('full', 1) })
        .prefault({})
        .describe('hours between snapshots at each level'),
      keepSnapshots: z.int().min(1).max(100).default(3).describe('snapshots kept of each resource, on each side'),
      canaryMaxAgeMinutes: z.int().min(5).max(1440).default(60).describe('an older canary does not count as validation'),
    })
    .prefault({})
    .describe('how the standby is kept'),
  canary: z
    .strictObject({
      probes: z.int().min(50).max(5000).default(500).describe('requests that the prober sends to each side for one verdict'),
      probeConcurrency: z.int().min(1).max(100).default(25).describe('probes under way at one time'),
      evidenceWaitMinutes: z.int().min(1).max(60).default(10).describe('how long no-evidence is waited out before the failover is given up'),
    })
    .prefault({})
    .describe('the proof that the other side serves as well'),
  shift: z
    .strictObject({
      calm: shiftProfile([1, 5, 25, 50, 100], 120).describe('when there is time'),
      urgent: shiftProfile([10, 50, 100], 60).describe('when there is little'),
      urgentWithinMinutes: z.int().min(0).max(1440).default(60).describe('a failure expected sooner is shifted with the urgent profile'),
    })
    .prefault({})
    .describe('how traffic moves'),
  failover: z
    .strictObject({
      cooldownMinutes: z.int().min(0).max(10080).default(60).describe('no new failover so long after the last one ended'),
      drainedBelow: z.number().positive().max(0.5).default(0.01).describe("the losing side's share of requests at which the service has moved"),
      drainMaxMinutes: z.int().min(1).max(1440).default(30).describe('longest wait for the losing side to drain'),
      headroom: z.number().min(1).max(10).default(1).describe('capacity that must stand behind each step, as a multiple of its load'),
    })
    .prefault({})
    .describe('limits of one failover'),
  caps: z
    .strictObject({
      perAccount: z.int().min(1).max(100).default(2).describe('predictive failovers at one time in the account'),
      perZone: z.int().min(1).max(100).default(1).describe('predictive failovers at one time out of one Availability Zone'),
    })
    .prefault({})
    .describe('how much may move at one time; emergencies are not capped'),
};

/** A whole plan. Unknown keys are errors; what Forestall cannot protect yet is refused here with the reason. */
export const Plan = z.strictObject(planShape).superRefine(refuseContradictions, { when: ({ issues }) => issues.length === 0 });
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
