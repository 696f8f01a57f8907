// An emulator as a stage: SDK clients of its endpoint, and what the cases find there.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { tables } from '../../core/contracts/deployment.ts';
import { tableNameOf } from '../../rehearsal/runtime/tables.ts';
import { type AnyClient, type ClientConstructor, type Emulator, home, type Stage } from './case.ts';
import { machineDefinitions, machineNames } from './machines.ts';
import { createTableInput } from './table.ts';

export interface EmulatedStage extends Stage {
  close(): void;
}

/** An image that moto knows from the start; MiniStack takes any. */
const imageId = 'ami-12c6146b';

/** MiniStack takes an access key of twelve digits for an account: this one's is empty, whatever else the emulator is used for. */
const accessKeyId = '210987654321';

/** Makes the premises on the emulator at an endpoint; only once, they are not removed. */
export async function emulatedStage(where: Emulator, endpoint: string): Promise<EmulatedStage> {
  const clients = new Map<string, AnyClient>();
  const client = <Client extends AnyClient>(make: ClientConstructor<Client>, region: string): Client => {
    const key = `${make.name}/${region}`;
    const known = clients.get(key);
    if (known) return known as Client;
    const made = new make({ region, endpoint, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: 'test' } });
    clients.set(key, made);
    return made;
  };
  const { QueueUrl = '' } = await client(SQSClient, home).send(new CreateQueueCommand({ QueueName: 'forestall-scoring' }));
  const { TopicArn = '' } = await client(SNSClient, home).send(new CreateTopicCommand({ Name: 'forestall-notifications' }));
  await client(EventBridgeClient, home).send(new CreateEventBusCommand({ Name: 'forestall' }));
  const { Vpcs } = await client(EC2Client, home).send(new DescribeVpcsCommand({}));
  for (const name of Object.keys(tables) as (keyof typeof tables)[])
    await client(DynamoDBClient, home).send(new CreateTableCommand(createTableInput(tableNameOf(name), tables[name])));
  const machine = async (name: keyof typeof machineNames): Promise<string> => {
    const { stateMachineArn = '' } = await client(SFNClient, home).send(
      new CreateStateMachineCommand({
        name: `forestall-${machineNames[name]}`,
        definition: JSON.stringify(machineDefinitions[name]),
        roleArn: `arn:aws:iam::${accessKeyId}:role/forestall`,
      }),
    );
    return stateMachineArn;
  };
  return {
    where,
    premises: {
      imageId,
      vpcId: Vpcs?.[0]?.VpcId ?? '',
      keyArn: `arn:aws:kms:${home}:${accessKeyId}:key/11111111-2222-3333-4444-555555555555`,
      queueUrl: QueueUrl,
      topicArn: TopicArn,
      busName: 'forestall',
      machines: { waits: await machine('waits'), passes: await machine('passes'), fails: await machine('fails') },
    },
    client,
    pass: async () => {},
    close() {
      for (const made of clients.values()) made.destroy();
    },
  };
}
