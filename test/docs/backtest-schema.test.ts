// The schemas of what backtest writes are committed and in step with its own definitions.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { backtestSchemas } from '../../docs/generate-backtest-schema.ts';

it.each(Object.entries(backtestSchemas))('%s is in step; otherwise run `node docs/generate-backtest-schema.ts`', (file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(text());
});
