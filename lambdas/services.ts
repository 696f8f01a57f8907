// Environment -> adapters, once per cold start.
import { z } from 'zod';
import { environment } from '../core/contracts/deployment.ts';
import type { FailureModel } from '../core/prediction/model/format.ts';
import { ApprovalStore } from './adapters/approval-store.ts';
import { AssessmentStore } from './adapters/assessment-store.ts';
import { EventBus } from './adapters/event-bus.ts';
import { EvidenceStore } from './adapters/evidence-store.ts';
import { FailoverStore } from './adapters/failover-store.ts';
import { InstanceWatch } from './adapters/instance-watch.ts';
import { MirrorStore } from './adapters/mirror-store.ts';
import { Notifier } from './adapters/notifier.ts';
import { Prober } from './adapters/prober.ts';
import { Quotas } from './adapters/quotas.ts';
import { RecordRouter } from './adapters/record-router.ts';
import { RetirementStore } from './adapters/retirement-store.ts';
import { ScoringQueue } from './adapters/scoring-queue.ts';
import { ServiceStore } from './adapters/service-store.ts';
import { SubjectStore } from './adapters/subject-store.ts';
import { TargetGroups } from './adapters/target-groups.ts';
import { Telemetry } from './adapters/telemetry.ts';
import { Workflows } from './adapters/workflows.ts';
import { resourceKinds } from './resources/registry.ts';

const Environment = z.object({
  AWS_REGION: z.string().min(1),
  [environment.servicesTable]: z.string().min(1),
  [environment.resourcesTable]: z.string().min(1),
  [environment.assessmentsTable]: z.string().min(1),
  [environment.failoversTable]: z.string().min(1),
  [environment.scoringQueueUrl]: z.string().min(1),
  [environment.eventBusName]: z.string().min(1),
  [environment.notificationsTopicArn]: z.string().min(1),
  [environment.stateMachineArnPrefix]: z.string().min(1),
});

/** What every function may use. `region`: the control Region, where the function runs. `now`: ms since the epoch. */
export interface Services {
  readonly region: string;
  readonly now: () => number;
  readonly services: ServiceStore;
  readonly subjects: SubjectStore;
  readonly mirrors: MirrorStore;
  readonly retirements: RetirementStore;
  readonly assessments: AssessmentStore;
  readonly evidence: EvidenceStore;
  readonly failovers: FailoverStore;
  readonly approvals: ApprovalStore;
  readonly telemetry: Telemetry;
  readonly router: RecordRouter;
  readonly targets: TargetGroups;
  readonly instanceWatch: InstanceWatch;
  readonly prober: Prober;
  readonly quotas: Quotas;
  readonly bus: EventBus;
  readonly queue: ScoringQueue;
  readonly workflows: Workflows;
  readonly notifier: Notifier;
  readonly kinds: typeof resourceKinds;
  /** judges metrics of unknown meaning; absent: the model that is shipped */
  readonly model?: FailureModel;
}

let otherModel: FailureModel | undefined;

/** Judges by another model than the shipped one from the next cold start on: recordings are replayed with models that have not seen them. undefined: the shipped one. */
export function useModel(model: FailureModel | undefined): void {
  otherModel = model;
  resetServices();
}

function buildServices(variables: Record<string, string | undefined>): Services {
  const env = Environment.parse(variables);
  const region = env.AWS_REGION;
  return {
    region,
    now: () => Date.now(),
    services: new ServiceStore(region, env[environment.servicesTable]),
    subjects: new SubjectStore(region, env[environment.resourcesTable]),
    mirrors: new MirrorStore(region, env[environment.resourcesTable]),
    retirements: new RetirementStore(region, env[environment.resourcesTable]),
    assessments: new AssessmentStore(region, env[environment.assessmentsTable]),
    evidence: new EvidenceStore(region, env[environment.resourcesTable]),
    failovers: new FailoverStore(region, env[environment.failoversTable]),
    approvals: new ApprovalStore(region, env[environment.failoversTable]),
    telemetry: new Telemetry(),
    router: new RecordRouter(),
    targets: new TargetGroups(),
    instanceWatch: new InstanceWatch(),
    prober: new Prober(),
    quotas: new Quotas(),
    bus: new EventBus(region, env[environment.eventBusName]),
    queue: new ScoringQueue(region, env[environment.scoringQueueUrl]),
    workflows: new Workflows(region, env[environment.stateMachineArnPrefix]),
    notifier: new Notifier(region, env[environment.notificationsTopicArn]),
    kinds: resourceKinds,
    ...(otherModel === undefined ? {} : { model: otherModel }),
  };
}

let built: Services | undefined;

/** Runs on cold start only. */
export function services(): Services {
  built ??= buildServices(process.env);
  return built;
}

/** Forgets the adapters, as a cold start does. */
export function resetServices(): void {
  built = undefined;
}
