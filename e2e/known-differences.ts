// What the emulators are known to do otherwise than AWS. One that no longer shows fails the run, so that this list stays true.

export interface KnownDifference {
  /** Unique, in words joined by hyphens. */
  readonly id: string;
  /** Who meets it: the comparison of single calls, that of whole failovers, or what the templates leave out. */
  readonly kind: 'conformance' | 'workflow' | 'deployment';
  readonly where: 'ministack' | 'moto';
  /** The pinned version that it was seen with. */
  readonly since: string;
  /** `service:Operation`, or `service:*`. */
  readonly operation: string;
  readonly differs: string;
  /** What AWS does, and the page that says so. */
  readonly aws: string;
  readonly source: { readonly title: string; readonly url: string };
  /** How it shows. `deployment` has nothing to show it by. */
  readonly shows?: {
    /** Names of cases. Default: any of the operation. */
    readonly cases?: readonly string[];
    /** Lines as e2e/conformance/compare.ts writes them; `*` at the end stands for any rest. */
    readonly lines: readonly string[];
  };
}

const docs = (title: string, path: string) => ({ title, url: `https://docs.aws.amazon.com/${path}` });
const ec2Errors = docs('Error codes for the Amazon EC2 API', 'ec2/latest/devguide/errors-overview.html');
const changeRecords = docs('ChangeResourceRecordSets', 'Route53/latest/APIReference/API_ChangeResourceRecordSets.html');
const recordSet = docs('ResourceRecordSet', 'Route53/latest/APIReference/API_ResourceRecordSet.html');
const createHealthCheck = docs('CreateHealthCheck', 'Route53/latest/APIReference/API_CreateHealthCheck.html');
const healthCheckConfig = docs('HealthCheckConfig', 'Route53/latest/APIReference/API_HealthCheckConfig.html');
const getMetricData = docs('GetMetricData', 'AmazonCloudWatch/latest/APIReference/API_GetMetricData.html');
const publish = docs('Publish', 'sns/latest/api/API_Publish.html');
const describeExecution = docs('DescribeExecution', 'step-functions/latest/apireference/API_DescribeExecution.html');

const onMiniStack = { kind: 'conformance', where: 'ministack', since: '1.5.33' } as const;
const onMoto = { kind: 'conformance', where: 'moto', since: '5.2.5' } as const;

