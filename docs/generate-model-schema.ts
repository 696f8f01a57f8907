// Generates the schemas of model files and of train --json from their own definitions: node docs/generate-model-schema.ts
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { TrainReport } from '../bin/commands/train-report.ts';
import { FailureModel } from '../core/prediction/model/format.ts';
import { printJson } from './generate-plan-reference.ts';

/** File in docs/schemas -> its text as it is committed. */
export const modelSchemas: Readonly<Record<string, () => string>> = {
  'docs/schemas/failure-model.schema.json': () => `${printJson({ ...z.toJSONSchema(FailureModel), title: 'A model file, as train writes it' })}\n`,
  'docs/schemas/train.schema.json': () => `${printJson({ ...z.toJSONSchema(TrainReport), title: 'What train --json prints' })}\n`,
};

if (import.meta.main) for (const [file, text] of Object.entries(modelSchemas)) writeFileSync(new URL(`../${file}`, import.meta.url), text());
