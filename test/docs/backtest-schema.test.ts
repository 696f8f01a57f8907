// The schema of backtest --json is committed and in step with the lines' own.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { backtestSchema, backtestSchemaFile } from '../../docs/generate-backtest-schema.ts';

it('is in step; otherwise run `node docs/generate-backtest-schema.ts`', () => {
  expect(readFileSync(backtestSchemaFile, 'utf8')).toBe(backtestSchema());
});
