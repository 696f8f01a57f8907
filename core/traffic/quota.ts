// Whether the account's quota leaves room for the instances that a standby still lacks.

/** Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, counted in vCPUs: what mirrors usually are. */
export const vcpuQuota = { serviceCode: 'ec2', quotaCode: 'L-1216C47A' } as const;

/** CloudWatch's count of the vCPUs that this quota limits. Free, and written by AWS itself. */
export const vcpuUsage = {
  namespace: 'AWS/Usage',
  metric: 'ResourceCount',
  dimensions: { Service: 'EC2', Type: 'Resource', Resource: 'vCPU', Class: 'Standard/OnDemand' },
  statistic: 'Maximum',
  periodSeconds: 300,
} as const;

export interface QuotaInput {
  /** instances that have to be launched */
  readonly missing: number;
  /** of an instance that runs already, e.g. `m7i.large`; undefined: none does */
  readonly type: string | undefined;
  /** of one instance; undefined: not told, and each has at least one */
  readonly vcpusEach: number | undefined;
  /** vCPUs that the quota allows, and that run; undefined: not known */
  readonly quota: number | undefined;
  readonly used: number | undefined;
}

export interface QuotaCheck {
  /** false: certainly not; what is not known does not refuse */
  readonly enough: boolean;
  readonly reason: string;
}

/** Families that count against this quota; others have quotas of their own. */
const standard = /^(?:[acdhimrtz]|im|is)\d/;

export function checkQuota({ missing, type, vcpusEach, quota, used }: QuotaInput): QuotaCheck {
  if (missing <= 0) return { enough: true, reason: 'no instance has to be launched' };
  if (quota === undefined) return { enough: true, reason: 'the quota of vCPUs is not known' };
  if (type === undefined) return { enough: true, reason: `the quota allows ${quota} vCPUs; what the ${missing} missing instances are is not known` };
  if (!standard.test(type)) return { enough: true, reason: `instances such as ${type} have a quota of their own, which is not asked` };
  const needed = missing * (vcpusEach ?? 1);
  const left = quota - (used ?? 0);
  const running = used === undefined ? 'how many run is not known' : `${used} run`;
  return {
    enough: left >= needed,
    reason: `the quota allows ${quota} vCPUs, ${running}; ${missing} more instances need ${vcpusEach === undefined ? 'at least ' : ''}${needed}`,
  };
}
