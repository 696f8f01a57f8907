// plan:apply: writes a plan into the tables that the deployed functions read, after looking at what is really there.
import { parseArgs } from 'node:util';
import { controlRegionOf } from '../../core/contracts/plan.ts';
import { type ApplyPlanPorts, applyPlan, PlanRefusedError } from '../../lambdas/apply-plan/apply-plan.ts';
import { connectApplyPlan } from '../../lambdas/apply-plan/connect.ts';
import { explainAws, requireRegion, useEndpoint } from './aws.ts';
import { type Command, callerPath, InputError } from './command.ts';
import { formatProblem, readPlanFile } from './plan-files.ts';

export const command: Command = {
  usage: `npm run plan:apply -- FILE [--endpoint-url URL] [--region R]

Writes a plan to the tables \`services\` and \`resources\`. Mode, active side, lock, level, canary and latches of a known service are never overwritten.
The hosted zone's records, the instances and what the plan's drivers switch are looked at first; when something does not fit, nothing is written.
  --region R           Region of the tables; default: the plan's control Region
  --endpoint-url URL   AWS endpoint to use for everything, for emulators
  --skip-lookups       only with --endpoint-url, and only for plans that select instances by id: trusts the plan
Tables: FORESTALL_SERVICES_TABLE and FORESTALL_RESOURCES_TABLE, or forestall-services and forestall-resources.
Exit code: 0 applied, 2 refused (nothing was written) or interrupted (repeat it).`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { 'endpoint-url': { type: 'string' }, region: { type: 'string' }, 'skip-lookups': { type: 'boolean', default: false } },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new InputError(`name one plan, as in plans/shop.yaml; got ${positionals.length}`);
    const endpoint = values['endpoint-url'];
    if (values['skip-lookups'] && endpoint === undefined) throw new InputError('--skip-lookups is for emulators; give --endpoint-url too, or leave it out');
    if (endpoint !== undefined) useEndpoint(endpoint);
    if (values.region !== undefined) requireRegion(values.region);

    const read = readPlanFile(file);
    if (!read.ok) throw new InputError(['the plan is not valid', ...read.problems.map((problem) => formatProblem(file, problem))].join('\n'));
    const { plan, locate } = read;
    const region = values.region ?? controlRegionOf(plan);
    const ports = connectApplyPlan(region, process.env);
    try {
      const applied = await applyPlan(plan, values['skip-lookups'] ? trusting(ports) : ports, Date.now());
      console.log(`${callerPath(file)}: applied in ${region}`);
      console.log(`service ${applied.serviceId}: ${applied.created ? 'new' : applied.changed ? 'plan changed' : 'plan unchanged'}, mode ${applied.mode}`);
      console.log(`scored: ${applied.subjects.join(', ')}`);
      if (applied.restarted.length > 0) console.log(`other metrics, scoring begins anew: ${applied.restarted.join(', ')}`);
      if (applied.removed.length > 0) console.log(`no longer scored: ${applied.removed.join(', ')}`);
      if (applied.mode !== plan.mode) console.error(`note: the service stays in mode ${applied.mode}; the plan's ${plan.mode} is where a new service begins`);
      if (applied.lockedBy !== undefined) console.error(`note: ${applied.lockedBy} is running for this service and uses the new plan from its next step on`);
      return 0;
    } catch (error) {
      if (error instanceof PlanRefusedError)
        throw new InputError(
          [
            'the plan does not fit what is there; nothing was written',
            ...error.mismatches.map((mismatch) =>
              formatProblem(file, { ...mismatch, ...locate(mismatch.path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))) }),
            ),
          ].join('\n'),
        );
      throw explainAws(error, region, 'read Route 53, EC2 and what the drivers switch, and write the tables');
    }
  },
};

/** Takes the plan's word for the records, the instances and what drivers switch. */
function trusting(ports: ApplyPlanPorts): ApplyPlanPorts {
  return {
    store: ports.store,
    readHostedZone: () => Promise.resolve('trusted'),
    readDriver: () => Promise.resolve({ standby: 0, detail: 'trusted' }),
    findInstances: (_region, { ids }) => {
      if (ids === undefined) throw new InputError('--skip-lookups cannot look tags up; select the instances by `ids`');
      return Promise.resolve(ids.map((id) => ({ id, autoScalingGroup: undefined })));
    },
  };
}
