// The other services: what the comparison of single calls meets there.
import { docs, type KnownDifference } from './known-difference.ts';

const getMetricData = docs('GetMetricData', 'AmazonCloudWatch/latest/APIReference/API_GetMetricData.html');
const publish = docs('Publish', 'sns/latest/api/API_Publish.html');
const describeExecution = docs('DescribeExecution', 'step-functions/latest/apireference/API_DescribeExecution.html');
const onMiniStack = { kind: 'conformance', where: 'ministack', since: '1.5.33' } as const;
const onMoto = { kind: 'conformance', where: 'moto', since: '5.2.5' } as const;

export const otherDifferences: readonly KnownDifference[] = [
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
