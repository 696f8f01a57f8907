// The model that is shipped: learned from public recordings of servers, as its provenance says.
import { featureNames } from '../features/resource-features.ts';
import stored from './default.json' with { type: 'json' };
import { type FailureModel, parseModel } from './format.ts';

let parsed: FailureModel | undefined;

/** Read when it is first needed: most resources have no metric of unknown meaning. */
export function defaultModel(): FailureModel {
  parsed ??= parseModel(stored, featureNames);
  return parsed;
}
