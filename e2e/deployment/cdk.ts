// The CDK's own command line, as a user runs it, with everything going to one endpoint.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createWriteStream } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { clientEnvironment, emulatedAccount, withoutAws } from '../emulator/ministack.ts';
import { killGroup, lastLines } from '../emulator/server.ts';

const root = join(import.meta.dirname, '..', '..');

/** A command of the CDK failed: its last lines are in the message. */
export class CdkError extends Error {
  override readonly name = 'CdkError';
}

export interface CdkOptions {
  readonly endpoint: string;
  /** Where the control plane runs. */
  readonly region: string;
  /** Plans, as in `-c plans=`. */
  readonly plans: string;
  /** Where the templates are written. */
  readonly output: string;
  /** Everything that the command prints is added to it. */
  readonly log: string;
}

/** Stacks for the emulator: those of AWS without what it cannot hold (lib/emulator.ts). */
export class Cdk {
  readonly #options: CdkOptions;

  constructor(options: CdkOptions) {
    this.#options = options;
  }

  /** Throws CdkError. */
  async bootstrap(regions: readonly string[]): Promise<void> {
    await this.#succeed(['bootstrap', ...regions.map((region) => `aws://${emulatedAccount}/${region}`), ...this.#fromSources()]);
  }

  /** All stacks. `context`: more of it, e.g. `alarmEmail=...`. Throws CdkError. */
  async deploy(context: readonly string[] = []): Promise<void> {
    await this.#succeed(['deploy', '--all', '--require-approval', 'never', '--progress', 'events', ...this.#fromSources(context)]);
  }

  /** Whether nothing differs between what is deployed and the sources. */
  async isUnchanged(context: readonly string[] = []): Promise<boolean> {
    return (await this.run(['diff', '--fail', ...this.#fromSources(context)])) === 0;
  }

  /** Throws CdkError. */
  async destroy(): Promise<void> {
    await this.#succeed(['destroy', '--all', '--force', ...this.#fromSources()]);
  }

  /** Runs a command to its end; its exit code. */
  async run(args: readonly string[]): Promise<number> {
    const { endpoint, region, log } = this.#options;
    appendFileSync(log, `\n$ cdk ${args.join(' ')}\n`);
    const output = createWriteStream(log, { flags: 'a' });
    await once(output, 'open');
    const child = spawn(join(root, 'node_modules', '.bin', 'cdk'), args, {
      cwd: root,
      stdio: ['ignore', output, output],
      // Its own process group: what it starts ends with it.
      detached: true,
      env: {
        ...withoutAws(process.env),
        ...clientEnvironment(endpoint, region),
        PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
        CDK_DISABLE_VERSION_CHECK: '1',
        npm_config_update_notifier: 'false',
      },
    });
    // Also when this process is interrupted: it would go on against an endpoint that is gone.
    const last = () => killGroup(child, 'SIGKILL');
    process.once('exit', last);
    const [code] = await once(child, 'exit');
    process.off('exit', last);
    output.end();
    return typeof code === 'number' ? code : 1;
  }

  async #succeed(args: readonly string[]): Promise<void> {
    if ((await this.run(args)) !== 0) throw new CdkError(`cdk ${args[0]} failed\n${lastLines(this.#options.log)}`);
  }

  #fromSources(context: readonly string[] = []): string[] {
    const { plans, output } = this.#options;
    return ['--output', output, ...[`plans=${plans}`, 'e2e=ministack', ...context].flatMap((one) => ['--context', one])];
  }
}
