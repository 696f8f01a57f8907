// What the test on an emulator (`-c e2e=ministack`) leaves out of the templates, each with the reason. On AWS nothing is left out.

/** Kinds of resource, and why the emulator cannot hold them. Whatever it can hold is deployed as on AWS. */
const reasons = {
  healthChecks: 'MiniStack has no AWS::Route53::HealthCheck in CloudFormation; the test makes the same checks through the API.',
  metricMathAlarms: 'MiniStack refuses AWS::CloudWatch::Alarm with Metrics (metric math); alarms on single metrics are deployed.',
} as const;
export type Omission = keyof typeof reasons;

export const nothingOmitted: ReadonlySet<Omission> = new Set();
export const omissionsOnEmulator: ReadonlySet<Omission> = new Set<Omission>(['healthChecks', 'metricMathAlarms']);
