// Part of the plan that says what moves the traffic and what is switched with it, in order.
import { z } from 'zod';
import { Region } from './plan-sides.ts';

// A message is `what is wrong; what to do`: the part after the semicolon becomes the remedy that plan:check shows.

const balancing = 'arn:aws[a-z-]*:elasticloadbalancing:[a-z]{2}(?:-[a-z]+)+-\\d:\\d{12}';
const inIreland = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

const TargetGroupArn = z
  .string()
  .regex(
    new RegExp(`^${balancing}:targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}$`),
    `not the ARN of a target group; write it as in ${inIreland}:targetgroup/shop/6d0ecf831eec9f09`,
  );

const Route53Weights = z
  .strictObject({ driver: z.literal('route53-weights') })
  .describe("the weights of the service's records; always there, since DNS is the base; takes every step of a shift");

const LoadBalancerWeights = z
  .strictObject({
    driver: z.literal('load-balancer-weights'),
    ruleArn: z
      .string()
      .regex(
        new RegExp(`^${balancing}:listener-rule/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}/[0-9a-f]{16}$`),
        `not the ARN of a rule of an Application Load Balancer; write it as in ${inIreland}:listener-rule/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`,
      )
      .optional()
      .describe('rule whose forward action is weighted; give either `ruleArn` or `listenerArn`'),
    listenerArn: z
      .string()
      .regex(
        new RegExp(`^${balancing}:listener/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}$`),
        `not the ARN of a listener of an Application Load Balancer; write it as in ${inIreland}:listener/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2`,
      )
      .optional()
      .describe('listener whose default action is weighted'),
    targetGroups: z
      .strictObject({
        primary: TargetGroupArn.describe('target group, behind this balancer, that leads to the primary'),
        standby: TargetGroupArn.describe('target group, behind this balancer, that leads to the standby'),
      })
      .describe('the two target groups of the forward action; both stay in it, with the weights that Forestall sets'),
  })
  .describe(
    'target group weights of an Application Load Balancer in front of both sides; takes every step of a shift, so that clients that keep old DNS answers move too. Target group stickiness may last no longer than `failover.drainMaxMinutes`: until it ends, clients stay where they are whatever the weights',
  );

const HealthCheck = z
  .strictObject({ driver: z.literal('health-check') })
  .describe("the losing side's evacuation check: latches the side away from traffic; needs no control plane; always there, and the last");

const SsmParameter = z
  .strictObject({
    driver: z.literal('ssm-parameter'),
    region: Region.describe(
      "Region of the parameter; a Region that is failing cannot be asked, so use the standby's unless the parameter is what the primary itself reads",
    ),
    name: z
      .string()
      .max(1011)
      .regex(
        /^(\/(?!(?:aws|ssm)(?:\/|$))[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+){0,14}|(?!(?:aws|ssm))[A-Za-z0-9_.-]+)$/i,
        'not the name of a parameter; write it as in /shop/active-side',
      )
      .describe('name of a parameter of type String, which has to exist and to hold one of the two values'),
    values: z
      .strictObject({
        primary: z.string().min(1).max(4096).describe('value while the primary serves'),
        standby: z.string().min(1).max(4096).describe('value while the standby serves'),
      })
      .describe('what the parameter says for each side; not a secret, since the plan is not'),
  })
  .describe('a Systems Manager parameter by which the application knows which side serves; thrown once, when the service is handed over');

const appConfigId = (what: string) => z.string().regex(/^[a-z0-9]{4,7}$/, `not the id of ${what}; copy it from AppConfig, as in abc1234`);
const ConfigurationVersion = z.string().regex(/^[1-9]\d{0,9}$/, 'not the number of a hosted configuration version; write it in quotes, as in "3"');

