// Events as EventBridge forwards them, read into reports. Pure: neither who is concerned nor what is known already is asked here.
import { z } from 'zod';
import { deploymentSource, HostEvent } from '../../contracts/evidence.ts';
import { readHealthEvent } from './health-events.ts';
import { type Ignored, InvalidEventError, isOff, orderOf, type Report } from './report.ts';

const minute = 60_000;
/** A stop that somebody made is news for so long; afterwards what is left is how it is, ms. */
const stateCounts = 30 * minute;
/** What turns unusual within this time of a deployment's last event is said to be after it, ms. */
const afterDeployment = 30 * minute;

/** In the order of an instance's life: for reports of one second. */
const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;
const goneStates: readonly string[] = ['stopping', 'stopped', 'shutting-down', 'terminated'];

const StateChange = z.object({ 'instance-id': z.string().regex(/^i-[0-9a-f]{8,17}$/), state: z.enum(states) });
const CodeDeploy = z.object({
  application: z.string().min(1),
  deploymentGroup: z.string().min(1),
  deploymentId: z.string().min(1),
  state: z.enum(['START', 'SUCCESS', 'FAILURE', 'STOP', 'READY']),
});
const Ecs = z.object({
  eventName: z.enum(['SERVICE_DEPLOYMENT_IN_PROGRESS', 'SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_FAILED']),
  deploymentId: z.string().min(1),
});
/** What a pipeline puts: see docs/prediction.md. */
const Generic = z.strictObject({
  service: z.string().min(1),
  side: z.enum(['primary', 'standby', 'both']).default('both'),
  id: z.string().min(1).max(200).optional(),
  version: z.string().min(1).max(200).optional(),
  state: z.enum(['started', 'succeeded', 'failed']).default('succeeded'),
});

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidEventError(`${what} is not readable: ${issue?.path.join('.') || 'the event'}: ${issue?.message}`, { cause: result.error });
}

/**
 * The report of an event, or why it is of no concern. Throws InvalidEventError.
 * @param account of this deployment: what AWS says of other accounts (an organisation's view) is not about it
 * @param now ms since the epoch
 */
export function readHostEvent(input: unknown, account: string, now: number): Report | Ignored {
  const event = parsed(HostEvent, input, 'a host event');
  if (event.account !== account) return { ignored: `it is of account ${event.account}` };
  const report = reportOf(event, Date.parse(event.time));
  if ('ignored' in report) return report;
  const off = isOff(report, now);
  return off === undefined ? report : { ignored: off };
}

function reportOf(event: HostEvent, at: number): Report | Ignored {
  switch (event.source) {
    case 'aws.ec2':
      return stateChange(event, at);
    case 'aws.health':
      return readHealthEvent(event, at);
    case 'aws.codedeploy':
    case 'aws.ecs':
    case deploymentSource:
      return deployment(event, at);
    default:
      throw new InvalidEventError(`there is no reading of events of ${event.source}; correct the rule that sends them here`);
  }
}

function stateChange(event: HostEvent, at: number): Report {
  const detail = parsed(StateChange, event.detail, 'a state change of an instance');
  const gone = goneStates.includes(detail.state);
  return {
    kind: 'state',
    event: detail['instance-id'],
    region: event.region,
    about: { type: 'instances', ids: [detail['instance-id']], well: [], balancers: [] },
    impact: 'stop',
    status: gone ? 'open' : 'closed',
    from: at,
    until: null,
    validUntil: at + stateCounts,
    label: `somebody has brought it to the state ${detail.state}`,
    order: orderOf(at, states.indexOf(detail.state)),
  };
}

function deployment(event: HostEvent, at: number): Report | Ignored {
  const detail = deploymentDetail(event);
  if ('ignored' in detail) return detail;
  const { id, label, about, begins } = detail;
  return {
    kind: 'deployment',
    event: id,
    region: about.type === 'service' ? undefined : event.region,
    about,
    impact: 'none',
    status: 'open',
    from: at,
    until: null,
    validUntil: at + afterDeployment,
    label,
    order: orderOf(at, begins ? 0 : 1),
  };
}

interface Deployment {
  readonly id: string;
  readonly label: string;
  readonly about: Report['about'];
  readonly begins: boolean;
}

function deploymentDetail(event: HostEvent): Deployment | Ignored {
  if (event.source === 'aws.codedeploy') {
    const { application, deploymentGroup, deploymentId, state } = parsed(CodeDeploy, event.detail, 'a deployment of CodeDeploy');
    const begins = state === 'START' || state === 'READY';
    return {
      id: deploymentId,
      label: `deployment ${deploymentId} of ${application} ${begins ? 'began' : state === 'SUCCESS' ? 'was completed' : 'failed'}`,
      about: { type: 'codedeploy', application, deploymentGroup },
      begins,
    };
  }
  if (event.source === 'aws.ecs') {
    const { eventName, deploymentId } = parsed(Ecs, event.detail, 'a deployment of ECS');
    const arn = event.resources.find((name) => name.includes(':service/'));
    if (arn === undefined) throw new InvalidEventError('a deployment of ECS names no service in its resources');
    const [, cluster, service] = /:service\/([^/]+)\/([^/]+)$/.exec(arn) ?? [];
    // Services from before 2021 may still have the short form, service/NAME; the rule sends those of the whole account.
    if (cluster === undefined || service === undefined) return { ignored: `${arn} does not name the cluster` };
    const begins = eventName === 'SERVICE_DEPLOYMENT_IN_PROGRESS';
    return {
      id: deploymentId.replace(/^.*\//, ''),
      label: `deployment of ${service} ${begins ? 'began' : eventName === 'SERVICE_DEPLOYMENT_COMPLETED' ? 'was completed' : 'failed'}`,
      about: { type: 'ecs', cluster, service },
      begins,
    };
  }
  const { service, side, id, version, state } = parsed(Generic, event.detail, 'a deployment');
  return {
    id: id ?? version ?? 'latest',
    label: `deployment${version === undefined ? '' : ` of ${version}`} ${state === 'started' ? 'began' : state === 'succeeded' ? 'was completed' : 'failed'}`,
    about: { type: 'service', service, side },
    begins: state === 'started',
  };
}
