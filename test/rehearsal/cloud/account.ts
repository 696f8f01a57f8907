// An account with a clock that tests set, and clients of it.
import { type Account, createAccount } from '../../../rehearsal/cloud/account.ts';
import type { AnyClient } from '../../../rehearsal/cloud/cloud.ts';
import { drawsOf } from '../../../rehearsal/cloud/draw.ts';
import type { ExecutionEngine } from '../../../rehearsal/cloud/states.ts';

export const noon = Date.UTC(2026, 0, 15, 12);

const noExecutions: ExecutionEngine = {
  hasMachine: () => false,
  find: () => undefined,
  list: () => [],
  stop: () => {},
  start: () => {
    throw new Error('no machines here');
  },
};

export interface TestAccount extends Account {
  readonly clock: { now: number };
  readonly events: unknown[];
  readonly messages: unknown[];
  /** A client that counts as Forestall's. */
  own<Client extends AnyClient>(make: new (config: { region: string; maxAttempts: number }) => Client, region: string): Client;
}

export function testAccount(seed = 1): TestAccount {
  const clock = { now: noon };
  const events: unknown[] = [];
  const messages: unknown[] = [];
  const account = createAccount({
    draws: drawsOf(seed),
    now: () => clock.now,
    jitter: () => 0,
    regions: ['eu-west-1', 'eu-central-1'],
    busy: { enter: () => {}, leave: () => {} },
    buses: ['forestall', 'default'],
    queueUrls: ['https://sqs.eu-central-1.amazonaws.com/123456789012/forestall-scoring'],
    topicArns: ['arn:aws:sns:eu-central-1:123456789012:forestall-notifications'],
    onEvent: (bus, event) => {
      events.push({ bus, ...event });
      return 'event-1';
    },
    onMessage: (_url, message) => {
      messages.push(message);
    },
    executions: noExecutions,
    dynamodb: { name: 'dynamodb', operations: {} },
  });
  return {
    ...account,
    clock,
    events,
    messages,
    own(make, region) {
      const client = new make({ region, maxAttempts: 4 });
      account.cloud.attach(client, region, 'forestall');
      return client;
    },
  };
}
