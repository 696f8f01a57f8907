// Parts of the plan that say what the two sides are: endpoints, balancers, instances and what they are made from.
import { z } from 'zod';
import { MetricDefinition } from './metrics.ts';
import { duplicateNames } from './plan-contradictions.ts';

// A message is `what is wrong; what to do`: the part after the semicolon becomes the remedy that plan:check shows.

export const Region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not an AWS Region name; write it as in eu-west-1');
const Url = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s?#]*)?(\?[^\s#]*)?$/, 'not an http or https URL; write it as in https://primary.example.com/health')
  .refine((url) => URL.canParse(url), 'not an http or https URL; write it as in https://primary.example.com/health');

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

const LaunchTemplate = z.strictObject({
  id: z
    .string()
    .regex(/^lt-[0-9a-f]{8,17}$/, 'not a launch template id; write it as in lt-0123456789abcdef0')
    .describe("template in the side's Region from which instances start"),
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
});

export const PrimarySide = z.strictObject({
  ...sideFields,
  instances: z.int().min(1).max(1000).describe('instances that serve here'),
  resources: z.array(ResourceSelector).min(1).describe('what the side is made of and what is scored'),
  launchTemplate: LaunchTemplate.optional().describe('how an instance of the primary is made; needed for `after.losingSide: rebuild`'),
});

export const StandbySide = z.strictObject({
  ...sideFields,
  instances: z
    .strictObject({
      partial: z.int().min(1).max(1000).describe('instances of the warm standby (level partial)'),
      full: z.int().min(1).max(1000).describe('instances that carry the whole load (level full)'),
    })
    .refine(({ partial, full }) => partial <= full, '`partial` is more than `full`; the warm standby is at most as large as the full one')
    .describe('how many instances run at each level; at level minimal none'),
  launchTemplate: LaunchTemplate.describe('how an instance of the standby is made'),
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]+$/,
      'not the ARN of a KMS key; write it as in arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    )
    .describe("key in the standby's Region that encrypts snapshot copies"),
});
