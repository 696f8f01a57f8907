// Driver `ssm-parameter`: a parameter by which the application knows which side serves.
import { type DriverOf, driverKey } from '../../core/contracts/plan-drivers.ts';
import { Parameters, type ParameterValue } from '../adapters/parameters.ts';
import { type DriverPort, DriverRefusedError } from './port.ts';

type Settings = DriverOf<'ssm-parameter'>;

/**
 * Parameter Store has no compare-and-set, but counts versions: only the version that was read, with one of the plan's two values, is replaced, and
 * what was written between it and the version that this made has to be this, repeated after a lost answer. The token is that version.
 */
export const ssmParameter: DriverPort<'ssm-parameter'> = {
  name: 'ssm-parameter',
  gradual: false,

  async read({ settings }) {
    const { value, version } = await current(settings);
    return { standby: value === settings.values.standby ? 100 : 0, detail: `${driverKey(settings)} is '${value}' (version ${version})` };
  },

  async apply({ settings, to }) {
    const parameters = new Parameters(settings.region);
    const { value, version } = await current(settings);
    const wanted = settings.values[to];
    if (value === wanted) return { state: 'done', token: String(version) };
    const made = await parameters.replace(settings.name, version, wanted);
    // Perhaps by its own earlier attempt, which was taken for lost.
    if (made === undefined && (await current(settings)).value === wanted) return { state: 'done' };
    if (made === undefined)
      throw new DriverRefusedError(`${driverKey(settings)} changed while Forestall was setting it; see who writes it, and set it to '${wanted}' by hand`);
    if (made.overwritten.length > 0)
      throw new DriverRefusedError(
        `${driverKey(settings)} was '${made.overwritten.join("', '")}' for a moment, written by somebody else at the same time; see that '${wanted}' is right`,
      );
    return { state: 'done', token: String(made.version) };
  },

  isDone: async () => true,
};

async function current(settings: Settings): Promise<ParameterValue> {
  const { name, region, values } = settings;
  const parameters = new Parameters(region);
  const found = await parameters.read(name);
  const what = `the parameter ${name} in ${region}`;
  if (!found) throw new DriverRefusedError(`there is no ${what.slice(4)}; create it with the value '${values.primary}'`);
  if (found.type !== 'String')
    throw new DriverRefusedError(`${what} is a ${found.type}; Forestall sets parameters of type String, since the plan that holds the values is no secret`);
  if (found.value !== values.primary && found.value !== values.standby)
    throw new DriverRefusedError(
      `${what} has a value that is neither side's: somebody else changed it; set it to the value of the side that serves, or mend the plan`,
    );
  return found;
}
