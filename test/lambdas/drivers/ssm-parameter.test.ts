import { GetParameterCommand, GetParameterHistoryCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { DriverRefusedError } from '../../../lambdas/drivers/port.ts';
import { ssmParameter } from '../../../lambdas/drivers/ssm-parameter.ts';
import { parameterDriver, requestOf } from '../../fixtures/drivers.ts';

const ssm = mockClient(SSMClient);
const stands = (Value: string, Version: number, Type: 'String' | 'SecureString' = 'String') =>
  ssm.on(GetParameterCommand, { Name: parameterDriver.name }).resolves({ Parameter: { Name: parameterDriver.name, Value, Version, Type } });
const history = (...versions: number[]) =>
  ssm.on(GetParameterHistoryCommand).resolves({
    Parameters: versions.map((Version) => ({
      Version,
      Type: 'String',
      Tier: 'Advanced',
      DataType: 'text',
      Description: 'who serves',
      AllowedPattern: '^[a-z]+$',
    })),
  });
const written = () => ssm.commandCalls(PutParameterCommand).map(({ args }) => args[0].input);

beforeEach(() => {
  attachToClients(undefined);
  ssm.reset();
});

it('sets the value of the receiving side, keeps what else is set, and remembers the version', async () => {
  stands('ireland', 7);
  history(6, 7);
  ssm.on(PutParameterCommand).resolves({ Version: 8 });
  expect(await ssmParameter.apply(requestOf(parameterDriver))).toEqual({ state: 'done', token: '8' });
  expect(written()).toEqual([
    {
      ...{ Name: '/shop/active-side', Value: 'frankfurt', Overwrite: true, Type: 'String', Tier: 'Advanced', DataType: 'text' },
      ...{ Description: 'who serves', AllowedPattern: '^[a-z]+$' },
    },
  ]);
});

it('writes nothing when the value stands already, in either direction', async () => {
  stands('frankfurt', 8);
  expect(await ssmParameter.apply(requestOf(parameterDriver))).toEqual({ state: 'done', token: '8' });
  stands('ireland', 9);
  expect(await ssmParameter.apply(requestOf(parameterDriver, { to: 'primary' }))).toEqual({ state: 'done', token: '9' });
  expect(written()).toEqual([]);
});

it('finds the newest version on a later page of the history', async () => {
  stands('ireland', 51);
  ssm
    .on(GetParameterHistoryCommand)
    .resolvesOnce({ Parameters: [{ Version: 50, Type: 'String', Tier: 'Standard' }], NextToken: 'more' })
    .resolvesOnce({ Parameters: [{ Version: 51, Type: 'String', Tier: 'Standard' }] });
  ssm.on(PutParameterCommand).resolves({ Version: 52 });
  expect(await ssmParameter.apply(requestOf(parameterDriver))).toMatchObject({ token: '52' });
  expect(ssm.commandCalls(GetParameterHistoryCommand)[1]?.args[0].input.NextToken).toBe('more');
});

it.each([
  ['a value that is neither side', () => stands('paris', 3), /neither side's/],
  ['a secret', () => stands('ciphertext', 3, 'SecureString'), /is a SecureString/],
  ['no parameter', () => ssm.on(GetParameterCommand).rejects(new ParameterNotFound({ message: 'no', $metadata: {} })), /there is no parameter/],
  ['a version newer than the one that was read', () => [stands('ireland', 7), history(7, 8)], /changed while Forestall was setting it/],
])('refuses %s, and writes nothing', async (_what, given, words) => {
  given();
  const failure = await ssmParameter.apply(requestOf(parameterDriver)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DriverRefusedError);
  expect((failure as Error).message).toMatch(words);
  expect(written()).toEqual([]);
});

it('notices that somebody else wrote between the read and the write', async () => {
  stands('ireland', 7);
  ssm
    .on(GetParameterHistoryCommand)
    .resolvesOnce({ Parameters: [{ Version: 7, Type: 'String' }] })
    .resolvesOnce({
      Parameters: [
        { Version: 7, Value: 'ireland' },
        { Version: 8, Value: 'paris' },
        { Version: 9, Value: 'frankfurt' },
      ],
    });
  ssm.on(PutParameterCommand).resolves({ Version: 9 });
  await expect(ssmParameter.apply(requestOf(parameterDriver))).rejects.toThrow(/was 'paris' for a moment, written by somebody else/);
});

it('takes its own value in between for what it is: written twice, since an answer was lost', async () => {
  stands('ireland', 7);
  ssm
    .on(GetParameterHistoryCommand)
    .resolvesOnce({ Parameters: [{ Version: 7, Type: 'String' }] })
    .resolvesOnce({ Parameters: [8, 9].map((Version) => ({ Version, Value: 'frankfurt' })) });
  ssm.on(PutParameterCommand).resolves({ Version: 9 });
  expect(await ssmParameter.apply(requestOf(parameterDriver))).toEqual({ state: 'done', token: '9' });
});

it('is done when an attempt that was taken for lost has set the value meanwhile', async () => {
  ssm
    .on(GetParameterCommand)
    .resolvesOnce({ Parameter: { Value: 'ireland', Version: 7, Type: 'String' } })
    .resolvesOnce({ Parameter: { Value: 'frankfurt', Version: 8, Type: 'String' } });
  history(7, 8);
  expect(await ssmParameter.apply(requestOf(parameterDriver))).toEqual({ state: 'done' });
  expect(written()).toEqual([]);
});
