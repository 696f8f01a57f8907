// Everything that the assertions look at: the emulator's own state, and what the product recorded there.
import type { FailoverEvent, FailoverRecord, Weights } from '../../core/contracts/records.ts';
import { weightsOf } from '../differential/weights.ts';
import { sdkInputOf } from '../gateway/sdk-input.ts';
import { EmulatorClients } from '../world/clients.ts';
import { type AccountState, readAccount } from './account-state.ts';
import { type CollectedExecution, type CollectedRun, collectRun } from './collect-run.ts';
import type { AssertionContext } from './context.ts';

export interface Observed {
  readonly context: AssertionContext;
  readonly run: CollectedRun;
  readonly account: AccountState;
  /** The failover in question. undefined: there is none, or more than one and the context does not say which. */
  readonly failover: FailoverRecord | undefined;
  /** Its story, in order. */
  readonly story: readonly FailoverEvent[];
  /** Executions of its own, that is not nested in others. */
  readonly roots: readonly CollectedExecution[];
  /** Changes of the service's weights that Route 53 accepted from the product, in order. */
  readonly changes: readonly { readonly caller: string; readonly found: Partial<Weights>; readonly left: Partial<Weights> }[];
}

/** How far back the evacuation metric is read, ms. */
const window = 3 * 60 * 60_000;

/** Reads the emulator. Throws CollectionError. */
export async function observe(context: AssertionContext): Promise<Observed> {
  const run = await collectRun(context.endpoint, context.controlRegion, context.plan);
  const clients = new EmulatorClients(context.endpoint);
  try {
    return observed(context, run, await readAccount(clients, context, Date.now() - window));
  } finally {
    clients.close();
  }
}

export function observed(context: AssertionContext, run: CollectedRun, account: AccountState): Observed {
  const tried = run.failovers.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'advised');
  const failover =
    context.failoverId === undefined ? (tried.length === 1 ? tried[0] : undefined) : run.failovers.find(({ failoverId }) => failoverId === context.failoverId);
  const ofFailover = ({ failoverId }: { readonly failoverId?: unknown }) => failover !== undefined && failoverId === failover.failoverId;
  return {
    context,
    run,
    account,
    failover,
    story: run.events.filter(ofFailover).toSorted((a, b) => a.at.localeCompare(b.at) || a.entry.localeCompare(b.entry)),
    roots: run.executions.filter(({ parent, input }) => parent === undefined && ofFailover((input ?? {}) as { readonly failoverId?: unknown })),
    changes: changesOf(context),
  };
}

/** All executions below one, itself first. */
export const descendants = (root: CollectedExecution, all: readonly CollectedExecution[]): CollectedExecution[] => [
  root,
  ...all.filter(({ parent }) => parent === root.arn).flatMap((child) => descendants(child, all)),
];

function changesOf({ calls, plan }: AssertionContext): Observed['changes'] {
  let standing: Partial<Weights> = {};
  return calls
    .filter(({ operation, status, caller }) => operation === 'ChangeResourceRecordSets' && status < 400 && caller.startsWith('forestall-'))
    .flatMap((call) => {
      const change = weightsOf(plan, sdkInputOf(call).input, standing);
      if (change === undefined) return [];
      standing = change.left;
      return [{ caller: call.caller, ...change }];
    });
}
