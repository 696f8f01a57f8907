// Commands in place of those that the emulator cannot run; the page names each of them, with the reason.
import { balancerId, image } from './world.ts';

const calculatedCheck = (side: string) => `
endpoint=$(aws route53 create-health-check --caller-reference guide-${side}-endpoint --query HealthCheck.Id --output text \\
  --health-check-config Type=HTTPS,FullyQualifiedDomainName=${side}.$NAME,Port=443,ResourcePath=/health,RequestInterval=30,FailureThreshold=2)
evacuation=$(aws route53 create-health-check --caller-reference guide-${side}-evacuation --query HealthCheck.Id --output text \\
  --health-check-config "Type=CLOUDWATCH_METRIC,AlarmIdentifier={Region=$CONTROL_REGION,Name=forestall-$SERVICE-${side}-evacuated},InsufficientDataHealthStatus=LastKnownStatus")
export ${side.toUpperCase()}_CHECK=$(aws route53 create-health-check --caller-reference guide-${side} --query HealthCheck.Id --output text \\
  --health-check-config Type=CALCULATED,HealthThreshold=2,ChildHealthChecks=$endpoint,$evacuation)`;

/** By the name in the page. */
export const standIns: Readonly<Record<string, string>> = {
  image: `export IMAGE=${image}`,
  'health-checks': ['primary', 'standby'].map(calculatedCheck).join('\n'),
};

/** Commands after a block that ran, where what the emulator answered would not be accepted. `after`: text in exactly one block of the page. */
export const corrections: readonly { readonly after: string; readonly reason: string; readonly commands: string }[] = [
  {
    after: 'balancer() {',
    reason: 'the ids of its balancers are not hexadecimal, as those of AWS are',
    commands: ['PRIMARY', 'STANDBY'].map((side) => `${side}_BALANCER=\${${side}_BALANCER%/*}/${balancerId}`).join('\n'),
  },
];
