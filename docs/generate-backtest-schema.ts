// Generates docs/schemas/backtest-line.schema.json from the lines' own schema: node docs/generate-backtest-schema.ts
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BacktestLine } from '../bin/commands/backtest-line.ts';
import { printJson } from './generate-plan-reference.ts';

export const backtestSchemaFile = 'docs/schemas/backtest-line.schema.json';

/** The schema of one line of `backtest --json`, as it is committed. */
export const backtestSchema = (): string => `${printJson({ ...z.toJSONSchema(BacktestLine), title: 'One line of backtest --json' })}\n`;

if (import.meta.main) writeFileSync(new URL(`../${backtestSchemaFile}`, import.meta.url), backtestSchema());
