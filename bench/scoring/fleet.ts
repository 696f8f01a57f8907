// A fleet to score: services of many resources with eight metrics each, and their telemetry by formula.
import { defaultResourceMetrics, type MetricDefinition } from '../../core/contracts/metrics.ts';
import { dueShard, entrySubject, resourceSubject } from '../../core/contracts/names.ts';
import { Plan } from '../../core/contracts/plan.ts';
import { ServiceRecord, SubjectRecord } from '../../core/contracts/records.ts';
import type { DetectorConfig, Observation, Point } from '../../core/prediction/port.ts';
import { entryMetricsOf } from '../../lambdas/apply-plan/subject-metrics.ts';

const minute = 60_000;
const day = 1440 * minute;
/** Resources differ by so many profiles; a fleet repeats them. */
export const profileCount = 24;

/** Eight metrics of an instance: those that EC2 and the CloudWatch agent report by default, and two of the user's own. */
export const resourceMetrics: readonly MetricDefinition[] = [
  ...defaultResourceMetrics['ec2-instance'],
  { name: 'connections', namespace: 'CWAgent', metric: 'netstat_tcp_established', statistic: 'Average', periodSeconds: 60, role: 'other' },
  { name: 'queue', namespace: 'CWAgent', metric: 'diskio_iops_in_progress', statistic: 'Average', periodSeconds: 60, role: 'other' },
];

/** Level, share by which the day moves it, and share of noise, by CloudWatch name. */
const courses: Readonly<Record<string, readonly [level: number, daily: number, noise: number]>> = {
  StatusCheckFailed: [0, 0, 0],
  CPUUtilization: [35, 0.35, 0.06],
  mem_used_percent: [55, 0.03, 0.01],
  disk_used_percent: [48, 0.005, 0.002],
  NetworkIn: [6e7, 0.4, 0.08],
  NetworkOut: [1.8e8, 0.4, 0.08],
  netstat_tcp_established: [240, 0.4, 0.08],
  diskio_iops_in_progress: [1.2, 0.2, 0.2],
  TargetResponseTime: [0.18, 0.08, 0.05],
  HTTPCode_Target_5XX_Count: [2, 0.3, 0.6],
  HTTPCode_ELB_5XX_Count: [0, 0, 0],
  RequestCount: [24_000, 0.4, 0.05],
  HealthCheckStatus: [1, 0, 0],
};

