// failover:approve: a person's answer to a failover that waits for one, and a person's word that a service may go home.
import { parseArgs } from 'node:util';
import { environment } from '../../core/contracts/deployment.ts';
import { ApprovalStore } from '../../lambdas/adapters/approval-store.ts';
import { EventBus } from '../../lambdas/adapters/event-bus.ts';
import { FailoverStore, UnknownFailoverError } from '../../lambdas/adapters/failover-store.ts';
import { ServiceStore, UnknownServiceError } from '../../lambdas/adapters/service-store.ts';
import { giveAnswer } from '../../lambdas/check-approval/answer.ts';
import { askHome } from '../../lambdas/start-workflow/ask-home.ts';
import { controlRegionFrom, explainAws, requirePerson, tableName, useEndpoint } from './aws.ts';
import { type Command, InputError } from './command.ts';
import type { ApproveJson } from './operator-json.ts';

export const command: Command = {
  usage: `npm run -s failover:approve -- FAILOVER --by NAME [--deny] [--region R] [--endpoint-url URL] [--json]
npm run -s failover:approve -- --home SERVICE --by NAME [--region R] [--endpoint-url URL] [--json]

Answers a failover that waits for approval; its id, and this command, are in the notification. Approved, it goes on within the time between two looks
(20 seconds, unless the plan waits for more than an hour), after its target was checked once more. Denied, it ends as held. An answer is never changed.
  --home SERVICE       approves a fail-back instead: the service goes home from its standby, through the same gates as any move
  --by NAME            who answers; stands in the record
  --deny               denies it
  --region R           the control Region; default: AWS_REGION or AWS_DEFAULT_REGION
  --endpoint-url URL   AWS endpoint to use, for emulators
  --json               {failoverId, serviceId, kind, from, to, result, reason, approval} on stdout (docs/schemas/failover-approve.schema.json)
Tables: FORESTALL_FAILOVERS_TABLE and FORESTALL_SERVICES_TABLE, or forestall-failovers and forestall-services. Bus: FORESTALL_EVENT_BUS_NAME, or forestall.
Exit code: 0 the answer stands, or the way home begins; 1 refused: the question was answered otherwise, is over or was not put, or nothing would come of
the way home now; 2 bad usage or AWS not reached.`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        home: { type: 'string' },
        by: { type: 'string' },
        deny: { type: 'boolean', default: false },
        region: { type: 'string' },
        'endpoint-url': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [failoverId, ...more] = positionals;
    const { home } = values;
    if (home !== undefined && (failoverId !== undefined || values.deny)) throw new InputError('--home goes with neither a failover nor --deny');
    if (home === undefined && (failoverId === undefined || more.length > 0))
      throw new InputError(`name one failover, as in shop.critical.20260302T120000Z; got ${positionals.length}`);
    const by = requirePerson(values.by);
    const region = controlRegionFrom(values.region);
    if (values['endpoint-url'] !== undefined) useEndpoint(values['endpoint-url']);

    const result =
      home !== undefined
        ? await goHome(home, by, region)
        : await answerQuestion({ failoverId: failoverId ?? '', answer: values.deny ? 'denied' : 'granted', by }, region);
    if (values.json) console.log(JSON.stringify(result.json, null, 2));
    else if (result.json.result === 'refused') console.error(result.text);
    else console.log(result.text);
    return result.json.result === 'refused' ? 1 : 0;
  },
};

interface Result {
  readonly json: ApproveJson;
  readonly text: string;
}

async function answerQuestion(question: Parameters<typeof giveAnswer>[1], region: string): Promise<Result> {
  const table = tableName('failovers');
  const stores = { approvals: new ApprovalStore(region, table), failovers: new FailoverStore(region, table) };
  try {
    const { record, result, reason } = await giveAnswer(stores, question, Date.now());
    const { failoverId, serviceId, kind, from, to, approval, reasons } = record;
    const what = `${kind} of ${serviceId} from ${from} to ${to}`;
    const answered = `${approval?.state} by ${approval?.answeredBy} at ${approval?.answeredAt}${result === 'repeated' ? ' (already)' : ''}`;
    return {
      json: { failoverId, serviceId, kind, from, to, result, reason: reason ?? null, approval: approval ?? null },
      text: result === 'refused' ? `${failoverId} (${what}) was not answered: ${reason}` : `${failoverId}: ${answered}\n${what}: ${reasons.join('; ')}`,
    };
  } catch (error) {
    if (error instanceof UnknownFailoverError)
      throw new InputError(`there is no failover '${question.failoverId}' in table ${table} of ${region}; copy its id and Region from the notification`);
    throw explainAws(error, region, `read and update table ${table}`);
  }
}

async function goHome(serviceId: string, by: string, region: string): Promise<Result> {
  const table = tableName('services');
  const ports = { services: new ServiceStore(region, table), bus: new EventBus(region, process.env[environment.eventBusName] ?? 'forestall') };
  try {
    const { failoverId, refusals } = await askHome(ports, { serviceId, by }, Date.now());
    const refused = refusals.length > 0;
    const reason = refused ? refusals.join('; ') : null;
    return {
      json: { failoverId, serviceId, kind: 'fail-back', from: 'standby', to: 'primary', result: refused ? 'refused' : 'asked', reason, approval: null },
      text: refused
        ? `${serviceId} was not asked home: ${reason}`
        : `${failoverId}: the way home of ${serviceId}, approved by ${by}, begins; a notification tells what comes of it`,
    };
  } catch (error) {
    if (error instanceof UnknownServiceError)
      throw new InputError(`there is no service '${serviceId}' in table ${table} of ${region}; check its name and the control Region`);
    throw explainAws(error, region, `read table ${table} and put events`);
  }
}
