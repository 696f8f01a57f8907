// The ASL files: which functions and machines each names, and an order in which nested machines come first.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FunctionName,
  functionPlaceholder,
  functions,
  type StateMachineName,
  stateMachinePlaceholder,
  stateMachines,
} from '../core/contracts/deployment.ts';

export interface Workflow {
  readonly name: StateMachineName;
  readonly file: string;
  readonly comment: string;
  readonly functions: readonly FunctionName[];
  /** Machines that it starts and waits for. */
  readonly nested: readonly StateMachineName[];
}

const isFunction = (name: string): name is FunctionName => Object.hasOwn(functions, name);
const functionsByPlaceholder = new Map(
  Object.keys(functions)
    .filter(isFunction)
    .map((name) => [functionPlaceholder(name), name]),
);
const machinesByPlaceholder = new Map(stateMachines.map((name) => [stateMachinePlaceholder(name), name]));

/** Reads every machine of core/contracts/deployment.ts from `folder`. Throws when a file is missing, names something unknown, or machines nest in a circle. */
export function readWorkflows(folder: string): readonly Workflow[] {
  return childrenFirst(stateMachines.map((name) => readWorkflow(folder, name)));
}

function readWorkflow(folder: string, name: StateMachineName): Workflow {
  const file = join(folder, `${name}.asl.json`);
  if (!existsSync(file)) throw new Error(`there is no ${file}: every state machine of core/contracts/deployment.ts needs one`);
  const text = readFileSync(file, 'utf8');
  const definition: unknown = JSON.parse(text);
  const comment = typeof definition === 'object' && definition !== null && 'Comment' in definition ? String(definition.Comment) : name;
  const placeholders = [...new Set(Array.from(text.matchAll(/\$\{(\w+)\}/g), ([, placeholder = '']) => placeholder))].sort();
  const unknown = placeholders.filter((placeholder) => !functionsByPlaceholder.has(placeholder) && !machinesByPlaceholder.has(placeholder));
  if (unknown.length > 0) throw new Error(`${file}: unknown placeholder ${unknown.join(', ')}; name a function or machine of core/contracts/deployment.ts`);
  return {
    name,
    file,
    comment,
    functions: placeholders.flatMap((placeholder) => functionsByPlaceholder.get(placeholder) ?? []),
    nested: placeholders.flatMap((placeholder) => machinesByPlaceholder.get(placeholder) ?? []),
  };
}

function childrenFirst(workflows: readonly Workflow[]): Workflow[] {
  const ordered: Workflow[] = [];
  const visit = (workflow: Workflow, path: readonly StateMachineName[]) => {
    if (path.includes(workflow.name)) throw new Error(`state machines nest in a circle: ${[...path, workflow.name].join(' -> ')}`);
    if (ordered.includes(workflow)) return;
    for (const child of workflows) if (workflow.nested.includes(child.name)) visit(child, [...path, workflow.name]);
    ordered.push(workflow);
  };
  for (const workflow of workflows) visit(workflow, []);
  return ordered;
}
