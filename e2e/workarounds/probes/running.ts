// What runs: state machines, functions and their errors, tables as CloudFormation makes them, and who may call.
import { DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { home, type Lab, needed, probeAccount, until } from '../lab.ts';
import type { Probe } from '../probe.ts';

const roleArn = (name: string) => `arn:aws:iam::${probeAccount}:role/${name}`;

async function addMachine(lab: Lab, name: string, States: Readonly<Record<string, object>>): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(States)[0], States });
  const { stateMachineArn } = await lab.client(SFNClient).send(new CreateStateMachineCommand({ name, definition, roleArn: roleArn('machine') }));
  return needed(stateMachineArn, 'a state machine');
}

async function run(lab: Lab, stateMachineArn: string): Promise<DescribeExecutionCommandOutput> {
  const client = lab.client(SFNClient);
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  return until(
    () => client.send(new DescribeExecutionCommand({ executionArn })),
    ({ status }) => status !== 'RUNNING',
    'an execution',
  );
}

/** Deploys one function for each piece of code, each with a role of its own. Resolves with states that invoke them. */
async function invocations(lab: Lab, stack: string, handlers: readonly string[]): Promise<object[]> {
  const names = handlers.map((_, index) => `${stack}-${index}`);
  const functions = handlers.map((handler, index) => [
    `Function${index}`,
    {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: names[index],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: roleArn(`${stack}-${index}`),
        Code: { ZipFile: `exports.handler = async () => { ${handler} };` },
      },
    },
  ]);
  await lab.deploy(stack, Object.fromEntries(functions));
  return names.map((name) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: name }, End: true }));
}

export const runningProbes: readonly Probe[] = [
  {
    id: 'start-execution-not-idempotent',
    async look(lab) {
      const stateMachineArn = await addMachine(lab, 'probe-waits', { Wait: { Type: 'Wait', Seconds: 3600, End: true } });
      const start = () => lab.client(SFNClient).send(new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"same":true}' }));
      await start();
      const again = await start().then(
        () => '',
        ({ name }: Error) => name,
      );
      return { 'the same name and input while it runs': again === 'ExecutionAlreadyExists' };
    },
  },
  {
    id: 'names-of-errors-lost',
    async look(lab) {
      const throws = "throw Object.assign(new Error('on purpose'), { name: 'OnPurpose' })";
      const [Throws = {}, Dies = {}] = await invocations(lab, 'probe-errors', [throws, 'process.exit(1)']);
      const [thrown, died] = [await run(lab, await addMachine(lab, 'probe-throws', { Throws })), await run(lab, await addMachine(lab, 'probe-dies', { Dies }))];
      return { 'of what a function throws': thrown.error === 'Runtime.HandlerError', 'of a process that ends': died.error === 'Runtime.HandlerError' };
    },
  },
  {
    id: 'one-identity-for-all-functions',
    async look(lab) {
      const tells = 'return process.env.AWS_ACCESS_KEY_ID';
      const tasks = await invocations(lab, 'probe-identity', [tells, tells]);
      const Branches = tasks.map((Tells) => ({ StartAt: 'Tells', States: { Tells } }));
      const { output = '[]' } = await run(lab, await addMachine(lab, 'probe-identity', { Both: { Type: 'Parallel', Branches, End: true } }));
      const [one, other] = (JSON.parse(output) as readonly { readonly Payload?: string }[]).map(({ Payload }) => Payload);
      return { 'the same access key': needed(one, 'an access key') === needed(other, 'another') };
    },
  },
  {
    id: 'permissions-not-looked-at',
    async look(lab) {
      await lab.query('iam', { Action: 'CreateUser', Version: '2010-05-08', UserName: 'probe' });
      const answer = await lab.query('iam', { Action: 'CreateAccessKey', Version: '2010-05-08', UserName: 'probe' });
      const key = needed(/<AccessKeyId>([^<]+)</.exec(answer)?.[1], 'an access key');
      const allowed = await lab
        .client(EC2Client, home, key)
        .send(new DescribeInstancesCommand({}))
        .then(
          () => true,
          () => false,
        );
      return { 'a user without a policy may call': allowed };
    },
  },
  {
    id: 'table-settings-of-stacks-dropped',
    async look(lab) {
      await lab.deploy('probe-table', {
        Table: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: {
            TableName: 'probe',
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
            Replicas: [{ Region: home, DeletionProtectionEnabled: true }],
          },
        },
      });
      const client = lab.client(DynamoDBClient);
      const { Table } = await client.send(new DescribeTableCommand({ TableName: 'probe' }));
      const deleted = await client.send(new DeleteTableCommand({ TableName: 'probe' })).then(
        () => true,
        () => false,
      );
      return { 'deletion protection': deleted, encryption: Table?.SSEDescription === undefined };
    },
  },
];
