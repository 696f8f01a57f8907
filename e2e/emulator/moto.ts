// moto's server, an emulator of AWS's interfaces: asked where MiniStack has no answer of its own, or another than AWS.
import { join } from 'node:path';
import { withoutAws } from './ministack.ts';
import type { PythonEnvironment } from './python.ts';
import { freePort, type RunningServer, startServer } from './server.ts';

export interface MotoOptions {
  readonly python: PythonEnvironment;
  /** Its log goes here. */
  readonly folder: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface Moto extends RunningServer {
  readonly endpoint: string;
}

/** Starts it on loopback, with nothing in it but the default networks. Throws ServerError. */
export async function startMoto({ python, folder, port: wanted }: MotoOptions): Promise<Moto> {
  const port = wanted ?? (await freePort());
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'moto',
    command: python.command('moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    cwd: folder,
    log: join(folder, 'moto.log'),
    readyUrl: `${endpoint}/moto-api/data.json`,
    env: { ...withoutAws(process.env), TMPDIR: folder, PYTHONUNBUFFERED: '1' },
  });
  return { ...server, endpoint };
}
