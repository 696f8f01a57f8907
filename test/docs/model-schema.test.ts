// The schemas of model files and of train --json are committed and in step with their own definitions.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { modelSchemas } from '../../docs/generate-model-schema.ts';

it.each(Object.entries(modelSchemas))('%s is in step; otherwise run `node docs/generate-model-schema.ts`', (file, text) => {
  expect(readFileSync(file, 'utf8')).toBe(text());
});
