// The schemas of the operators’ commands are committed and in step with what they print; otherwise run `node docs/generate-operator-schemas.ts`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operatorSchemas } from '../../docs/generate-operator-schemas.ts';

test.each([...operatorSchemas()])('%s is what its command prints', (file, schema) => {
  expect(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')).toBe(schema);
});
