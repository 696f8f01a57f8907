// The product's handlers as chaos runs them: all but scoring, which the story stands in for.
import { fromLambdas, type HandlerSource } from '../runtime/functions.ts';
import { fromStateMachines } from '../runtime/machines.ts';
import type { RuntimeSources } from '../runtime/runtime.ts';

const idle = () => Promise.resolve(null);

export const chaosHandlers: HandlerSource = async (name) => (name === 'score-risk' ? idle : fromLambdas(name));

/** What a case is played with, unless a test breaks something. */
export const asDeployed: RuntimeSources = { handlers: chaosHandlers, machines: fromStateMachines };
