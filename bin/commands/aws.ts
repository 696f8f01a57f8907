// What the commands that talk to AWS have in common: Region, endpoint, names of tables, and errors that say what to do.
import { defaultTableName, environment } from '../../core/contracts/deployment.ts';
import { InputError } from './command.ts';

/** Every SDK client reads this variable. An emulator on this machine takes any credentials, so none need be set up for it. */
export function useEndpoint(endpoint: string): void {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new InputError(`'${endpoint}' is not an http or https URL; write it as in http://127.0.0.1:4566`);
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname)) return;
  process.env['AWS_ACCESS_KEY_ID'] ??= 'emulator';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'emulator';
}

/** Throws `InputError` when it does not look like a Region's name. */
export function requireRegion(region: string): string {
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new InputError(`'${region}' is not an AWS Region name; write it as in eu-west-1`);
  return region;
}

/** The control Region of a command that has no plan to read it from: the option, or what the AWS command line would use. */
export function controlRegionFrom(option: string | undefined): string {
  const region = option ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (!region) throw new InputError("no Region was given; name the control Region of the service (by default the standby's) with --region");
  return requireRegion(region);
}

/** Name of a table: from the environment, or as it is deployed by default. */
export const tableName = (table: 'services' | 'resources' | 'failovers'): string => process.env[environment[`${table}Table`]] ?? defaultTableName(table);

/** Who gives an order: it stands in the records for ever, so it has to be somebody. */
export function requirePerson(by: string | undefined): string {
  const name = by?.trim() ?? '';
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name)) throw new InputError('say who you are, as in --by ann@example.com (at most 100 characters)');
  return name;
}

/** AWS's own errors, as what the operator can do about them. `rights`: what the role has to allow. Repeating these commands does no harm. */
export function explainAws(error: unknown, region: string, rights: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'ResourceNotFoundException')
    return new InputError(`a table is missing in ${region} (${error.message}); deploy the stacks first, or name the Region of the tables with --region`);
  if (error.name === 'CredentialsProviderError') return new InputError(`no AWS credentials were found (${error.message}); sign in, then repeat`);
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(error.name))
    return new InputError(`AWS refused (${error.message}); sign in with a role that may ${rights}`);
  if (['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN'].includes(code) || error.name === 'TimeoutError')
    return new InputError(`AWS was not reached (${error.message || code}); check the network or --endpoint-url, then repeat: doing it twice does no harm`);
  if ('$metadata' in error)
    return new InputError(`AWS answered with an error (${error.name}: ${error.message}); mend it, then repeat: doing it twice does no harm`);
  return error;
}
