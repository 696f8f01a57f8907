// AWS AppConfig in one Region: what was deployed to an environment, and another deployment.
import { AppConfigClient, type DeploymentSummary, GetDeploymentCommand, ListDeploymentsCommand, StartDeploymentCommand } from '@aws-sdk/client-appconfig';
import { clientFor } from './clients.ts';

export interface DeploymentTarget {
  readonly region: string;
  readonly applicationId: string;
  readonly environmentId: string;
}

export interface Deployment {
  readonly number: number;
  readonly configurationProfileId: string;
  readonly version: string;
  readonly state: 'under-way' | 'complete' | 'rolled-back';
  /** ms since the epoch */
  readonly startedAt: number;
}

/** Another profile may be deployed often, and this one once a year: so many pages of 50 are looked through for the last one that stands. */
const pages = 40;

export class AppConfigEnvironment {
  readonly #target: DeploymentTarget;

  constructor(target: DeploymentTarget) {
    this.#target = target;
  }

  get #client() {
    return clientFor(AppConfigClient, this.#target.region);
  }

  get #ids() {
    return { ApplicationId: this.#target.applicationId, EnvironmentId: this.#target.environmentId };
  }

  /**
   * The newest deployments of the environment, of all its profiles, newest first, back to the newest complete one of this profile.
   * undefined: there is no such environment.
   */
  async deployments(configurationProfileId: string): Promise<Deployment[] | undefined> {
    const found: Deployment[] = [];
    let token: string | undefined;
    try {
      for (let page = 0; page < pages; page++) {
        const answer = await this.#client.send(new ListDeploymentsCommand({ ...this.#ids, MaxResults: 50, ...(token ? { NextToken: token } : {}) }));
        const listed = (answer.Items ?? []).map(toDeployment);
        found.push(...listed);
        token = answer.NextToken;
        // They are listed from the newest on.
        if (!token || listed.some((one) => one.state === 'complete' && one.configurationProfileId === configurationProfileId)) break;
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
    return found.sort((a, b) => b.number - a.number);
  }

  async deployment(number: number): Promise<Deployment> {
    return toDeployment(await this.#client.send(new GetDeploymentCommand({ ...this.#ids, DeploymentNumber: number })));
  }

  /**
   * Starts a deployment only if `latest` is still the environment's newest one. Returns its number; undefined: another one came first, or is under way.
   */
  async start(
    what: { configurationProfileId: string; version: string; strategyId: string; description: string },
    latest: number | undefined,
  ): Promise<number | undefined> {
    try {
      const { DeploymentNumber } = await this.#client.send(
        new StartDeploymentCommand({
          ...this.#ids,
          ConfigurationProfileId: what.configurationProfileId,
          ConfigurationVersion: what.version,
          DeploymentStrategyId: what.strategyId,
          Description: what.description,
          ...(latest === undefined ? {} : { LatestDeploymentNumber: latest }),
        }),
      );
      return DeploymentNumber;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConflictException') return undefined;
      throw error;
    }
  }
}

const states: Readonly<Record<string, Deployment['state']>> = {
  COMPLETE: 'complete',
  ROLLING_BACK: 'rolled-back',
  ROLLED_BACK: 'rolled-back',
  REVERTED: 'rolled-back',
};

const toDeployment = ({ DeploymentNumber, ConfigurationProfileId, ConfigurationVersion, State, StartedAt }: DeploymentSummary): Deployment => ({
  number: DeploymentNumber ?? 0,
  configurationProfileId: ConfigurationProfileId ?? '',
  version: ConfigurationVersion ?? '',
  state: states[State ?? ''] ?? 'under-way',
  startedAt: StartedAt?.getTime() ?? 0,
});
