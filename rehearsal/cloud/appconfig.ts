// AppConfig of every Region: deployments of configuration versions to environments, each taking its time.
import * as sdk from '@aws-sdk/client-appconfig';
import { faultsOf } from './fault.ts';
import { type CallContext, mutates, page, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'AppConfigServiceException');
const minute = 60_000;

/** Predefined strategies: how long they deploy and bake, minutes. */
const strategies: Readonly<Record<string, { readonly deploys: number; readonly bakes: number }>> = {
  'AppConfig.AllAtOnce': { deploys: 0, bakes: 10 },
  'AppConfig.Linear50PercentEvery30Seconds': { deploys: 1, bakes: 1 },
  'AppConfig.Linear20PercentEvery6Minutes': { deploys: 30, bakes: 30 },
  'AppConfig.Canary10Percent20Minutes': { deploys: 20, bakes: 10 },
};

interface Deployment {
  readonly DeploymentNumber: number;
  readonly ConfigurationProfileId: string;
  readonly ConfigurationVersion: string;
  readonly startedAt: number;
  readonly deployedAt: number;
  readonly completeAt: number;
}

/** Environments are known once something was put there. */
export class AppConfig {
  readonly #environments = new Map<string, Deployment[]>();

  readonly service: Service = {
    name: 'appconfig',
    operations: {
      ListDeployments: reads((input: sdk.ListDeploymentsCommandInput, context) => this.#list(input, context)),
      GetDeployment: reads((input: sdk.GetDeploymentCommandInput, context) => this.#get(input, context)),
      StartDeployment: mutates((input: sdk.StartDeploymentCommandInput, context) => this.#start(input, context)),
    },
  };

  addEnvironment({ region, applicationId, environmentId }: { region: string; applicationId: string; environmentId: string }): void {
    this.#environments.set(keyOf(region, applicationId, environmentId), []);
  }

  /** Deploys a version long ago, as the configuration's owner did. */
  add(target: { region: string; applicationId: string; environmentId: string; configurationProfileId: string; version: string }, at: number): void {
    const key = keyOf(target.region, target.applicationId, target.environmentId);
    const deployments = this.#environments.get(key) ?? [];
    this.#environments.set(key, [
      ...deployments,
      {
        ...{ DeploymentNumber: deployments.length + 1, ConfigurationProfileId: target.configurationProfileId, ConfigurationVersion: target.version },
        ...{ startedAt: at, deployedAt: at, completeAt: at },
      },
    ]);
  }

  /** The version that the profile's readers get once all deployments are through. */
  version(target: { region: string; applicationId: string; environmentId: string; configurationProfileId: string }): string | undefined {
    return this.#environments
      .get(keyOf(target.region, target.applicationId, target.environmentId))
      ?.findLast(({ ConfigurationProfileId }) => ConfigurationProfileId === target.configurationProfileId)?.ConfigurationVersion;
  }

  #deployments(application: string | undefined, environment: string | undefined, region: string): Deployment[] {
    const deployments = this.#environments.get(keyOf(region, application ?? '', environment ?? ''));
    if (!deployments) throw fault('ResourceNotFoundException', `Could not find environment ${environment}`, { status: 404 });
    return deployments;
  }

  #list({ ApplicationId, EnvironmentId, MaxResults = 50, NextToken }: sdk.ListDeploymentsCommandInput, { at, region }: CallContext): object {
    const newestFirst = this.#deployments(ApplicationId, EnvironmentId, region).toReversed();
    const { items, next } = page(newestFirst, MaxResults, NextToken, () => fault('BadRequestException', 'Invalid token'));
    return { Items: items.map((deployment) => viewOf(deployment, at)), ...(next ? { NextToken: next } : {}) };
  }

  #get({ ApplicationId, EnvironmentId, DeploymentNumber }: sdk.GetDeploymentCommandInput, { at, region }: CallContext): object {
    const found = this.#deployments(ApplicationId, EnvironmentId, region).find((deployment) => deployment.DeploymentNumber === DeploymentNumber);
    if (!found) throw fault('ResourceNotFoundException', `Could not find deployment ${DeploymentNumber}`, { status: 404 });
    return { ApplicationId, EnvironmentId, ...viewOf(found, at) };
  }

  #start(input: sdk.StartDeploymentCommandInput, { at, region }: CallContext): object {
    const { ApplicationId, EnvironmentId, ConfigurationProfileId = '', ConfigurationVersion = '', DeploymentStrategyId = '', LatestDeploymentNumber } = input;
    const deployments = this.#deployments(ApplicationId, EnvironmentId, region);
    const last = deployments.at(-1);
    const strategy = strategies[DeploymentStrategyId];
    if (!strategy) throw fault('ResourceNotFoundException', `Could not find deployment strategy ${DeploymentStrategyId}`, { status: 404 });
    if (last && at < last.completeAt) throw fault('ConflictException', 'A deployment is already in progress in this environment', { status: 409 });
    if (LatestDeploymentNumber !== undefined && LatestDeploymentNumber !== last?.DeploymentNumber)
      throw fault('ConflictException', `The latest deployment is ${last?.DeploymentNumber}`, { status: 409 });
    const deployedAt = at + strategy.deploys * minute;
    const made = {
      ...{ DeploymentNumber: (last?.DeploymentNumber ?? 0) + 1, ConfigurationProfileId, ConfigurationVersion },
      ...{ startedAt: at, deployedAt, completeAt: deployedAt + strategy.bakes * minute },
    };
    deployments.push(made);
    return { ApplicationId, EnvironmentId, ...viewOf(made, at) };
  }
}

const keyOf = (...parts: readonly string[]) => parts.join('/');

function viewOf({ startedAt, deployedAt, completeAt, ...rest }: Deployment, at: number): object {
  const State = at < deployedAt ? 'DEPLOYING' : at < completeAt ? 'BAKING' : 'COMPLETE';
  return { ...rest, State, StartedAt: new Date(startedAt), ...(State === 'COMPLETE' ? { CompletedAt: new Date(completeAt) } : {}) };
}
