// Deployments: events of CodeDeploy, of ECS and of pipelines, read into reports, and for how long they count.
import { z } from 'zod';
import type { EvidenceRecord, HostEvent } from '../../contracts/evidence.ts';
import { type Ignored, InvalidEventError, orderOf, parsed, type Report } from './report.ts';

const minute = 60_000;
/** What turns unusual within this time of a deployment's last event is said to be after it; and so long an ended one explains instances that stop, ms. */
const afterEvent = 30 * minute;
/**
 * One that has begun and of whose end nothing was heard is taken to be under way for so long, ms: neither CodeDeploy nor ECS sends anything in between, and
 * instances are stopped until the end of it. A pipeline that never tells of the end hides what is stopped for no longer.
 */
const mostUnderWay = 240 * minute;

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

/** Whether it is under way, or ended so lately that it may be what stops instances. `now`: ms. */
export const isDeploying = ({ kind, from, validUntil }: EvidenceRecord, now: number): boolean =>
  kind === 'deployment' && Date.parse(from) <= now && now < Date.parse(validUntil);

/** Whether what turns unusual now is said to be after it. `now`: ms. */
export const isRecent = (record: EvidenceRecord, now: number): boolean => isDeploying(record, now) && now < Date.parse(record.from) + afterEvent;

/** `at`: ms, when the event was sent. Throws InvalidEventError. */
export function readDeployment(event: HostEvent, at: number): Report | Ignored {
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
    validUntil: at + (begins ? mostUnderWay : afterEvent),
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
