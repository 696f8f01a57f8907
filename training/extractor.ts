// The features that models are trained on by default: those that the engine computes of metrics of unknown meaning.
export { extractor } from './incidents.ts';
