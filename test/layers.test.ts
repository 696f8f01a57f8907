// The rule that keeps the layers apart is tried with imports that it has to refuse, and with some that it has to allow.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Case {
  readonly file: string;
  readonly imports: string;
}
const probe = 'layers-probe';
const refused: Case[] = [
  { file: `core/failover/${probe}/a.ts`, imports: '@aws-sdk/client-ec2' },
  { file: `core/failover/${probe}/b.ts`, imports: '../../../rehearsal/results.ts' },
  { file: `core/${probe}/c.ts`, imports: '../../lambdas/adapters/clients.ts' },
  { file: `core/${probe}/d.ts`, imports: 'node:fs' },
  { file: `core/${probe}/e.ts`, imports: 'aws-cdk-lib' },
  { file: `core/${probe}/f.ts`, imports: '../../lib/config.ts' },
  { file: `core/${probe}/g.ts`, imports: '@middy/core' },
  { file: `lambdas/${probe}/handler.ts`, imports: '@aws-sdk/client-ec2' },
  { file: `lambdas/${probe}/a.ts`, imports: '../../rehearsal/results.ts' },
  { file: `lambdas/${probe}/b.ts`, imports: '../../lib/config.ts' },
  { file: `lambdas/adapters/${probe}/c.ts`, imports: '../../../rehearsal/results.ts' },
  { file: `lib/${probe}/a.ts`, imports: '../../core/failover/phases.ts' },
  { file: `lib/${probe}/b.ts`, imports: '../../core/prediction/port.ts' },
  { file: `lib/stacks/${probe}/c.ts`, imports: '../../../lambdas/adapters/clients.ts' },
  { file: `lib/${probe}/d.ts`, imports: '../../rehearsal/results.ts' },
  { file: `rehearsal/${probe}/a.ts`, imports: '../../lib/config.ts' },
  { file: `rehearsal/${probe}/b.ts`, imports: 'aws-cdk-lib' },
  { file: `core/${probe}/h.ts`, imports: '../../e2e/check.ts' },
  { file: `lambdas/${probe}/d.ts`, imports: '../../e2e/check.ts' },
  { file: `lib/${probe}/e.ts`, imports: '../../e2e/check.ts' },
  { file: `rehearsal/${probe}/c.ts`, imports: '../../e2e/check.ts' },
  { file: `lambdas/resources/${probe}.ts`, imports: './ec2-instance.ts' },
  { file: `core/${probe}/i.ts`, imports: '../../training/train.ts' },
  { file: `lambdas/${probe}/e.ts`, imports: '../../training/train.ts' },
  { file: `rehearsal/${probe}/d.ts`, imports: '../../training/train.ts' },
  { file: `training/${probe}/a.ts`, imports: '../../lambdas/adapters/clients.ts' },
];
const allowed: Case[] = [
  { file: `core/${probe}/x.ts`, imports: '../contracts/plan.ts' },
  { file: `lib/${probe}/x.ts`, imports: '../../core/contracts/plan.ts' },
  { file: `lambdas/adapters/${probe}/x.ts`, imports: '@aws-sdk/client-ec2' },
  { file: `lambdas/${probe}/x.ts`, imports: '../../core/failover/phases.ts' },
  { file: `e2e/${probe}/x.ts`, imports: '../../rehearsal/results.ts' },
  { file: `rehearsal/${probe}/x.ts`, imports: '../../lambdas/adapters/clients.ts' },
];

const all = [...refused, ...allowed];
const complaints = new Map<string, string[]>();
const folders = new Set(all.map(({ file }) => join(root, file, '..')).filter((folder) => folder.endsWith(probe)));
const remove = () => {
  for (const { file } of all) rmSync(join(root, file), { force: true });
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
};

// Files and not standard input, for which the linter reports nothing. They are removed afterwards, and before in case a run was killed.
beforeAll(() => {
  remove();
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (const { file, imports } of all) writeFileSync(join(root, file), `import '${imports}';\n`);
  const report = lint(all.map(({ file }) => file));
  for (const { category, location } of report.diagnostics) complaints.set(location.path, [...(complaints.get(location.path) ?? []), category]);
});
afterAll(remove);

interface Report {
  diagnostics: { category: string; location: { path: string } }[];
}

function lint(files: string[]): Report {
  const command = [join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'lint', '--reporter=json', '--max-diagnostics=none', ...files];
  const parse = (text: string): Report => JSON.parse(text);
  try {
    return parse(execFileSync(process.execPath, command, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    // Exit code 1: there are findings, and the report is on stdout.
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return parse(error.stdout);
    throw error;
  }
}

const rule = 'lint/style/noRestrictedImports';

describe('refused', () => {
  test.each(refused)('$imports in $file', ({ file }) => expect(complaints.get(file)).toContain(rule));
});

describe('allowed', () => {
  test.each(allowed)('$imports in $file', ({ file }) => expect(complaints.get(file) ?? []).not.toContain(rule));
});
