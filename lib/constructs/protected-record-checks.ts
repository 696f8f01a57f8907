// The health checks of one plan's record: what moves traffic in an emergency, without Forestall and without Route 53's control plane.
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { endpointCheck, evacuationAlarmName, evacuationMetric, ownershipTag } from '../../core/contracts/deployment.ts';
import { type Plan, SideName } from '../../core/contracts/plan.ts';
import { anchorOf, latchRunbook } from '../alarms.ts';
import type { Omission } from '../emulator.ts';

/** Sets the health checks up, one calculated check per side. The operator attaches them to the records; neither records nor weights are ever in CloudFormation. */
export class ProtectedRecordChecks extends Construct {
  constructor(scope: Construct, plan: Plan, omitted: ReadonlySet<Omission>) {
    super(scope, `${plan.service}-checks`);
    for (const side of SideName.options) new SideCheck(this, plan, side, omitted);
  }
}

class SideCheck extends Construct {
  constructor(scope: Construct, plan: Plan, side: SideName, omitted: ReadonlySet<Omission>) {
    super(scope, side);
    const named = (what: string) => [
      { key: 'Name', value: `forestall ${plan.service} ${side}: ${what}` },
      { key: ownershipTag, value: plan.service },
    ];

    const alarm = new CfnAlarm(this, 'EvacuationAlarm', {
      alarmName: evacuationAlarmName(plan.service, side),
      alarmDescription: `${plan.service}: ${side} is kept away from traffic. Runbook: ${anchorOf(latchRunbook)}`,
      namespace: evacuationMetric.namespace,
      metricName: evacuationMetric.metricName,
      dimensions: [
        { name: 'Service', value: plan.service },
        { name: 'Side', value: side },
      ],
      // Route 53 evaluates the metric itself: it knows neither percentiles nor periods above 60 seconds.
      period: 60,
      statistic: 'Maximum',
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      evaluationPeriods: 1,
      // A gap must not let traffic back: Route 53 keeps the last known status.
      treatMissingData: 'missing',
    });
    if (omitted.has('healthChecks')) return;

    const endpoint = new CfnHealthCheck(this, 'Endpoint', {
      healthCheckConfig: {
        ...endpointTarget(plan.sides[side].endpoint.url),
        // This flips within 64 seconds of a death, without anything of ours running.
        requestInterval: endpointCheck.intervalSeconds,
        failureThreshold: endpointCheck.failureThreshold,
      },
      healthCheckTags: named('endpoint'),
    });

    const evacuation = new CfnHealthCheck(this, 'Evacuation', {
      healthCheckConfig: {
        type: 'CLOUDWATCH_METRIC',
        alarmIdentifier: { name: evacuationAlarmName(plan.service, side), region: Stack.of(this).region },
        insufficientDataHealthStatus: 'LastKnownStatus',
      },
      healthCheckTags: named('evacuation'),
    });
    evacuation.addResourceDependency(alarm);

    const children = [endpoint.attrHealthCheckId, evacuation.attrHealthCheckId];
    const calculated = new CfnHealthCheck(this, 'Calculated', {
      healthCheckConfig: { type: 'CALCULATED', childHealthChecks: children, healthThreshold: children.length },
      healthCheckTags: named('calculated'),
    });

    new CfnOutput(this, 'HealthCheckId', {
      value: calculated.attrHealthCheckId,
      description: `HealthCheckId for the record ${plan.record.name} with SetIdentifier ${plan.sides[side].setIdentifier}`,
    });
  }
}

/** How Route 53 calls a URL. */
export function endpointTarget(
  url: string,
): { type: 'HTTP' | 'HTTPS'; port: number; resourcePath: string } & ({ ipAddress: string } | { fullyQualifiedDomainName: string; enableSni?: boolean }) {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const secure = protocol === 'https:';
  const common = { type: secure ? 'HTTPS' : 'HTTP', port: port === '' ? (secure ? 443 : 80) : Number(port), resourcePath: `${pathname}${search}` } as const;
  if (/^\d+(\.\d+){3}$/.test(hostname)) return { ...common, ipAddress: hostname };
  return { ...common, fullyQualifiedDomainName: hostname, ...(secure ? { enableSni: true } : {}) };
}
