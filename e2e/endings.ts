// The part of the run that asks the emulator how each failover ended, and whether what went wrong on purpose did no harm.
import type { AssertionContext } from './assertions/context.ts';
import { assertFailedOver } from './assertions/failed-over.ts';
import { assertCrashSurvived, assertDuplicateHandled } from './assertions/repetition.ts';
import { assertRolledBack } from './assertions/rolled-back.ts';
import type { Check } from './check.ts';
import type { Played, PlayedService } from './failovers.ts';
import type { Stage } from './stage.ts';
import { regions } from './world/plan.ts';

/** Every check is named after its service. */
export async function checkEndings({ emulator, gateway }: Stage, { services, crashedAt, repeated }: Played): Promise<Check[]> {
  const checks: Check[] = [];
  for (const service of services) {
    const context = contextOf(service, emulator.endpoint, gateway.calls);
    const add = (found: readonly Check[]) => checks.push(...found.map((check) => ({ ...check, name: `${service.name}: ${check.name}` })));
    add(service.name === 'bad' ? [...(await assertRolledBack(context)), untouched(context)] : await assertFailedOver(context));
    if (!service.rough) continue;
    add([{ name: 'its critical event was put twice', ok: repeated > 0, detail: 'no critical event passed the gateway' }]);
    add(await assertDuplicateHandled(context));
    add([{ name: 'a function was killed on purpose', ok: crashedAt !== undefined, detail: 'no weights were set' }]);
    if (crashedAt !== undefined) add(await assertCrashSurvived(context, crashedAt.caller));
  }
  return checks;
}

const contextOf = ({ account }: PlayedService, endpoint: string, calls: AssertionContext['calls']): AssertionContext => ({
  endpoint,
  controlRegion: regions.standby,
  plan: account.plan,
  calls,
  primaryInstances: account.primaryInstances,
  healthChecks: { primary: account.checks.primary.calculated, standby: account.checks.standby.calculated },
});

/** The canary found its standby out before anybody was sent there. */
function untouched({ plan, calls }: AssertionContext): Check {
  const changes = calls.filter(
    ({ caller, operation, input }) =>
      caller.startsWith('forestall-') && operation === 'ChangeResourceRecordSets' && JSON.stringify(input).includes(plan.record.hostedZoneId),
  );
  return { name: 'no function ever changed its records', ok: changes.length === 0, detail: JSON.stringify(changes) };
}
