// service:pause: the kill switch of a service.
import { parseArgs } from 'node:util';
import { lockState } from '../../core/failover/lock.ts';
import { ServiceStore, UnknownServiceError } from '../../lambdas/adapters/service-store.ts';
import { controlRegionFrom, explainAws, requirePerson, tableName, useEndpoint } from './aws.ts';
import { type Command, InputError } from './command.ts';
import type { PauseJson } from './operator-json.ts';

export const command: Command = {
  usage: `npm run -s service:pause -- SERVICE on|off --by NAME [--region R] [--endpoint-url URL] [--json]

The kill switch. On: nothing new begins, and what is under way stops at its next step that would go forward; traffic that has moved so far is taken back
where that serves more users. Evacuations by Forestall stop too; Route 53's own health checks go on protecting. Scoring goes on. Off: Forestall acts again.
  --by NAME            who turns it; stands in the service's record
  --region R           the control Region; default: AWS_REGION or AWS_DEFAULT_REGION
  --endpoint-url URL   AWS endpoint to use, for emulators
  --json               {serviceId, killSwitch, changed, turned, underWay} on stdout (docs/schemas/service-pause.schema.json)
Table: FORESTALL_SERVICES_TABLE, or forestall-services.
Exit code: 0 the switch stands as asked, 2 bad usage or AWS not reached.`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { by: { type: 'string' }, region: { type: 'string' }, 'endpoint-url': { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const [serviceId, position, ...more] = positionals;
    if (serviceId === undefined || (position !== 'on' && position !== 'off') || more.length > 0)
      throw new InputError(`name a service, and on or off, as in shop on; got '${positionals.join(' ')}'`);
    const by = requirePerson(values.by);
    const region = controlRegionFrom(values.region);
    if (values['endpoint-url'] !== undefined) useEndpoint(values['endpoint-url']);

    const table = tableName('services');
    const services = new ServiceStore(region, table);
    try {
      const changed = await services.turnKillSwitch(serviceId, position === 'on', by, new Date().toISOString());
      const { killSwitch, killSwitchTurned, lock } = await services.get(serviceId);
      const underWay = lock && lockState(lock, '', Date.now()) === 'held' ? lock.holder : null;
      if (values.json) console.log(JSON.stringify({ serviceId, killSwitch, changed, turned: killSwitchTurned ?? null, underWay } satisfies PauseJson, null, 2));
      else {
        const turned = killSwitchTurned ? `, turned by ${killSwitchTurned.by} at ${killSwitchTurned.at}` : '';
        console.log(`${serviceId}: the kill switch is ${killSwitch ? 'on' : 'off'}${turned}${changed ? '' : ' (already)'}`);
        if (underWay !== null) console.error(`note: ${underWay} is under way${killSwitch ? ' and stops at its next step that would go forward' : ''}`);
      }
      return 0;
    } catch (error) {
      if (error instanceof UnknownServiceError)
        throw new InputError(`there is no service '${serviceId}' in table ${table} of ${region}; check its name and the control Region`);
      throw explainAws(error, region, `read and update table ${table}`);
    }
  },
};
