// The health checks of one record: what moves traffic when nothing of ours runs.
import { Match, Template } from 'aws-cdk-lib/assertions';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evacuationAlarmName } from '../../../core/contracts/deployment.ts';
import { endpointTarget, ProtectedRecordChecks } from '../../../lib/constructs/protected-record-checks.ts';
import { nothingOmitted } from '../../../lib/emulator.ts';
import { fixtureStack, plan } from '../fixture-app.ts';

const stack = fixtureStack();
new ProtectedRecordChecks(stack, plan(), nothingOmitted);
const template = Template.fromStack(stack);
const checks = Object.entries(template.findResources('AWS::Route53::HealthCheck'));
const ofType = (type: string) => checks.filter(([, { Properties }]) => Properties.HealthCheckConfig.Type === type);

test('each side is healthy only while its endpoint answers and it is not latched', () => {
  expect(ofType('CALCULATED')).toHaveLength(2);
  for (const [, { Properties }] of ofType('CALCULATED')) {
    const { ChildHealthChecks, HealthThreshold } = Properties.HealthCheckConfig;
    const children = ChildHealthChecks.map((child: { 'Fn::GetAtt': [string, string] }) => checks.find(([id]) => id === child['Fn::GetAtt'][0])?.[1]);
    expect(children.map((child: { Properties: { HealthCheckConfig: { Type: string } } }) => child.Properties.HealthCheckConfig.Type)).toEqual([
      'HTTPS',
      'CLOUDWATCH_METRIC',
    ]);
    expect(HealthThreshold).toBe(2);
  }
});

test('sudden death is noticed by Route 53 alone, in three tries of 30 seconds', () => {
  for (const side of ['primary', 'standby'])
    template.hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: {
        Type: 'HTTPS',
        FullyQualifiedDomainName: `${side}.shop.example.com`,
        ResourcePath: '/health',
        Port: 443,
        EnableSNI: true,
        RequestInterval: 30,
        FailureThreshold: 2,
      },
    });
});

test('a latch is a metric of one minute, and a gap in it changes nothing', () => {
  for (const side of ['primary', 'standby']) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: evacuationAlarmName('shop', side),
      Namespace: 'Forestall',
      MetricName: 'SideEvacuated',
      Dimensions: [
        { Name: 'Service', Value: 'shop' },
        { Name: 'Side', Value: side },
      ],
      Period: 60,
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'missing',
    });
    template.hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: {
        Type: 'CLOUDWATCH_METRIC',
        AlarmIdentifier: { Name: evacuationAlarmName('shop', side), Region: 'eu-central-1' },
        InsufficientDataHealthStatus: 'LastKnownStatus',
      },
    });
  }
});

test('the ids to attach are outputs, and no record is', () => {
  expect(Object.values(template.findOutputs('*', { Description: Match.stringLikeRegexp('HealthCheckId for the record shop.example.com') }))).toHaveLength(2);
  template.resourceCountIs('AWS::Route53::RecordSet', 0);
});

describe('endpointTarget', () => {
  test.each([
    [
      'https://a.example.com/health?deep=1',
      { type: 'HTTPS', fullyQualifiedDomainName: 'a.example.com', enableSni: true, port: 443, resourcePath: '/health?deep=1' },
    ],
    ['http://a.example.com:8080', { type: 'HTTP', fullyQualifiedDomainName: 'a.example.com', port: 8080, resourcePath: '/' }],
    ['http://192.0.2.7/up', { type: 'HTTP', ipAddress: '192.0.2.7', port: 80, resourcePath: '/up' }],
  ])('%s', (url, expected) => expect(endpointTarget(url)).toEqual(expected));

  test('keeps any port', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => endpointTarget(`https://a.example.com:${port}/`).port === port));
  });
});