export const knownDifferences: readonly KnownDifference[] = [
  {
    ...onMiniStack,
    id: 'client-token-ignored',
    operation: 'ec2:RunInstances',
    differs: 'a client token is neither kept nor looked at: the same request launches again (moto keeps it, and launches again too)',
    aws: 'the same token and parameters return the first launch; other parameters are IdempotentParameterMismatch',
    source: docs('Ensuring idempotency in Amazon EC2 API requests', 'ec2/latest/devguide/ec2-api-idempotency.html'),
    shows: {
      cases: ['with a token', 'the same token again', 'the same token with other parameters'],
      lines: ['- Instances[].ClientToken', '= Instances[].ClientToken: *', '= again: true, false', '! IdempotentParameterMismatch 400, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'launch-not-checked',
    operation: 'ec2:RunInstances',
    differs: 'a launch template that does not exist, no image and no instances at all are answered as if all was well (moto: an error 500 without a code)',
    aws: 'InvalidLaunchTemplateId.NotFound, MissingParameter, InvalidParameterValue',
    source: ec2Errors,
    shows: {
      cases: ['absent template', 'neither template nor image', 'none'],
      lines: ['! InvalidLaunchTemplateId.NotFound 400, an answer', '! MissingParameter 400, an answer', '! InvalidParameterValue 400, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'small-pages-allowed',
    operation: 'ec2:DescribeInstances',
    differs: 'pages of fewer than 5 are given (moto too)',
    aws: 'InvalidParameterValue below 5 and above 1000',
    source: { title: 'aws-sdk-ruby 2575: the least value that EC2 accepts', url: 'https://github.com/aws/aws-sdk-ruby/pull/2575' },
    shows: { cases: ['page size below 5'], lines: ['! InvalidParameterValue 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'snapshot-ids-beside-page-size',
    operation: 'ec2:DescribeSnapshots',
    differs: 'ids and a page size are accepted together (moto too)',
    aws: 'the two cannot be used together: InvalidParameterCombination',
    source: docs('DescribeSnapshots', 'AWSEC2/latest/APIReference/API_DescribeSnapshots.html'),
    shows: { cases: ['ids and a page size'], lines: ['! InvalidParameterCombination 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'form-of-ids-not-checked',
    operation: 'ec2:*',
    differs: 'an id of the wrong form is one that does not exist, or is passed over',
    aws: 'InvalidInstanceID.Malformed and InvalidSnapshotID.Malformed',
    source: ec2Errors,
    shows: {
      cases: ['malformed id'],
      lines: [
        '! InvalidInstanceID.Malformed 400, an answer',
        '! InvalidInstanceID.Malformed 400, InvalidInstanceID.NotFound 400',
        '! InvalidSnapshotID.Malformed 400, InvalidSnapshot.NotFound 400',
      ],
    },
  },
  {
    ...onMoto,
    id: 'form-of-ids-not-checked-by-moto',
    operation: 'ec2:CreateSnapshots',
    differs: 'an id of the wrong form is one that does not exist',
    aws: 'InvalidInstanceID.Malformed',
    source: ec2Errors,
    shows: { cases: ['malformed id'], lines: ['! InvalidInstanceID.Malformed 400, InvalidInstanceID.NotFound 400'] },
  },
  {
    ...onMiniStack,
    id: 'tags-without-instance',
    operation: 'ec2:CreateTags',
    differs: 'tags are made for an instance that does not exist (moto too)',
    aws: 'InvalidInstanceID.NotFound',
    source: ec2Errors,
    shows: { cases: ['of an absent instance'], lines: ['! InvalidInstanceID.NotFound 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'terminated-instances-change',
    operation: 'ec2:*',
    differs: 'a terminated instance can be started and stopped (moto too)',
    aws: 'IncorrectInstanceState: it is not in a state from which it can be started or stopped',
    source: ec2Errors,
    shows: { cases: ['terminated'], lines: ['! IncorrectInstanceState 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'snapshot-without-completion-time',
    operation: 'ec2:DescribeSnapshots',
    differs: 'a completed snapshot does not tell when it was completed',
    aws: 'CompletionTime is returned for completed snapshots',
    source: docs('Snapshot', 'AWSEC2/latest/APIReference/API_Snapshot.html'),
    shows: { lines: ['- Snapshots[].CompletionTime'] },
  },
  {
    ...onMoto,
    id: 'snapshot-without-completion-time-in-moto',
    operation: 'ec2:DescribeSnapshots',
    differs: 'a completed snapshot does not tell when it was completed',
    aws: 'CompletionTime is returned for completed snapshots',
    source: docs('Snapshot', 'AWSEC2/latest/APIReference/API_Snapshot.html'),
    shows: { lines: ['- Snapshots[].CompletionTime'] },
  },
  {
    ...onMoto,
    id: 'new-snapshots-without-state',
    operation: 'ec2:CreateSnapshots',
    differs: 'the answer does not say in which state the snapshots are',
    aws: 'State is a member of SnapshotInfo',
    source: docs('SnapshotInfo', 'AWSEC2/latest/APIReference/API_SnapshotInfo.html'),
    shows: { lines: ['- Snapshots[].State'] },
  },
  {
    ...onMiniStack,
    id: 'key-without-encryption',
    operation: 'ec2:CopySnapshot',
    differs: 'a key is accepted for a copy that is not to be encrypted (moto too)',
    aws: 'with KmsKeyId the encrypted state must be true; else InvalidParameterDependency',
    source: docs('CopySnapshot', 'AWSEC2/latest/APIReference/API_CopySnapshot.html'),
    shows: { cases: ['with a key, not encrypted'], lines: ['! InvalidParameterDependency 400, an answer'] },
  },
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
  {
    ...onMiniStack,
    id: 'metric-queries-not-checked',
    operation: 'cloudwatch:GetMetricData',
    differs: 'ids, periods, statistics and the number of queries are not looked at (moto: an error 500 for the statistic)',
    aws: 'ids are unique and begin with a lower-case letter, a request has up to 500 queries; ValidationError, which the SDK calls ValidationException',
    source: {
      title: 'yet-another-cloudwatch-exporter 1435: ValidationError',
      url: 'https://github.com/prometheus-community/yet-another-cloudwatch-exporter/issues/1435',
    },
    shows: {
      cases: [
        ...['the same id twice', 'an id that begins with a capital', 'a period of 61 seconds', 'an unknown statistic'],
        ...['no queries', 'too many queries'],
      ],
      lines: ['! ValidationException 400, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'cloudwatch-tokens-not-checked',
    operation: 'cloudwatch:*',
    differs: 'a token that is none is passed over (moto too)',
    aws: 'InvalidNextToken',
    source: getMetricData,
    shows: { cases: ['unknown token'], lines: ['! InvalidNextToken 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'dimensions-added-up',
    operation: 'cloudwatch:GetMetricData',
    differs: 'a query without dimensions adds up all that have some (moto too)',
    aws: 'each combination of dimensions is a metric of its own; custom metrics are not aggregated over them',
    source: docs('Metrics concepts: Dimensions', 'AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html'),
    shows: { cases: ['without the dimension'], lines: ['= MetricDataResults[].Values[]: 4, 54'] },
  },
  ...([onMiniStack, onMoto] as const).map((where) => ({
    ...where,
    id: `metric-data-without-messages-in-${where.where}`,
    operation: 'cloudwatch:GetMetricData',
    differs: 'there is no list of messages',
    aws: 'Messages is a member of the answer, empty when there is nothing to say',
    source: getMetricData,
    shows: { lines: ['- Messages'] },
  })),
  {
    ...onMiniStack,
    id: 'alarms-not-checked',
    operation: 'cloudwatch:PutMetricAlarm',
    differs: 'alarms that cannot be evaluated are accepted (moto too)',
    aws: 'ValidationError (in the SDK ValidationException): a metric and exactly one statistic are needed, the comparison is one of a list, no more datapoints than periods',
    source: { title: 'cfn-lint 771: ValidationError of PutMetricAlarm', url: 'https://github.com/aws-cloudformation/cfn-lint/pull/771' },
    shows: {
      cases: ['without a statistic', 'without a metric', 'two statistics', 'unknown comparison', 'more datapoints than periods'],
      lines: ['! ValidationException 400, an answer'],
    },
  },
  {
    ...onMiniStack,
    id: 'target-group-not-idempotent',
    operation: 'elasticloadbalancing:CreateTargetGroup',
    differs: 'the same request again is refused as a duplicate (moto too)',
    aws: 'the operation is idempotent: with the same settings each call succeeds',
    source: docs('CreateTargetGroup', 'elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html'),
    shows: { cases: ['the same again'], lines: ['! an answer, DuplicateTargetGroupNameException 400'] },
  },
  {
    ...onMiniStack,
    id: 'targets-not-checked',
    operation: 'elasticloadbalancing:RegisterTargets',
    differs: 'an instance that does not exist is registered (moto too)',
    aws: 'InvalidTarget: the target does not exist, or is not running',
    source: docs('RegisterTargets', 'elasticloadbalancing/latest/APIReference/API_RegisterTargets.html'),
    shows: { cases: ['absent'], lines: ['! InvalidTargetException 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'unregistered-target-healthy',
    operation: 'elasticloadbalancing:DescribeTargetHealth',
    differs: 'a target that is not registered is healthy (moto too)',
    aws: 'its state is unused, the reason Target.NotRegistered',
    source: docs('TargetHealth', 'elasticloadbalancing/latest/APIReference/API_TargetHealth.html'),
    shows: {
      cases: ['not registered'],
      lines: [
        ...['Description', 'Reason'].map((member) => `- TargetHealthDescriptions[].TargetHealth.${member}`),
        '= TargetHealthDescriptions[].TargetHealth.Reason: Target.NotRegistered, ',
        '= TargetHealthDescriptions[].TargetHealth.State: unused, healthy',
      ],
    },
  },
  {
    ...onMiniStack,
    id: 'event-detail-not-an-object',
    operation: 'events:PutEvents',
    differs: 'any JSON is taken for a detail (moto too)',
    aws: 'Detail is a JSON object; the entry fails with MalformedDetail',
    source: docs('PutEventsRequestEntry', 'eventbridge/latest/APIReference/API_PutEventsRequestEntry.html'),
    shows: {
      cases: ['one that is no JSON object'],
      lines: [
        '+ Entries[].EventId',
        '- Entries[].ErrorCode',
        '- Entries[].ErrorMessage',
        '= Entries[].ErrorCode: MalformedDetail, ',
        '= FailedEntryCount: 1, 0',
      ],
    },
  },
  {
    ...onMiniStack,
    id: 'events-not-counted',
    operation: 'events:PutEvents',
    differs: 'no entries, and entries above the limit, are accepted (moto too)',
    aws: 'a request has 1 to 10 entries of together less than 1 MB',
    source: docs('PutEvents', 'eventbridge/latest/APIReference/API_PutEvents.html'),
    shows: { cases: ['none', 'too large'], lines: ['! ValidationException 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'messages-not-checked',
    operation: 'sns:Publish',
    differs: 'an empty message, and a subject of two lines, are accepted (moto too)',
    aws: 'InvalidParameter: a message is not empty, a subject has no line breaks or control characters',
    source: publish,
    shows: { cases: ['empty message', 'subject of two lines'], lines: ['! InvalidParameterException 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'execution-input-not-measured',
    operation: 'states:StartExecution',
    differs: 'an input of more than 262,144 characters is accepted (moto too)',
    aws: 'the length constraint of the input is 262,144; ValidationException, as for the name',
    source: docs('StartExecution', 'step-functions/latest/apireference/API_StartExecution.html'),
    shows: { cases: ['too large'], lines: ['! ValidationException 400, an answer'] },
  },
  {
    ...onMiniStack,
    id: 'executions-without-redrive',
    operation: 'states:DescribeExecution',
    differs: 'nothing is said of running an execution again',
    aws: 'redriveCount, redriveStatus and, for what is not redrivable, redriveStatusReason',
    source: describeExecution,
    shows: { lines: ['- redriveCount', '- redriveStatus', '- redriveStatusReason'] },
  },
  {
    ...onMiniStack,
    id: 'output-of-executions-without-one',
    operation: 'states:DescribeExecution',
    differs: 'an execution that has not succeeded has details of its output, and a failed one its error as output',
    aws: 'the output is only set if the execution succeeds; if it fails, output is null',
    source: describeExecution,
    shows: { cases: ['running', 'failed', 'aborted'], lines: ['+ outputDetails', '+ output'] },
  },
];
