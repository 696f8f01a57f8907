// MiniStack, an AWS emulator: both Regions in one process, on loopback, its data in a folder of the run's.
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { PythonEnvironment } from './python.ts';
import { freePort, type RunningServer, startServer } from './server.ts';

export interface MiniStackOptions {
  readonly python: PythonEnvironment;
  /** Its data and its log go here. */
  readonly folder: string;
  /** Where its functions send their calls; default: to itself. */
  readonly functionsCall?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface MiniStack extends RunningServer {
  readonly endpoint: string;
}

/** The account that its credentials belong to. */
export const emulatedAccount = '000000000000';

/** Starts it with state machines waiting in real time. Throws ServerError. */
export async function startMiniStack({ python, folder, functionsCall, port: wanted }: MiniStackOptions): Promise<MiniStack> {
  const port = wanted ?? (await freePort());
  const endpoint = `http://127.0.0.1:${port}`;
  const [objects, state] = [join(folder, 's3'), join(folder, 'state')];
  await mkdir(objects, { recursive: true });
  await mkdir(state, { recursive: true });
  const server = await startServer({
    name: 'MiniStack',
    command: python.command('python'),
    args: [join(import.meta.dirname, 'launch.py')],
    cwd: folder,
    log: join(folder, 'ministack.log'),
    readyUrl: `${endpoint}/_ministack/health`,
    env: {
      ...withoutAws(process.env),
      // Its functions run with the Node.js that is first on the path: the pinned one.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      S3_DATA_DIR: objects,
      STATE_DIR: state,
      TMPDIR: state,
      SFN_WAIT_SCALE: '1',
      PYTHONUNBUFFERED: '1',
      ...(functionsCall === undefined ? {} : { AWS_ENDPOINT_URL: functionsCall }),
    },
  });
  return { ...server, endpoint };
}

/** Environment for AWS clients, the CDK's command line and ours: everything goes to the endpoint, nothing to AWS. */
export function clientEnvironment(endpoint: string, region: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    CI: '1',
  };
}

/** A user's own profiles and endpoints must not take part. */
export function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