/** Two independent uniform numbers of whatever is hashed. */
function drawOf(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

const codeOf = (text: string): number => {
  let code = 0;
  for (let index = 0; index < text.length; index += 1) code = Math.imul(code, 31) + text.charCodeAt(index);
  return code;
};

/** Value of a metric of a profile in the minute that begins at `at` (ms): a daily course, quieter at weekends, and noise near to a bell curve. */
export function valueAt(profile: number, metric: string, at: number, factor = 1): number {
  const [level, daily, noise] = courses[metric] ?? [1, 0.2, 0.1];
  if (level === 0) return 0;
  if (noise === 0) return level * factor;
  const index = Math.floor(at / minute);
  const seed = codeOf(metric) + 7919 * profile;
  const weekday = Math.floor(at / day + 4) % 7;
  const course = Math.sin((2 * Math.PI * (index + 17 * profile)) / 1440) * (weekday === 0 || weekday === 6 ? 0.6 : 1);
  const bell = drawOf(seed, index) + drawOf(seed + 1, index) + drawOf(seed + 2, index) - 1.5;
  const value = Math.max(0, level * (1 + 0.02 * (profile % 10)) * (1 + daily * course + 2 * noise * bell) * factor);
  return metric.endsWith('Count') ? Math.round(value) : value;
}

/** Points of [from, to). A minute is shown two minutes after its end. */
export function pointsOf(profile: number, metric: string, periodSeconds: number, from: number, to: number, factor = 1): Point[] {
  const period = periodSeconds * 1000;
  const points: Point[] = [];
  for (let at = Math.ceil(from / period) * period; at + period <= to - minute; at += period)
    points.push({ timestamp: at, value: valueAt(profile, metric, at, factor) });
  return points;
}

/** One observation of each minute of [from, to). */
export const observationsOf = (profile: number, metrics: readonly MetricDefinition[], from: number, to: number): Observation[] =>
  Array.from({ length: Math.floor((to - from) / minute) }, (_, index) => {
    const timestamp = from + index * minute;
    return { timestamp, values: Object.fromEntries(metrics.map(({ name, metric }) => [name, valueAt(profile, metric, timestamp)])) };
  });

export const regions = { primary: 'eu-west-1', standby: 'eu-central-1', control: 'us-west-2' } as const;

const planOf = (serviceId: string, resourceIds: readonly string[]): Plan =>
  Plan.parse({
    service: serviceId,
    data: 'stateless',
    record: { hostedZoneId: 'Z0123456789EXAMPLE', name: `${serviceId}.example.com` },
    sides: {
      primary: {
        ...{ region: regions.primary, zone: `${regions.primary}b`, setIdentifier: 'primary' },
        endpoint: { url: `https://primary.${serviceId}.example.com/health` },
        loadBalancer: {
          dimension: `app/${serviceId}-primary/${balancers.primary}`,
          targetGroupArn: `arn:aws:elasticloadbalancing:${regions.primary}:123456789012:targetgroup/${serviceId}-p/943f017f100becff`,
        },
        instances: resourceIds.length,
        requestsPerSecondPerInstance: 50,
        resources: [{ kind: 'ec2-instance', ids: resourceIds.slice(0, 20), metrics: resourceMetrics }],
      },
      standby: {
        ...{ region: regions.standby, zone: `${regions.standby}a`, setIdentifier: 'standby' },
        endpoint: { url: `https://standby.${serviceId}.example.com/health` },
        loadBalancer: {
          dimension: `app/${serviceId}-standby/${balancers.standby}`,
          targetGroupArn: `arn:aws:elasticloadbalancing:${regions.standby}:123456789012:targetgroup/${serviceId}-s/5a7fc1e6f0d31b29`,
        },
        instances: { partial: 1, full: resourceIds.length },
        requestsPerSecondPerInstance: 50,
        launchTemplate: { id: 'lt-0123456789abcdef0' },
        kmsKeyArn: `arn:aws:kms:${regions.standby}:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0`,
      },
    },
  });

/** A service, what is scored of it, and which profile its telemetry follows. */
export interface FleetService {
  readonly record: ServiceRecord;
  readonly subjects: readonly SubjectRecord[];
}

const instanceId = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;
/** Which profile an instance, a balancer or a health check follows. */
export const profileOf = (dimension: string): number => Number.parseInt(/([0-9a-f]+)$/.exec(dimension)?.[1]?.slice(-8) ?? '0', 16) % profileCount;

const balancers = { primary: '0f1e2d3c4b5a6978', standby: '89abcdef01234567' } as const;
/** Profiles of the services' entries: the same for all. */
export const entryProfiles: readonly number[] = [profileOf(balancers.primary), profileOf(balancers.standby)];

/** Services of `each` resources. `stateOf`: what is stored of a subject; `dueOf`: when it is due. */
export function* fleetOf(
  services: number,
  each: number,
  stateOf: (subject: SubjectRecord) => string | null,
  dueOf: (service: ServiceRecord, subject: SubjectRecord) => string,
): Generator<FleetService> {
  for (let index = 0; index < services; index += 1) {
    const serviceId = `service-${String(index).padStart(4, '0')}`;
    const ids = Array.from({ length: each }, (_, number) => instanceId(index * each + number));
    const plan = planOf(serviceId, ids);
    const record = ServiceRecord.parse({ serviceId, plan, planHash: 'bench', mode: 'observe', activeSide: 'primary', level: 'minimal' });
    const begun = (subject: Pick<SubjectRecord, 'subjectId' | 'side' | 'kind' | 'metrics'>): SubjectRecord => {
      const whole = SubjectRecord.parse({
        ...subject,
        serviceId,
        region: regions[subject.side],
        shard: dueShard,
        nextDueAt: '2026-01-01T00:00:00.000Z',
        score: 1,
      });
      const stored = { ...whole, detectorState: stateOf(whole) };
      return { ...stored, nextDueAt: dueOf(record, stored), scoredAt: '2026-01-01T00:00:00.000Z', revision: 1 };
    };
    const entries = (['primary', 'standby'] as const).map((side) =>
      begun({ subjectId: entrySubject(side), side, kind: 'entry', metrics: entryMetricsOf(plan, side) }),
    );
    const resources = ids.map((id) =>
      begun({
        ...{ subjectId: resourceSubject('primary', id), side: 'primary', kind: 'ec2-instance' },
        metrics: resourceMetrics.map((metric) => ({ ...metric, dimensions: { InstanceId: id } })),
      }),
    );
    yield { record, subjects: [...entries, ...resources] };
  }
}

export const configOf = (metrics: DetectorConfig['metrics']): DetectorConfig => ({
  metrics,
  horizonMinutes: 60,
  objective: { latencySeconds: 1, errorRate: 0.01 },
});
