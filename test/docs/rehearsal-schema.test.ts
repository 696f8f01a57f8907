// The schema of rehearse --json is committed and in step with the results' own.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rehearsalSchema, rehearsalSchemaFile } from '../../docs/generate-rehearsal-schema.ts';

it('is in step; otherwise run `node docs/generate-rehearsal-schema.ts`', () => {
  expect(readFileSync(rehearsalSchemaFile, 'utf8')).toBe(rehearsalSchema());
});
