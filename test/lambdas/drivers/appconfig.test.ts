import {
  AppConfigClient,
  ConflictException,
  type DeploymentState,
  type DeploymentSummary,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  ResourceNotFoundException,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { appConfig } from '../../../lambdas/drivers/appconfig.ts';
import { DriverRefusedError } from '../../../lambdas/drivers/port.ts';
import { configurationDriver, requestOf } from '../../fixtures/drivers.ts';

const client = mockClient(AppConfigClient);
const deployment = (
  DeploymentNumber: number,
  ConfigurationVersion: string,
  State: DeploymentState,
  more: Partial<DeploymentSummary> = {},
): DeploymentSummary => ({
  ...{ DeploymentNumber, ConfigurationVersion, State, ConfigurationProfileId: 'pro1234', StartedAt: new Date('2026-03-01T12:00:00Z') },
  ...more,
});
const deployed = (...Items: DeploymentSummary[]) =>
  client.on(ListDeploymentsCommand, { ApplicationId: 'app1234', EnvironmentId: 'env1234' }).resolves({ Items });
const started = () => client.commandCalls(StartDeploymentCommand).map(({ args }) => args[0].input);

beforeEach(() => {
  attachToClients(undefined);
  client.reset();
});

describe('a switch', () => {
  it("deploys the receiving side's version, only after the deployment that was seen last", async () => {
    deployed(deployment(5, '9', 'COMPLETE', { ConfigurationProfileId: 'other12' }), deployment(4, '1', 'COMPLETE'));
    client.on(StartDeploymentCommand).resolves({ DeploymentNumber: 6 });
    expect(await appConfig.apply(requestOf(configurationDriver))).toEqual({ state: 'under-way', token: '6' });
    expect(started()).toEqual([
      {
        ...{ ApplicationId: 'app1234', EnvironmentId: 'env1234', ConfigurationProfileId: 'pro1234', ConfigurationVersion: '2' },
        ...{ DeploymentStrategyId: 'AppConfig.AllAtOnce', Description: 'Forestall: shop to standby', LatestDeploymentNumber: 5 },
      },
    ]);
  });

  it('finds what stands behind hundreds of deployments of another profile, and looks no further', async () => {
    const others = (page: number) =>
      Array.from({ length: 50 }, (_, index) => deployment(900 - page * 50 - index, '9', 'COMPLETE', { ConfigurationProfileId: 'other12' }));
    const list = client.on(ListDeploymentsCommand);
    for (let page = 0; page < 6; page++) list.resolvesOnce({ Items: others(page), NextToken: `page-${page + 1}` });
    list.resolvesOnce({ Items: [deployment(4, '2', 'COMPLETE')], NextToken: 'page-7' });
    expect(await appConfig.apply(requestOf(configurationDriver))).toEqual({ state: 'done', token: '4' });
    expect(client.commandCalls(ListDeploymentsCommand).map(({ args }) => args[0].input.NextToken)).toEqual([
      undefined,
      ...['page-1', 'page-2', 'page-3', 'page-4', 'page-5', 'page-6'],
    ]);
  });

  it('looks through a bounded number of pages', async () => {
    client.on(ListDeploymentsCommand).resolves({ Items: [], NextToken: 'more' });
    await expect(appConfig.apply(requestOf(configurationDriver))).rejects.toThrow(/nothing is deployed/);
    expect(client.commandCalls(ListDeploymentsCommand)).toHaveLength(40);
  });

  it('is done when the version stands already', async () => {
    deployed(deployment(6, '2', 'COMPLETE'), deployment(4, '1', 'COMPLETE'));
    expect(await appConfig.apply(requestOf(configurationDriver))).toEqual({ state: 'done', token: '6' });
    expect(started()).toEqual([]);
  });

  it('finds the deployment of an attempt whose answer was lost', async () => {
    deployed(deployment(6, '2', 'DEPLOYING'), deployment(4, '1', 'COMPLETE'));
    expect(await appConfig.apply(requestOf(configurationDriver))).toEqual({ state: 'under-way', token: '6' });
    expect(started()).toEqual([]);
  });

  it.each([
    ["of the other side's version", deployment(6, '1', 'BAKING')],
    ['of another profile', deployment(6, '7', 'DEPLOYING', { ConfigurationProfileId: 'other12' })],
  ])('waits for a deployment %s to end', async (_what, other) => {
    deployed(other, deployment(4, '1', 'COMPLETE'));
    expect(await appConfig.apply(requestOf(configurationDriver))).toEqual({ state: 'under-way' });
    expect(started()).toEqual([]);
  });

  it('waits when somebody else was faster by a moment', async () => {
    deployed(deployment(4, '1', 'COMPLETE'));
    client.on(StartDeploymentCommand).rejects(new ConflictException({ message: 'no', $metadata: {} }));
    expect(await appConfig.apply(requestOf(configurationDriver))).toEqual({ state: 'under-way' });
  });

  it('is not begun again when it was rolled back, but what was rolled back long ago does not count', async () => {
    const rolledBack = deployment(6, '2', 'ROLLED_BACK');
    deployed(rolledBack, deployment(4, '1', 'COMPLETE'));
    const before = { status: 'intended', at: '2026-03-01T11:59:00Z' } as const;
    await expect(appConfig.apply(requestOf(configurationDriver, { known: before }))).rejects.toThrow(/rolled deployment 6 .* back; see its events/);
    client.on(StartDeploymentCommand).resolves({ DeploymentNumber: 7 });
    const later = { status: 'intended', at: '2026-03-02T12:00:00Z' } as const;
    expect(await appConfig.apply(requestOf(configurationDriver, { known: later }))).toEqual({ state: 'under-way', token: '7' });
  });
});

describe('refusals', () => {
  it.each([
    ["somebody else's version stands", () => deployed(deployment(5, '3', 'COMPLETE'), deployment(4, '1', 'COMPLETE')), /version 3 since deployment 5/],
    ["somebody else's version is on its way", () => deployed(deployment(5, '3', 'DEPLOYING'), deployment(4, '1', 'COMPLETE')), /version 3 since deployment 5/],
    ['nothing was deployed', () => deployed(), /deploy version 1 first/],
    [
      'there is no such environment',
      () => client.on(ListDeploymentsCommand).rejects(new ResourceNotFoundException({ message: 'no', $metadata: {} })),
      /mend the ids/,
    ],
  ])('%s', async (_what, given, words) => {
    given();
    const failure = await appConfig.apply(requestOf(configurationDriver)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DriverRefusedError);
    expect((failure as Error).message).toMatch(words);
    expect(started()).toEqual([]);
  });
});

it.each([
  ['COMPLETE', true],
  ['DEPLOYING', false],
  ['BAKING', false],
  ['VALIDATING', false],
] as const)('a deployment that is %s: done is %s', async (State, done) => {
  client.on(GetDeploymentCommand, { DeploymentNumber: 6 }).resolves(deployment(6, '2', State));
  expect(await appConfig.isDone(requestOf(configurationDriver), '6')).toBe(done);
});

it.each(['ROLLED_BACK', 'ROLLING_BACK', 'REVERTED'] as const)('a deployment that is %s says what to do', async (State) => {
  client.on(GetDeploymentCommand).resolves(deployment(6, '2', State));
  await expect(appConfig.isDone(requestOf(configurationDriver), '6')).rejects.toThrow(/mend the configuration, and deploy it by hand/);
});
