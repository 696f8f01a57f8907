// What is read of each kind of thing by default, and what a metric means to the detector.
import { z } from 'zod';

/** The role tells the detector what a value means. Only `latency`, `errors`, `status`, and what nears its limit can by themselves be a failure. */
export const MetricRole = z.enum([
  'latency', // seconds, high is bad
  'errors', // failed requests per period, high is bad
  'requests', // requests per period: context for the others, never bad by itself
  'status', // 0 is good, above 0 is a failed check
  'cpu', // percent, high is bad once requests do not explain it
  'memory', // percent used, has a limit
  'disk', // percent used, has a limit
  'connections', // open ones; needs a limit to say more than that they are many
  'network', // bytes per period: context
  'other', // unknown meaning: unusual in either direction
]);
export type MetricRole = z.infer<typeof MetricRole>;

export const MetricDefinition = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,47}$/, 'not a name; use lower-case letters, digits and hyphens')
      .describe('name used in reasons and reports'),
    namespace: z.string().min(1).max(255).describe('CloudWatch namespace'),
    metric: z.string().min(1).max(255).describe('CloudWatch metric name'),
    dimensions: z.record(z.string(), z.string()).optional().describe("default: the resource's own, e.g. InstanceId"),
    statistic: z
      .string()
      .regex(/^(Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d+)?)$/, 'not a statistic; use Average, Sum, Minimum, Maximum or a percentile such as p99')
      .describe('CloudWatch statistic'),
    periodSeconds: z.literal([60, 300]).default(60).describe('seconds that one point covers'),
    role: MetricRole.describe('what a value means to the detector'),
    limit: z
      .number()
      .positive()
      .optional()
      .describe(
        'value at which the resource fails, for the roles memory, disk, connections, latency and other: the chance of reaching it is forecast; default for latency: the objective',
      ),
  })
  .describe('one CloudWatch metric');
export type MetricDefinition = z.infer<typeof MetricDefinition>;

/** Defaults per resource kind. CPU and status checks come from EC2, memory and disk from the CloudWatch agent. */
export const defaultResourceMetrics = {
  'ec2-instance': [
    { name: 'status-check', namespace: 'AWS/EC2', metric: 'StatusCheckFailed', statistic: 'Maximum', periodSeconds: 60, role: 'status' },
    { name: 'cpu', namespace: 'AWS/EC2', metric: 'CPUUtilization', statistic: 'Average', periodSeconds: 60, role: 'cpu' },
    { name: 'memory', namespace: 'CWAgent', metric: 'mem_used_percent', statistic: 'Average', periodSeconds: 60, role: 'memory', limit: 100 },
    { name: 'disk', namespace: 'CWAgent', metric: 'disk_used_percent', statistic: 'Maximum', periodSeconds: 60, role: 'disk', limit: 100 },
    { name: 'network-in', namespace: 'AWS/EC2', metric: 'NetworkIn', statistic: 'Sum', periodSeconds: 60, role: 'network' },
    { name: 'network-out', namespace: 'AWS/EC2', metric: 'NetworkOut', statistic: 'Sum', periodSeconds: 60, role: 'network' },
  ],
} as const satisfies Record<string, readonly MetricDefinition[]>;

/** The service's own metrics at a side's load balancer (dimension LoadBalancer is added from the side). */
export const defaultEntryMetrics = [
  { name: 'latency-p99', namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', statistic: 'p99', periodSeconds: 60, role: 'latency' },
  { name: 'errors-target', namespace: 'AWS/ApplicationELB', metric: 'HTTPCode_Target_5XX_Count', statistic: 'Sum', periodSeconds: 60, role: 'errors' },
  { name: 'errors-balancer', namespace: 'AWS/ApplicationELB', metric: 'HTTPCode_ELB_5XX_Count', statistic: 'Sum', periodSeconds: 60, role: 'errors' },
  { name: 'requests', namespace: 'AWS/ApplicationELB', metric: 'RequestCount', statistic: 'Sum', periodSeconds: 60, role: 'requests' },
] as const satisfies readonly MetricDefinition[];
