// failover:approve: a person's answer to a failover that waits for one.
import { parseArgs } from 'node:util';
import { ApprovalStore } from '../../lambdas/adapters/approval-store.ts';
import { FailoverStore, UnknownFailoverError } from '../../lambdas/adapters/failover-store.ts';
import { type Answered, giveAnswer } from '../../lambdas/check-approval/answer.ts';
import { controlRegionFrom, explainAws, requirePerson, tableName, useEndpoint } from './aws.ts';
import { type Command, InputError } from './command.ts';
import type { ApproveJson } from './operator-json.ts';

export const command: Command = {
  usage: `npm run -s failover:approve -- FAILOVER --by NAME [--deny] [--region R] [--endpoint-url URL] [--json]

Answers a failover that waits for approval; its id, and this command, are in the notification. Approved, it goes on within the time between two looks
(20 seconds, unless the plan waits for more than an hour), after its target was checked once more. Denied, it ends as held. An answer is never changed.
  --by NAME            who answers; stands in the record
  --deny               denies it
  --region R           the control Region; default: AWS_REGION or AWS_DEFAULT_REGION
  --endpoint-url URL   AWS endpoint to use, for emulators
  --json               {failoverId, serviceId, kind, from, to, result, reason, approval} on stdout (docs/schemas/failover-approve.schema.json)
Table: FORESTALL_FAILOVERS_TABLE, or forestall-failovers.
Exit code: 0 the answer stands, 1 it was refused since the question was answered otherwise, is over or was not put, 2 bad usage or AWS not reached.`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        by: { type: 'string' },
        deny: { type: 'boolean', default: false },
        region: { type: 'string' },
        'endpoint-url': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [failoverId, ...more] = positionals;
    if (failoverId === undefined || more.length > 0) throw new InputError(`name one failover, as in shop.critical.20260302T120000Z; got ${positionals.length}`);
    const by = requirePerson(values.by);
    const region = controlRegionFrom(values.region);
    if (values['endpoint-url'] !== undefined) useEndpoint(values['endpoint-url']);

    const table = tableName('failovers');
    const stores = { approvals: new ApprovalStore(region, table), failovers: new FailoverStore(region, table) };
    const answer = values.deny ? 'denied' : 'granted';
    try {
      const answered = await giveAnswer(stores, { failoverId, answer, by }, Date.now());
      report(answered, values.json);
      return answered.result === 'refused' ? 1 : 0;
    } catch (error) {
      if (error instanceof UnknownFailoverError)
        throw new InputError(`there is no failover '${failoverId}' in table ${table} of ${region}; copy its id and Region from the notification`);
      throw explainAws(error, region, `read and update table ${table}`);
    }
  },
};

function report({ record, result, reason }: Answered, json: boolean): void {
  const { failoverId, serviceId, kind, from, to, approval, reasons } = record;
  if (json) {
    const printed: ApproveJson = { failoverId, serviceId, kind, from, to, result, reason: reason ?? null, approval: approval ?? null };
    console.log(JSON.stringify(printed, null, 2));
    return;
  }
  const what = `${kind} of ${serviceId} from ${from} to ${to}`;
  if (result === 'refused') {
    console.error(`${failoverId} (${what}) was not answered: ${reason}`);
    return;
  }
  console.log(`${failoverId}: ${approval?.state} by ${approval?.answeredBy} at ${approval?.answeredAt}${result === 'repeated' ? ' (already)' : ''}`);
  console.log(`${what}: ${reasons.join('; ')}`);
}
