// Asks another evaluator, MiniStack's, the same questions: every policy about every request of the run, whoever made it.
// Only the evaluation is compared. What IAM is asked about a call is ours: MiniStack's own answer to that names one resource a call and few condition keys.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { withoutAws } from '../emulator/ministack.ts';
import type { PythonEnvironment } from '../emulator/python.ts';
import { evaluate, type IamRequest, type Statement } from './evaluate.ts';
import { nameOf, type Policies } from './policies.ts';

const script = new URL('evaluate.py', import.meta.url).pathname;

/** One check: both evaluators decide alike, on allowed and on refused requests. Rejects when the other one cannot be run. */
export async function crossCheck(python: PythonEnvironment, { account, principals, keys }: Policies, requests: readonly IamRequest[]): Promise<Check> {
  const documents = [
    ...principals.map((principal) => ({ name: nameOf(principal), statements: principal.statements })),
    ...keys.map((key) => ({ name: key.arn, ...key })),
  ];
  const theirs = await decide(python, { account, documents: documents.map(({ statements }) => ({ Statement: statements.map(asDocument) })), requests });
  let allowed = 0;
  const differences: string[] = [];
  for (const [index, { name, statements }] of documents.entries())
    for (const [position, request] of requests.entries()) {
      const ours = evaluate(statements, request).allowed;
      if (ours) allowed++;
      if (ours !== (theirs[index]?.[position] === 'A'))
        differences.push(
          `${name}: ${request.action} on ${request.resource} is ${ours ? 'allowed' : 'refused'} here, not there: ${JSON.stringify(request.context)}`,
        );
    }
  const asked = documents.length * requests.length;
  return {
    name: `two policy evaluators decide alike in ${asked} cases, ${allowed} of them allowed`,
    ok: differences.length === 0 && allowed > 0,
    detail: differences.slice(0, 20).join('\n'),
  };
}

const asDocument = ({ effect, actions, notActions, resources, notResources, conditions }: Statement) => ({
  Effect: effect,
  ...(actions && { Action: actions }),
  ...(notActions && { NotAction: notActions }),
  ...(resources && { Resource: resources }),
  ...(notResources && { NotResource: notResources }),
  Condition: conditions,
});

async function decide(python: PythonEnvironment, input: object): Promise<string[]> {
  const child = spawn(python.command('python'), [script], { env: withoutAws(process.env), stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(input));
  const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`MiniStack's policy evaluator ended with ${code}: ${errors.trim()}`);
  return z.array(z.string()).parse(JSON.parse(output));
}