const AppConfig = z
  .strictObject({
    driver: z.literal('appconfig'),
    region: Region.describe(
      "Region of the application; a Region that is failing cannot be asked, so use the standby's unless the configuration is what the primary itself reads",
    ),
    applicationId: appConfigId('an application').describe('application in AppConfig'),
    environmentId: appConfigId('an environment').describe('environment that is deployed to'),
    configurationProfileId: appConfigId('a configuration profile').describe('profile whose versions are deployed; hosted in AppConfig'),
    deploymentStrategyId: z
      .string()
      .regex(/^([a-z0-9]{4,7}|AppConfig\.[A-Za-z0-9]{9,40})$/, 'not the id of a deployment strategy; use AppConfig.AllAtOnce or an id such as abc1234')
      .default('AppConfig.AllAtOnce')
      .describe('how a version is deployed; its time and its bake are part of the hand-over'),
    versions: z
      .strictObject({
        primary: ConfigurationVersion.describe('version while the primary serves'),
        standby: ConfigurationVersion.describe('version while the standby serves'),
      })
      .describe('the configuration of each side'),
  })
  .describe('a configuration version in AppConfig; deployed once, when the service is handed over, and waited for');

const ZonalShift = z
  .strictObject({
    driver: z.literal('zonal-shift'),
    loadBalancerArn: z
      .string()
      .regex(
        new RegExp(`^${balancing}:loadbalancer/(app|net)/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}$`),
        `not the ARN of a load balancer; write it as in ${inIreland}:loadbalancer/app/shop/50dc6c495c0c9188`,
      )
      .describe('load balancer with zonal shift enabled, in two or more zones'),
    awayFrom: z
      .string()
      .regex(/^[a-z]{3,5}\d-az\d{1,2}$/, 'not the id of an Availability Zone; write its id, not its name, as in euw1-az1')
      .describe('id of the zone that is left while the standby serves; `aws ec2 describe-availability-zones` gives it for a name'),
    expiresHours: z
      .int()
      .min(1)
      .max(72)
      .default(24)
      .describe('a zonal shift ends by itself; it is prolonged by so many hours for as long as the standby serves'),
  })
  .describe(
    'an ARC zonal shift: what is still sent to a balancer stays out of one zone; begun once, when the service is handed over, ended when it is handed back',
  );

const TrafficDriver = z.discriminatedUnion('driver', [Route53Weights, LoadBalancerWeights, HealthCheck, SsmParameter, AppConfig, ZonalShift]);
export type TrafficDriver = z.infer<typeof TrafficDriver>;
export type DriverName = TrafficDriver['driver'];
export type DriverOf<Name extends DriverName> = Extract<TrafficDriver, { driver: Name }>;

/** What moves with every step of a shift; everything else is thrown once, at the hand-over. */
export const isGradual = ({ driver }: TrafficDriver): boolean => driver === 'route53-weights' || driver === 'load-balancer-weights';

/** Names what a driver changes: two drivers of one key would work against each other. */
export function driverKey(settings: TrafficDriver): string {
  switch (settings.driver) {
    case 'load-balancer-weights':
      return `${settings.driver}:${settings.ruleArn ?? settings.listenerArn}`;
    case 'ssm-parameter':
      return `${settings.driver}:${settings.region}:${settings.name}`;
    case 'appconfig':
      return `${settings.driver}:${settings.region}:${settings.applicationId}/${settings.environmentId}/${settings.configurationProfileId}`;
    case 'zonal-shift':
      return `${settings.driver}:${settings.loadBalancerArn}`;
    default:
      return settings.driver;
  }
}

/** Region in an ARN. */
export const regionOfArn = (arn: string): string => arn.split(':')[3] ?? '';

/** Region that a driver asks; undefined: no particular one. */
export function regionOfDriver(settings: TrafficDriver): string | undefined {
  switch (settings.driver) {
    case 'load-balancer-weights':
      return regionOfArn(settings.ruleArn ?? settings.listenerArn ?? '');
    case 'zonal-shift':
      return regionOfArn(settings.loadBalancerArn);
    case 'ssm-parameter':
    case 'appconfig':
      return settings.region;
    default:
      return undefined;
  }
}

