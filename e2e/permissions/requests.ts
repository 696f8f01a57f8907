// From an API call to what IAM is asked about it: actions, resources and condition keys, as the Service Authorization Reference lists them.
import { z } from 'zod';
import { driverRequests } from './driver-requests.ts';
import { ec2Requests } from './ec2-requests.ts';
import type { IamRequest } from './evaluate.ts';
import type { Inventory } from './inventory.ts';
import type { ObservedCall } from './observed-call.ts';
import type { Principal } from './policies.ts';

/** What AWS asks IAM about this call is not known here. */
export class UnknownCallError extends Error {
  override readonly name = 'UnknownCallError';
}

type Requests = (call: ObservedCall, inventory: Inventory) => IamRequest[];

/** Everything that IAM is asked about a call; all of it must be allowed. Throws UnknownCallError. */
export function requestsOf(call: ObservedCall, inventory: Inventory): IamRequest[] {
  const requests = known[call.service]?.[call.operation];
  if (requests === undefined)
    throw new UnknownCallError(`${call.caller} called ${call.service}:${call.operation}: say in requests.ts what IAM is asked about it`);
  return requests(call, inventory).map((request) => ({ ...request, context: { 'aws:requestedregion': call.region, ...request.context } }));
}

/** What Lambda does in the name of a function that runs: it writes the log and sends traces. */
export const runningOf = ({ name, logGroup, region }: Pick<Principal, 'name' | 'logGroup' | 'region'>, account: string): IamRequest[] => [
  ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    action,
    resource: `arn:aws:logs:${region}:${account}:log-group:${logGroup ?? name}:log-stream:today`,
    context: { 'aws:requestedregion': region },
  })),
  ...['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => ({ action, resource: '*', context: { 'aws:requestedregion': region } })),
];

const text = (input: ObservedCall['input'], name: string): string => z.string(`${name} is missing in the call`).parse(input[name]);
const one = (action: string, resource: string, context: IamRequest['context'] = {}): IamRequest[] => [{ action, resource, context }];

/** The tables and the topic are encrypted with our key, which their service uses in the caller's name. The key's alias stands for it. */
const ownKey = (service: 'dynamodb' | 'sns', actions: readonly string[], { region }: ObservedCall, account: string): IamRequest[] =>
  actions.map((action) => ({
    action: `kms:${action}`,
    resource: `arn:aws:kms:${region}:${account}:alias/forestall`,
    context: { 'kms:viaservice': `${service}.${region}.amazonaws.com`, 'kms:calleraccount': account },
  }));

const onTable: Requests = (call, { account }) => {
  const name = text(call.input, 'TableName');
  const table = name.startsWith('arn:') ? name : `arn:aws:dynamodb:${call.region}:${account}:table/${name}`;
  // A query of an index is asked about the index alone.
  const resource = call.input['IndexName'] === undefined ? table : `${table}/index/${text(call.input, 'IndexName')}`;
  return [...one(`dynamodb:${call.operation}`, resource), ...ownKey('dynamodb', ['Decrypt'], call, account)];
};
const onTables: Requests = (call, inventory) =>
  Object.keys(z.record(z.string(), z.unknown()).parse(call.input['RequestItems'])).flatMap((TableName) =>
    onTable({ ...call, input: { TableName } }, inventory),
  );

/** `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, or an emulator's. */
const toQueue: Requests = (call) => {
  const [account, name] = new URL(text(call.input, 'QueueUrl')).pathname.split('/').slice(-2);
  return one('sqs:SendMessage', `arn:aws:sqs:${call.region}:${account}:${name}`);
};

const putEvents: Requests = (call, { account }) =>
  z
    .array(z.object({ EventBusName: z.string().default('default') }))
    .parse(call.input['Entries'])
    .flatMap(({ EventBusName }) =>
      one('events:PutEvents', EventBusName.startsWith('arn:') ? EventBusName : `arn:aws:events:${call.region}:${account}:event-bus/${EventBusName}`),
    );

