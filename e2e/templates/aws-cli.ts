// AWS's own command line, the pinned one, with everything going to one endpoint.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { clientEnvironment, withoutAws } from '../emulator/ministack.ts';
import type { PythonEnvironment } from '../emulator/python.ts';

const run = promisify(execFile);

/** A command was refused; the message is what it printed. */
export class AwsCliError extends Error {
  override readonly name = 'AwsCliError';
}

export class AwsCli {
  readonly #command: string;
  readonly #endpoint: string;

  constructor({ endpoint, python }: { endpoint: string; python: PythonEnvironment }) {
    this.#command = python.command('aws');
    this.#endpoint = endpoint;
  }

  /** Runs e.g. `route53 list-hosted-zones` and returns what it prints, parsed; undefined when it prints nothing. Throws AwsCliError. */
  async call(region: string, ...args: readonly string[]): Promise<unknown> {
    try {
      const { stdout } = await run(this.#command, [...args, '--region', region, '--output', 'json'], {
        env: { ...withoutAws(process.env), ...clientEnvironment(this.#endpoint, region) },
        maxBuffer: 2 ** 26,
      });
      return stdout.trim() === '' ? undefined : JSON.parse(stdout);
    } catch (cause) {
      const printed = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
      throw new AwsCliError(`aws ${args.join(' ')}: ${printed}`, { cause });
    }
  }

  /** The same for a command whose `--query` gives a list of texts; an absent list is empty. Throws AwsCliError. */
  async texts(region: string, ...args: readonly string[]): Promise<string[]> {
    const answer = await this.call(region, ...args);
    if (answer === undefined || answer === null) return [];
    if (!Array.isArray(answer)) throw new AwsCliError(`aws ${args.join(' ')} gave no list: ${JSON.stringify(answer)}`);
    return answer.map(String);
  }
}