const directions: Readonly<Record<string, string>> = { northeast: 'ne', northwest: 'nw', southeast: 'se', southwest: 'sw' };
/** How ids of a Region's zones begin: eu-west-1 has euw1-az1, ap-southeast-2 has apse2-az1. */
function zonePrefix(region: string): string {
  const parts = region.split('-');
  const middle = parts.slice(1, -1).map((part) => directions[part] ?? part.slice(0, 1));
  return `${parts[0]}${middle.join('')}${parts.at(-1)}`;
}

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT` */
const ownerOfArn = (arn: string): string => arn.split(':').slice(0, 5).join(':');

export const TrafficDrivers = z
  .array(TrafficDriver)
  .max(10)
  .superRefine((drivers, context) => {
    const refuse = (path: (string | number)[], message: string, remedy: string) => context.addIssue({ code: 'custom', path, message, params: { remedy } });
    const keys = drivers.map(driverKey);
    for (const [index, key] of keys.entries()) if (keys.indexOf(key) < index) refuse([index], `${key} is driven twice`, 'name each target once');
    if (!keys.includes('route53-weights')) refuse([], 'no driver moves the records', 'add `- driver: route53-weights`; DNS is the base of every move');
    if (!keys.includes('health-check'))
      refuse([], 'nothing would keep the losing side away from traffic', 'add `- driver: health-check`; it latches the losing side');
    const latch = keys.indexOf('health-check');
    if (latch >= 0 && latch < keys.length - 1)
      refuse(
        [latch],
        'something would be switched after the losing side is latched: if the other side failed meanwhile, users would have nowhere to go',
        'put `- driver: health-check` last',
      );
    for (const [index, settings] of drivers.entries()) {
      if (settings.driver === 'zonal-shift' && !settings.awayFrom.startsWith(`${zonePrefix(regionOfArn(settings.loadBalancerArn))}-`))
        refuse(
          [index, 'awayFrom'],
          `${settings.awayFrom} is not the id of a zone in ${regionOfArn(settings.loadBalancerArn)}, where the balancer is`,
          `name one of its zones, such as ${zonePrefix(regionOfArn(settings.loadBalancerArn))}-az1`,
        );
      if (settings.driver === 'load-balancer-weights') refuseBalancer(settings, (path, ...words) => refuse([index, ...path], ...words));
      const each = settings.driver === 'ssm-parameter' ? settings.values : settings.driver === 'appconfig' ? settings.versions : undefined;
      if (each && each.primary === each.standby)
        refuse(
          [index, settings.driver === 'appconfig' ? 'versions' : 'values', 'standby'],
          'both sides have the same value: nothing would be switched',
          'give each side its own, or leave the driver out',
        );
    }
  })
  .default([{ driver: 'route53-weights' }, { driver: 'health-check' }])
  .describe('what moves the traffic and what is switched with it, in this order; route53-weights is always among them, and health-check is the last');
export type TrafficDrivers = z.infer<typeof TrafficDrivers>;

function refuseBalancer(settings: DriverOf<'load-balancer-weights'>, refuse: (path: string[], message: string, remedy: string) => void): void {
  const { ruleArn, listenerArn, targetGroups } = settings;
  const front = ruleArn ?? listenerArn;
  if (front === undefined || (ruleArn && listenerArn)) {
    refuse(
      [],
      front ? 'both `ruleArn` and `listenerArn` say what is weighted' : 'neither `ruleArn` nor `listenerArn` says what is weighted',
      'give exactly one',
    );
    return;
  }
  if (targetGroups.primary === targetGroups.standby)
    refuse(['targetGroups', 'standby'], 'both sides have the same target group', 'name the target group that leads to the standby');
  for (const side of ['primary', 'standby'] as const)
    if (ownerOfArn(targetGroups[side]) !== ownerOfArn(front))
      refuse(
        ['targetGroups', side],
        "the target group is not in the balancer's Region and account: a balancer forwards to its own only",
        `name a target group of ${regionOfArn(front)}`,
      );
}
