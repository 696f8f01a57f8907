// Reads plans from files for the commands: one check for a set of files, one loader for the commands that need a plan.
import { readFileSync } from 'node:fs';
import type { Plan } from '../../core/contracts/plan.ts';
import { type PlanProblem, type ReadPlan, readPlan } from '../../core/contracts/plan-source.ts';
import { callerPath, InputError } from './command.ts';

export interface CheckedFile {
  readonly file: string;
  readonly plan: Plan | undefined;
  readonly errors: PlanProblem[];
}

/** Checks each file, and that no two files protect the same service or shift the same record. `file` is as given. */
export function checkPlanFiles(files: readonly string[]): CheckedFile[] {
  const services = new Map<string, string>();
  const records = new Map<string, string>();
  return [...new Map(files.map((file) => [callerPath(file), file])).values()].map((file) => {
    const read = readPlanFile(file);
    if (!read.ok) return { file, plan: undefined, errors: read.problems };
    const { plan, locate } = read;
    const errors: PlanProblem[] = [];
    const claim = (taken: Map<string, string>, key: string, path: string[], problem: string, remedy: string) => {
      const other = taken.get(key);
      if (other === undefined) taken.set(key, file);
      else errors.push({ path: path.join('.'), ...locate(path), problem: `${problem} ${other}`, remedy });
    };
    claim(services, plan.service, ['service'], `the service \`${plan.service}\` is already protected by`, 'give each service one plan and a name of its own');
    const record = `${plan.record.hostedZoneId}/${plan.record.name}`;
    claim(records, record, ['record', 'name'], `the record ${plan.record.name} is already shifted by`, 'let one plan shift a record');
    return { file, plan, errors };
  });
}

/** The plan in a file. Throws `InputError` with every problem, as `FILE:LINE:COLUMN`. */
export function loadPlan(file: string): Plan {
  const read = readPlanFile(file);
  if (read.ok) return read.plan;
  throw new InputError(['the plan is not valid', ...read.problems.map((problem) => formatProblem(file, problem))].join('\n'));
}

/** `FILE:LINE:COLUMN: PATH: PROBLEM; REMEDY`, on one line. */
export function formatProblem(file: string, { path, line, column, problem, remedy }: PlanProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${problem}; ${remedy}`;
}

/** Reads one plan from a file. Never throws on what the file holds. */
export function readPlanFile(file: string): ReadPlan {
  const refuse = (problem: string, remedy: string): ReadPlan => ({ ok: false, problems: [{ path: '', line: 1, column: 1, problem, remedy }] });
  let bytes: Buffer;
  try {
    bytes = readFileSync(callerPath(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT') return refuse('there is no such file', `name a file that exists; looked for ${callerPath(file)}`);
    if (code === 'EISDIR') return refuse('this is a directory', 'name the files in it, as in plans/*.yaml');
    return refuse(`the file cannot be read (${code || String(error)})`, 'make it readable for this user');
  }
  if (bytes.includes(0)) return refuse('this is a binary file', 'name a plan written in YAML');
  try {
    return readPlan(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return refuse('the file is not UTF-8 text', 'save it as UTF-8');
    throw error;
  }
}