const route53Arn = (kind: string, id: string) => `arn:aws:route53:::${kind}/${id.replace(/^\/?(hostedzone|change|healthcheck)\//, '')}`;

/** Lower case, without the last dot; what is not a-z, 0-9, `-`, `_` or `.` as three octal digits. Names with an escape in them have it already. */
function normalized(name: string): string {
  const bare = name.toLowerCase().endsWith('.') ? name.toLowerCase().slice(0, -1) : name.toLowerCase();
  return [...bare.matchAll(/\\[0-7]{3}|[\s\S]/g)]
    .map(([part]) => (part.length === 4 || /[a-z0-9._-]/.test(part) ? part : `\\${(part.codePointAt(0) ?? 0).toString(8).padStart(3, '0')}`))
    .join('');
}

const ChangeBatch = z.object({
  Changes: z.array(z.object({ Action: z.string(), ResourceRecordSet: z.object({ Name: z.string(), Type: z.string() }) })),
});
const changeRecords: Requests = ({ input }) => {
  const { Changes } = ChangeBatch.parse(input['ChangeBatch']);
  const several = (values: string[]) => [...new Set(values)];
  return one('route53:ChangeResourceRecordSets', route53Arn('hostedzone', text(input, 'HostedZoneId')), {
    'route53:changeresourcerecordsetsnormalizedrecordnames': several(Changes.map(({ ResourceRecordSet }) => normalized(ResourceRecordSet.Name))),
    'route53:changeresourcerecordsetsrecordtypes': several(Changes.map(({ ResourceRecordSet }) => ResourceRecordSet.Type)),
    'route53:changeresourcerecordsetsactions': several(Changes.map(({ Action }) => Action)),
  });
};

const known: Readonly<Record<string, Readonly<Record<string, Requests>>>> = {
  dynamodb: {
    ...Object.fromEntries(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'].map((operation) => [operation, onTable])),
    BatchWriteItem: onTables,
  },
  sqs: { SendMessage: toQueue, SendMessageBatch: toQueue },
  events: { PutEvents: putEvents },
  sns: {
    Publish: (call, { account }) => [...one('sns:Publish', text(call.input, 'TopicArn')), ...ownKey('sns', ['GenerateDataKey', 'Decrypt'], call, account)],
  },
  states: {
    StartExecution: ({ input }) => one('states:StartExecution', text(input, 'stateMachineArn')),
    DescribeExecution: ({ input }) => one('states:DescribeExecution', text(input, 'executionArn')),
  },
  lambda: { Invoke: ({ input }) => one('lambda:InvokeFunction', text(input, 'FunctionName')) },
  cloudwatch: {
    GetMetricData: () => one('cloudwatch:GetMetricData', '*'),
    PutMetricData: ({ input }) => one('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': text(input, 'Namespace') }),
  },
  route53: {
    ListResourceRecordSets: ({ input }) => one('route53:ListResourceRecordSets', route53Arn('hostedzone', text(input, 'HostedZoneId'))),
    ChangeResourceRecordSets: changeRecords,
    GetChange: ({ input }) => one('route53:GetChange', route53Arn('change', text(input, 'Id'))),
    GetHealthCheck: ({ input }) => one('route53:GetHealthCheck', route53Arn('healthcheck', text(input, 'HealthCheckId'))),
  },
  elasticloadbalancing: {
    DescribeTargetHealth: () => one('elasticloadbalancing:DescribeTargetHealth', '*'),
    RegisterTargets: ({ input }) => one('elasticloadbalancing:RegisterTargets', text(input, 'TargetGroupArn')),
    DeregisterTargets: ({ input }) => one('elasticloadbalancing:DeregisterTargets', text(input, 'TargetGroupArn')),
    ...driverRequests.elasticloadbalancing,
  },
  servicequotas: { GetServiceQuota: () => one('servicequotas:GetServiceQuota', '*') },
  ec2: ec2Requests,
  ssm: driverRequests.ssm,
  appconfig: driverRequests.appconfig,
  'arc-zonal-shift': driverRequests['arc-zonal-shift'],
};
