// Generates the schemas of the operators' commands from what they print: node docs/generate-operator-schemas.ts
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ApproveJson, PauseJson } from '../bin/commands/operator-json.ts';
import { printJson } from './generate-plan-reference.ts';

/** By file, as they are committed. */
export const operatorSchemas = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({ 'failover-approve': ['failover:approve', ApproveJson], 'service-pause': ['service:pause', PauseJson] } as const).map(
      ([file, [command, schema]]) => [`docs/schemas/${file}.schema.json`, `${printJson({ ...z.toJSONSchema(schema), title: `${command} --json` })}\n`],
    ),
  );

if (import.meta.main) for (const [file, schema] of operatorSchemas()) writeFileSync(new URL(`../${file}`, import.meta.url), schema);
