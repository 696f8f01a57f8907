// The plan: the YAML that protects one service. Every default is here and documented by `describe`.
import { z } from 'zod';
import { MetricDefinition } from './metrics.ts';
import { After, Drills, FailBack } from './plan-afterwards.ts';
import { refuseContradictions } from './plan-contradictions.ts';
import { TrafficDrivers } from './plan-drivers.ts';
import { AwsServices, Deployments, PlannedLoad } from './plan-evidence.ts';
import { Approval, Flap, Recovery, Windows } from './plan-interlocks.ts';
import { PrimarySide, Region, StandbySide } from './plan-sides.ts';

// A message is `what is wrong; what to do`: the part after the semicolon becomes the remedy that plan:check shows.

const Id = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'not an identifier; use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter');

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

const CanaryMetric = MetricDefinition.omit({ dimensions: true })
  .extend({
    dimensions: z
      .strictObject({
        primary: z.record(z.string(), z.string()).describe('on the primary'),
        standby: z.record(z.string(), z.string()).describe('on the standby'),
      })
      .describe('dimensions of the metric on each side'),
    critical: z
      .boolean()
      .default(false)
      .describe(
        'true: worse on this metric alone fails the canary, and without its data there is no verdict; in the steps of an urgent shift it can only veto',
      ),
    worse: z.enum(['higher', 'lower', 'either']).default('higher').describe('which direction is worse'),
  })
  .describe('a metric that the canary compares');

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
      evidenceWaitMinutes: z.int().min(1).max(60).default(10).describe('how long no-evidence is waited out before `onNoEvidence` follows'),
      onNoEvidence: z
        .enum(['hold', 'roll-back'])
        .default('hold')
        .describe('when no-evidence outlasts its wait: hold at the last weights that passed and tell people, or take all weights back'),
      passScore: z.number().min(50).max(100).default(80).describe('share of the metrics, in percent, that have to be no worse; a critical metric has to be'),
      metrics: z
        .array(CanaryMetric)
        .max(50)
        .default([])
        .describe("metrics that are compared beside errors and latency, e.g. the application's own; read from CloudWatch for both sides"),
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
      flap: Flap,
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
  recovery: Recovery,
  replication: z
    .strictObject({
      lag: MetricDefinition.omit({ role: true, limit: true }).describe("seconds by which the standby's data are behind"),
      region: Region.optional().describe("Region of the metric; default: the standby's"),
    })
    .optional()
    .describe('how far the data of the other side are behind; beyond the recovery point objective, or without data, nothing moves on a prediction'),
  windows: Windows,
  plannedLoad: PlannedLoad,
  deployments: Deployments,
  awsServices: AwsServices,
  drivers: TrafficDrivers,
  approval: Approval,
  after: After,
  failBack: FailBack,
  drills: Drills,
};

/** A whole plan. Unknown keys are errors; what Forestall cannot protect yet is refused here with the reason. */
export const Plan = z.strictObject(planShape).superRefine(refuseContradictions, { when: ({ issues }) => issues.length === 0 });
/** A plan as it was put into force, maybe by an earlier version that refused less: it can always be read, so that a service stays in hand. */
export const StoredPlan = z.strictObject(planShape);
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
