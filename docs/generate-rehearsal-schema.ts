// Generates docs/schemas/rehearsal.schema.json from the results' own schema: node docs/generate-rehearsal-schema.ts
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ScenarioResult } from '../rehearsal/results.ts';
import { printJson } from './generate-plan-reference.ts';

export const rehearsalSchemaFile = 'docs/schemas/rehearsal.schema.json';

/** The schema of `rehearse --json`, as it is committed. */
export function rehearsalSchema(): string {
  const schema = z.toJSONSchema(z.array(ScenarioResult).describe('one object per scenario and seed'));
  return `${printJson({ ...schema, title: 'Output of rehearse --json' })}\n`;
}

if (import.meta.main) writeFileSync(new URL(`../${rehearsalSchemaFile}`, import.meta.url), rehearsalSchema());
