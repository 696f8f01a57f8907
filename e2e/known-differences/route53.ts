// Route 53: what the comparison of single calls meets there.
import { docs, type KnownDifference } from './known-difference.ts';

const changeRecords = docs('ChangeResourceRecordSets', 'Route53/latest/APIReference/API_ChangeResourceRecordSets.html');
const recordSet = docs('ResourceRecordSet', 'Route53/latest/APIReference/API_ResourceRecordSet.html');
const createHealthCheck = docs('CreateHealthCheck', 'Route53/latest/APIReference/API_CreateHealthCheck.html');
const healthCheckConfig = docs('HealthCheckConfig', 'Route53/latest/APIReference/API_HealthCheckConfig.html');
const onMiniStack = { kind: 'conformance', where: 'ministack', since: '1.5.33' } as const;
const onMoto = { kind: 'conformance', where: 'moto', since: '5.2.5' } as const;

export const route53Differences: readonly KnownDifference[] = [
  {
    ...onMiniStack,
    id: 'asterisk-in-names',
    operation: 'route53:ListResourceRecordSets',
    differs: 'the asterisk of a wildcard record is returned as it is (moto too)',
    aws: 'it is returned as its octal code, \\052',
    source: docs('DNS domain name format', 'Route53/latest/DeveloperGuide/DomainNameFormat.html'),
    shows: { cases: ['all'], lines: ['= ResourceRecordSets[].Name: example.com. example.com. \\052.example.com. *'] },
  },
  {
    ...onMiniStack,
    id: 'caller-reference-of-zone-reused',
    operation: 'route53:CreateHostedZone',
    differs: 'a repeated caller reference returns the zone that has it (moto: makes another)',
    aws: 'HostedZoneAlreadyExists',
    source: docs('CreateHostedZone', 'Route53/latest/APIReference/API_CreateHostedZone.html'),
    shows: { cases: ['caller reference in use'], lines: ['! HostedZoneAlreadyExists 409, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'form-of-records-not-checked',
    operation: 'route53:ChangeResourceRecordSets',
    differs: 'members that are missing, too many or out of range are accepted (moto too)',
    aws: 'InvalidInput: weights are 0 to 255, a routing policy needs a SetIdentifier and excludes the others, a batch has at least one change',
    source: recordSet,
    shows: {
      cases: [
        ...['weight above 255', 'negative weight', 'weight without an identifier', 'identifier without a routing policy', 'two routing policies'],
        ...['neither values nor alias', 'values without a TTL', 'unknown type', 'no changes'],
      ],
      lines: ['! InvalidInput 400, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'records-beside-each-other-not-checked',
    operation: 'route53:ChangeResourceRecordSets',
    differs: 'a simple record beside weighted ones, a CNAME beside other types and different TTLs of one weighted group are accepted (moto too)',
    aws: 'InvalidChangeBatch; all weighted records of a group have the same TTL',
    source: recordSet,
    shows: {
      cases: ['upsert with another TTL than its sibling', 'a simple record beside weighted ones', 'a CNAME beside other types'],
      lines: ['! InvalidChangeBatch 400, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'values-of-records-not-checked',
    operation: 'route53:ChangeResourceRecordSets',
    differs: 'an address that is none, and the same value twice, are accepted (moto too)',
    aws: 'InvalidChangeBatch (Invalid Resource Record, Duplicate Resource Record)',
    source: { title: 'external-dns 1929: Duplicate Resource Record', url: 'https://github.com/kubernetes-sigs/external-dns/issues/1929' },
    shows: { cases: ['an address that is none', 'the same value twice'], lines: ['! InvalidChangeBatch 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'health-check-of-record-not-checked',
    operation: 'route53:ChangeResourceRecordSets',
    differs: 'a record may name a health check that does not exist (moto too)',
    aws: 'NoSuchHealthCheck, status 404',
    source: changeRecords,
    shows: { cases: ['absent health check'], lines: ['! NoSuchHealthCheck 404, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'caller-reference-of-health-check-reused',
    operation: 'route53:CreateHealthCheck',
    differs: 'a caller reference in use returns its health check, whatever the settings (moto: makes another)',
    aws: 'HealthCheckAlreadyExists when the settings differ',
    source: createHealthCheck,
    shows: { cases: ['caller reference in use for another'], lines: ['! HealthCheckAlreadyExists 409, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'health-check-settings-not-checked',
    operation: 'route53:CreateHealthCheck',
    differs: 'intervals, thresholds, children and alarms are not looked at (moto: neither)',
    aws: 'the interval is 10 or 30, the threshold 1 to 10; InvalidInput, and NoSuchHealthCheck for a child',
    source: healthCheckConfig,
    shows: {
      cases: ['neither name nor address', 'interval of 20 seconds', 'threshold of 11', 'calculated, absent child', 'of an absent alarm'],
      lines: ['! InvalidInput 400, an answer', '! NoSuchHealthCheck 404, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'health-check-defaults-not-returned',
    operation: 'route53:CreateHealthCheck',
    differs: 'what was not given is not returned',
    aws: 'the defaults are returned: Inverted, Disabled, and of an endpoint MeasureLatency and EnableSNI',
    source: createHealthCheck,
    shows: {
      cases: ['calculated', 'of an alarm', 'the same again'],
      lines: ['Disabled', 'EnableSNI', 'Inverted', 'MeasureLatency'].map((member) => `- HealthCheck.HealthCheckConfig.${member}`),
    },
  },
  ...([onMiniStack, onMoto] as const).map((where) => ({
    ...where,
    id: `health-check-without-location-in-${where.where}`,
    operation: 'route53:CreateHealthCheck',
    differs: 'the header Location is missing',
    aws: 'Location is the URL of the new health check',
    source: createHealthCheck,
    shows: { lines: ['- Location'] },
  })),
  {
    ...onMiniStack,
    id: 'put-metric-data-not-checked',
    operation: 'cloudwatch:PutMetricData',
    differs: "AWS's own namespaces, times far away, and more than the limits are accepted (moto too)",
    aws: 'InvalidParameterValue: two weeks back and two hours ahead, 1000 metrics a request, 30 dimensions, no namespace that begins with AWS/',
    source: docs('PutMetricData', 'AmazonCloudWatch/latest/APIReference/API_PutMetricData.html'),
    shows: {
      cases: ["AWS's namespace", 'too long ago', 'too far ahead', 'too many', 'too many dimensions'],
      lines: ['! InvalidParameterValueException 400, an answer'],
    },
  },
];
