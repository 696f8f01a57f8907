// A Python virtual environment with the pinned packages, made once and kept until the pins change.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const requirements = join(root, 'e2e', 'requirements.txt');
/** Any of these may be the newest one; the first that is new enough is taken. */
const commands = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

/** Python, or a package that it needs, cannot be had on this machine. */
export class MissingPythonError extends Error {
  override readonly name = 'MissingPythonError';
}

/** By the variable that all its services set, one way or another: there a test that cannot be run has failed. */
export const inContinuousIntegration = ({ CI = '' }: NodeJS.ProcessEnv): boolean => !['', '0', 'false'].includes(CI.toLowerCase());

export interface PythonEnvironment {
  /** Path of a command in the environment, e.g. `ministack` or `cfn-lint`. */
  command(name: string): string;
}

/** Where environments are kept, and which commands may be Python. */
export interface PythonPlaces {
  readonly cache: string;
  readonly candidates: readonly string[];
}

/**
 * The environment, made when it is not there yet (about a minute, and the only part that needs the network).
 * Throws MissingPythonError with what to do.
 */
export async function pythonEnvironment(
  report: (line: string) => void = () => {},
  { cache, candidates }: PythonPlaces = { cache: join(root, 'node_modules', '.cache', 'forestall'), candidates: commands },
): Promise<PythonEnvironment> {
  const pins = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cache, `python-${pins}`);
  const marker = join(folder, 'complete');
  if (!existsSync(marker)) {
    const python = await newEnoughPython(candidates);
    report(`installing the pinned Python packages with ${python} (once)`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, '..'), { recursive: true });
    await attempt(run(python, ['-m', 'venv', folder]), `${python} cannot make a virtual environment: install its venv module (Debian: python3-venv)`);
    const pip = join(folder, 'bin', 'python');
    await attempt(
      run(pip, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', requirements], { maxBuffer: 2 ** 26 }),
      'pip cannot install e2e/requirements.txt: this needs the Python package index, or a mirror of it in the configuration of pip',
    );
    // The last thing: an interrupted installation is begun anew.
    await mkdir(`${marker}.new`);
    await rename(`${marker}.new`, marker);
  }
  return { command: (name) => join(folder, 'bin', name) };
}

async function newEnoughPython(candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    const check = 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
    const found = await run(candidate, ['-c', check]).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  throw new MissingPythonError('the emulator needs Python 3.10 or newer and found none on the PATH: install it, or go without this test');
}

async function attempt(work: Promise<unknown>, remedy: string): Promise<void> {
  try {
    await work;
  } catch (cause) {
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n').slice(-5).join('\n') : String(cause);
    throw new MissingPythonError(`${remedy}\n${output}`, { cause });
  }
}
