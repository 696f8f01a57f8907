// State machines of the cases: one that waits, one that ends well, one that fails.
import type { StateMachineName } from '../../core/contracts/deployment.ts';
import type { MachineName } from './case.ts';

/** Names of ours that they go by: the simulated cloud knows no others. */
export const machineNames = { waits: 'take-snapshot', passes: 'warm-standby', fails: 'roll-back' } as const satisfies Record<MachineName, StateMachineName>;

export const machineDefinitions: Readonly<Record<MachineName, object>> = {
  waits: { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 86_400, End: true } } },
  passes: { StartAt: 'Pass', States: { Pass: { Type: 'Pass', Result: { done: true }, End: true } } },
  fails: { StartAt: 'Fail', States: { Fail: { Type: 'Fail', Error: 'OnPurpose', Cause: 'the test says so' } } },
};
