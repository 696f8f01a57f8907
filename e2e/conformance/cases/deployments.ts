// AppConfig: deployments of configuration versions to an environment, one at a time.
import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  StartDeploymentCommand,
  type StartDeploymentCommandInput,
} from '@aws-sdk/client-appconfig';
import { type Case, home, type Stage, suite } from '../case.ts';

interface Kit {
  readonly ApplicationId: string;
  readonly EnvironmentId: string;
  readonly ConfigurationProfileId: string;
}

const client = (stage: Stage) => stage.client(AppConfigClient, home);

/** Applications cannot be made in the simulated cloud: one stands there. */
async function setUp(stage: Stage): Promise<Kit> {
  const { configuration } = stage.premises;
  if (configuration) return configuration;
  const { Id: ApplicationId } = await client(stage).send(new CreateApplicationCommand({ Name: 'shop' }));
  const { Id: EnvironmentId } = await client(stage).send(new CreateEnvironmentCommand({ ApplicationId, Name: 'production' }));
  const { Id: ConfigurationProfileId } = await client(stage).send(
    new CreateConfigurationProfileCommand({ ApplicationId, Name: 'side', LocationUri: 'hosted' }),
  );
  for (const side of ['primary', 'standby'])
    await client(stage).send(
      new CreateHostedConfigurationVersionCommand({
        ...{ ApplicationId, ConfigurationProfileId, ContentType: 'application/json' },
        Content: new TextEncoder().encode(JSON.stringify({ side })),
      }),
    );
  return { ApplicationId: ApplicationId ?? '', EnvironmentId: EnvironmentId ?? '', ConfigurationProfileId: ConfigurationProfileId ?? '' };
}

type Rest = Partial<Pick<Case<Kit>, 'on' | 'same'>>;
const ids = ({ ApplicationId, EnvironmentId }: Kit) => ({ ApplicationId, EnvironmentId });
const start = (name: string, input: Partial<StartDeploymentCommandInput>, rest: Rest & { readonly after?: number } = {}): Case<Kit> => ({
  operation: 'appconfig:StartDeployment',
  name,
  async call(stage, kit) {
    await stage.pass(rest.after ?? 0);
    return client(stage).send(new StartDeploymentCommand({ ...kit, DeploymentStrategyId: 'AppConfig.AllAtOnce', ConfigurationVersion: '1', ...input }));
  },
  ...rest,
});
const list = (name: string, input: Partial<Kit>, rest: Rest = {}): Case<Kit> => ({
  operation: 'appconfig:ListDeployments',
  name,
  call: (stage, kit) => client(stage).send(new ListDeploymentsCommand({ ...ids(kit), ...input })),
  ...rest,
});
const get = (name: string, DeploymentNumber: number, rest: Rest = {}): Case<Kit> => ({
  operation: 'appconfig:GetDeployment',
  name,
  call: (stage, kit) => client(stage).send(new GetDeploymentCommand({ ...ids(kit), DeploymentNumber })),
  ...rest,
});

export const deployments = suite<Kit>(setUp, [
  list('of an absent environment', { EnvironmentId: 'abs1234' }),
  get('absent', 99),
  start('with an absent strategy', { DeploymentStrategyId: 'abs1234' }),
  start('the first', {}, { same: ['DeploymentNumber', 'ConfigurationVersion'] }),
  get('under way', 1, { same: ['DeploymentNumber', 'ConfigurationVersion'] }),
  list('of one', {}, { same: ['Items[].DeploymentNumber', 'Items[].ConfigurationVersion'] }),
  start('while another is under way', { ConfigurationVersion: '2' }),
  start('after one that is not the last', { ConfigurationVersion: '2', LatestDeploymentNumber: 7 }),
]);
