// Runs blocks of commands one after the other as one shell would: each knows the variables and functions of those before it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { clientEnvironment, withoutAws } from '../emulator/ministack.ts';
import type { PythonEnvironment } from '../emulator/python.ts';
import { killGroup } from '../emulator/server.ts';

const root = join(import.meta.dirname, '..', '..');
const patienceMs = 300_000;

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/**
 * A reader's shell in the checkout, with nothing of the real user's: its home is in `folder`, everything for AWS goes to `endpoint`.
 * The emulator's context reaches the CDK through the home's .cdk.json, so that the commands are those of the page.
 */
export class GuideShell {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #state: string;
  readonly #log: string;

  constructor({ endpoint, folder, python }: { endpoint: string; folder: string; python: PythonEnvironment }) {
    const home = join(folder, 'home');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, '.cdk.json'), JSON.stringify({ context: { e2e: 'ministack' } }));
    this.#state = join(folder, 'shell-state');
    this.#log = join(folder, 'guide.log');
    // A reader need not have set a Region: the page names it in each command.
    const { AWS_REGION, AWS_DEFAULT_REGION, ...client } = clientEnvironment(endpoint, 'us-east-1');
    this.#environment = {
      ...withoutAws(process.env),
      ...client,
      HOME: home,
      PATH: [dirname(python.command('aws')), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      CDK_DISABLE_VERSION_CHECK: '1',
      npm_config_update_notifier: 'false',
    };
  }

  /** Everything that was run, with its output. */
  get log(): string {
    return this.#log;
  }

  /** Runs a block; a command in it that fails ends it. */
  async run(commands: string): Promise<Outcome> {
    const script = [
      'set -eo pipefail',
      ...(existsSync(this.#state) ? [`. '${this.#state}'`] : []),
      'set -a',
      commands,
      'set +a',
      `{ declare -px; declare -f; } > '${this.#state}'`,
    ].join('\n');
    const child = spawn('bash', ['-c', script], { cwd: root, env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    // The group: what the block started ends with it. Also when this process is interrupted.
    const last = () => killGroup(child, 'SIGKILL');
    process.once('exit', last);
    const late = setTimeout(() => {
      output += `\nnot done after ${patienceMs / 1000} s`;
      last();
    }, patienceMs);
    const [code] = await once(child, 'close');
    clearTimeout(late);
    process.off('exit', last);
    appendFileSync(this.#log, `\n$ ${commands.split('\n').join('\n> ')}\n${output}\n(${code === 0 ? 'done' : `ended with ${code ?? 'a signal'}`})\n`);
    return { ok: code === 0, output: output.trim() };
  }
}
