// Driver `appconfig`: a version of a hosted configuration, deployed to one environment.
import { type DriverOf, driverKey } from '../../core/contracts/plan-drivers.ts';
import { AppConfigEnvironment, type Deployment } from '../adapters/app-config.ts';
import { type DriverPort, DriverRefusedError } from './port.ts';

type Settings = DriverOf<'appconfig'>;

/**
 * What an environment has is what its newest complete deployment of the profile says. AppConfig runs one deployment at a time in an environment, and
 * starts one only after the deployment that the caller saw last: that is the compare-and-set. The token is the deployment's number.
 */
export const appConfig: DriverPort<'appconfig'> = {
  name: 'appconfig',
  gradual: false,

  async read({ settings }) {
    const { standing } = await look(settings);
    return { standby: standing?.version === settings.versions.standby ? 100 : 0, detail: `${driverKey(settings)} has version ${standing?.version ?? 'none'}` };
  },

  async apply({ plan, settings, to, known }) {
    const wanted = settings.versions[to];
    const { latest, underWay, standing } = await look(settings);
    if (underWay) {
      const own = underWay.configurationProfileId === settings.configurationProfileId && underWay.version === wanted;
      // Perhaps begun by an attempt whose answer was lost; anything else has to end first.
      return own ? { state: 'under-way', token: String(underWay.number) } : { state: 'under-way' };
    }
    if (standing?.version === wanted) return { state: 'done', token: String(standing.number) };
    // Begun by an attempt whose answer was lost, and over already.
    if (known && latest?.state === 'rolled-back' && latest.version === wanted && latest.startedAt >= Date.parse(known.at))
      throw rolledBack(settings, latest.number);
    const environment = environmentOf(settings);
    const number = await environment.start(
      {
        configurationProfileId: settings.configurationProfileId,
        version: wanted,
        strategyId: settings.deploymentStrategyId,
        description: `Forestall: ${plan.service} to ${to}`,
      },
      latest?.number,
    );
    // Somebody else was faster by a moment: seen, and judged, when this is asked again.
    return number === undefined ? { state: 'under-way' } : { state: 'under-way', token: String(number) };
  },

  async isDone({ settings }, token) {
    const environment = environmentOf(settings);
    const { state, number } = await environment.deployment(Number(token));
    if (state === 'rolled-back') throw rolledBack(settings, number);
    return state === 'complete';
  },
};

const environmentOf = ({ region, applicationId, environmentId }: Settings) => new AppConfigEnvironment({ region, applicationId, environmentId });

const rolledBack = (settings: Settings, number: number) =>
  new DriverRefusedError(
    `AppConfig rolled deployment ${number} of ${driverKey(settings)} back; see its events and the environment's alarms, mend the configuration, and deploy it by hand`,
  );

interface Seen {
  /** the newest of the environment, whatever its profile */
  readonly latest: Deployment | undefined;
  readonly underWay: Deployment | undefined;
  /** the newest complete one of the plan's profile */
  readonly standing: Deployment | undefined;
}

async function look(settings: Settings): Promise<Seen> {
  const key = driverKey(settings);
  const environment = environmentOf(settings);
  const found = await environment.deployments(settings.configurationProfileId);
  if (!found) throw new DriverRefusedError(`there is no environment for ${key}; mend the ids in the plan`);
  const { primary, standby } = settings.versions;
  const own = found.filter(({ configurationProfileId }) => configurationProfileId === settings.configurationProfileId);
  const standing = own.find(({ state }) => state === 'complete');
  const underWay = found.find(({ state }) => state === 'under-way');
  for (const one of [standing, own.find((each) => each === underWay)])
    if (one && one.version !== primary && one.version !== standby)
      throw new DriverRefusedError(
        `${key} has version ${one.version} since deployment ${one.number}, which is neither side's: somebody else deployed it; put it into the plan, or deploy the version of the side that serves`,
      );
  if (!standing && !underWay) throw new DriverRefusedError(`nothing is deployed to ${key} yet; deploy version ${primary} first`);
  return { latest: found[0], underWay, standing };
}
