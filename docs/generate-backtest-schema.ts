// Generates the schemas of what backtest writes, lines and report, from their own definitions: node docs/generate-backtest-schema.ts
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BacktestReport } from '../bin/backtest/report-file.ts';
import { BacktestLine } from '../bin/commands/backtest-line.ts';
import { printJson } from './generate-plan-reference.ts';

/** File in docs/schemas -> its text as it is committed. */
export const backtestSchemas: Readonly<Record<string, () => string>> = {
  'docs/schemas/backtest-line.schema.json': () => `${printJson({ ...z.toJSONSchema(BacktestLine), title: 'One line of backtest --json' })}\n`,
  'docs/schemas/backtest-report.schema.json': () => `${printJson({ ...z.toJSONSchema(BacktestReport), title: 'What backtest --report writes' })}\n`,
};

if (import.meta.main) for (const [file, text] of Object.entries(backtestSchemas)) writeFileSync(new URL(`../${file}`, import.meta.url), text());
