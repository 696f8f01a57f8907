// From the text of a plan to the plan, or to everything that is wrong with it: where, what, and what to do.
import { z } from 'zod';
import { Plan } from './plan.ts';
import { problemsOfIssue } from './plan-remedies.ts';
import { parseYaml } from './plan-yaml.ts';

/** One mistake. `path` is dotted (`sides.standby.zone`, empty for the file as a whole); `line` and `column` count from 1. */
export const PlanProblem = z.strictObject({
  path: z.string(),
  line: z.int().min(1),
  column: z.int().min(1),
  problem: z.string().min(1),
  remedy: z.string().min(1),
});
export type PlanProblem = z.infer<typeof PlanProblem>;

/** What `plan:check --json` prints. */
export const PlanCheck = z.strictObject({
  files: z.array(z.strictObject({ file: z.string(), valid: z.boolean(), errors: z.array(PlanProblem) })),
});
export type PlanCheck = z.infer<typeof PlanCheck>;

export type ReadPlan =
  | { readonly ok: true; readonly plan: Plan; readonly locate: (path: readonly PropertyKey[]) => { line: number; column: number } }
  | { readonly ok: false; readonly problems: PlanProblem[] };

/** Reads one plan. Never throws on any text; the problems are in the order of the file, at most one for each place. */
export function readPlan(text: string): ReadPlan {
  const source = parseYaml(text);
  if (!source.ok) return { ok: false, problems: source.problems };
  const parsed = Plan.safeParse(source.value);
  if (parsed.success) return { ok: true, plan: parsed.data, locate: source.locate };
  const places = new Map<string, PlanProblem>();
  for (const { path, problem, remedy } of parsed.error.issues.flatMap((issue) => problemsOfIssue(issue, source.value))) {
    const dotted = path.map(String).join('.');
    if (!places.has(dotted)) places.set(dotted, { path: dotted, ...source.locate(path), problem, remedy });
  }
  return { ok: false, problems: inOrder([...places.values()]) };
}

const inOrder = (problems: PlanProblem[]) => problems.sort((a, b) => a.line - b.line || a.column - b.column);
