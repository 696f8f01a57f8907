// What is generated from the plan's schema is committed and in step with it.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generatedFiles } from '../../docs/generate-plan-reference.ts';

it.each(Object.entries(generatedFiles()))('%s is in step; otherwise run `node docs/generate-plan-reference.ts`', (file, content) => {
  expect(readFileSync(file, 'utf8')).toBe(content);
});

it('documents every key', () => {
  const schema = generatedFiles()['docs/schemas/plan.schema.json'] ?? '';
  const undocumented: string[] = [];
  const walk = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, items } = node as { properties?: Record<string, { description?: string }>; items?: unknown };
    for (const [key, inner] of Object.entries(properties ?? {})) {
      if (!inner.description) undocumented.push(`${path}.${key}`);
      walk(inner, `${path}.${key}`);
    }
    walk(items, `${path}[]`);
  };
  walk(JSON.parse(schema), '');
  expect(undocumented).toEqual([]);
});
