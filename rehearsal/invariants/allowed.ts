// What Forestall may change at all for a plan: what the plan names, and what carries Forestall's tag or was made by it.
import { evacuationMetric, ownershipTag } from '../../core/contracts/deployment.ts';
import { controlRegionOf, type Plan } from '../../core/contracts/plan.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { InstanceView } from '../cloud/cloud.ts';
import { AllowedDrivers, driverOperations } from './allowed-drivers.ts';
import { objectionOnLeftSide } from './allowed-left-side.ts';
import { sides } from './routing.ts';

interface Tag {
  readonly Key?: string;
  readonly Value?: string;
}
interface Tagging {
  readonly ResourceType?: string;
  readonly Tags?: readonly Tag[];
}
interface RecordSet {
  readonly Name?: string;
  readonly Type?: string;
  readonly SetIdentifier?: string;
}
/** Inputs of the calls that change something; a call has those of its operation. */
interface Input {
  readonly HostedZoneId?: string;
  readonly ChangeBatch?: { readonly Changes?: readonly { readonly ResourceRecordSet?: RecordSet }[] };
  readonly TargetGroupArn?: string;
  readonly Targets?: readonly { readonly Id?: string }[];
  readonly LaunchTemplate?: { readonly LaunchTemplateId?: string };
  readonly TagSpecifications?: readonly Tagging[];
  readonly InstanceIds?: readonly string[];
  readonly InstanceSpecification?: { readonly InstanceId?: string };
  readonly SourceRegion?: string;
  readonly SourceSnapshotId?: string;
  readonly KmsKeyId?: string;
  readonly SnapshotId?: string;
  readonly MetricData?: readonly { readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[] }[];
}

export class Allowed {
  readonly #plan: Plan;
  readonly #instance: (id: string) => InstanceView | undefined;
  readonly #ownSnapshots = new Set<string>();
  readonly #drivers: AllowedDrivers;

  constructor(plan: Plan, instance: (id: string) => InstanceView | undefined) {
    this.#plan = plan;
    this.#instance = instance;
    this.#drivers = new AllowedDrivers(plan);
  }

  /** What speaks against a mutating call; undefined when the plan allows it. Calls are given in their order: own snapshots are known by them. */
  objection(record: CallRecord): string | undefined {
    const input = record.input as Input;
    const { region, output, operation } = record;
    switch (operation) {
      case 'ChangeResourceRecordSets':
        return this.#records(input);
      case 'RegisterTargets':
      case 'DeregisterTargets':
        return this.#touchesLeftSide(region) ? this.#left(record) : this.#targets(input, region);
      case 'RunInstances':
        return this.#touchesLeftSide(region) ? this.#left(record) : this.#launch(input, region);
      case 'StartInstances':
      case 'StopInstances':
      case 'TerminateInstances':
        return this.#touchesLeftSide(region) ? this.#left(record) : this.#mirrors(input.InstanceIds ?? [], region);
      case 'CreateSnapshots':
        for (const { SnapshotId = '' } of (output?.['Snapshots'] ?? []) as readonly Input[]) this.#ownSnapshots.add(SnapshotId);
        return this.#snapshots(input, region);
      case 'CopySnapshot':
        if (output) this.#ownSnapshots.add(String(output['SnapshotId']));
        return this.#copy(input, region);
      case 'DeleteSnapshot':
        return this.#ownSnapshots.has(input.SnapshotId ?? '') ? undefined : `${input.SnapshotId} is not a snapshot of Forestall's`;
      case 'PutMetricData':
        return this.#latch(input, region);
      default:
        return driverOperations.includes(operation) ? this.#drivers.objection(record) : 'no plan allows this operation';
    }
  }

  #records({ HostedZoneId = '', ChangeBatch }: Input): string | undefined {
    const { record, sides: planned } = this.#plan;
    if (HostedZoneId.replace(/^\/hostedzone\//, '') !== record.hostedZoneId) return `the hosted zone ${HostedZoneId} is not the plan's`;
    const identifiers = sides.map((side) => planned[side].setIdentifier);
    const foreign = (ChangeBatch?.Changes ?? []).find(({ ResourceRecordSet: set }) => {
      const type = record.types.find((name) => name === set?.Type);
      return set?.Name?.replace(/\.$/, '') !== record.name || type === undefined || !identifiers.includes(set.SetIdentifier ?? '');
    })?.ResourceRecordSet;
    return foreign && `the record ${foreign.Name} ${foreign.Type} ${foreign.SetIdentifier} is not the plan's`;
  }

  #targets({ TargetGroupArn, Targets = [] }: Input, region: string): string | undefined {
    const { standby } = this.#plan.sides;
    if (TargetGroupArn !== standby.loadBalancer.targetGroupArn) return `the target group ${TargetGroupArn} is not the standby's`;
    return this.#mirrors(
      Targets.flatMap(({ Id }) => Id ?? []),
      region,
    );
  }

  #launch({ LaunchTemplate, TagSpecifications = [] }: Input, region: string): string | undefined {
    const { standby } = this.#plan.sides;
    if (region !== standby.region) return `${region} is not the standby's Region`;
    if (LaunchTemplate?.LaunchTemplateId !== standby.launchTemplate.id) return `the launch template ${LaunchTemplate?.LaunchTemplateId} is not the plan's`;
    return this.#tagged(TagSpecifications, 'instance');
  }

  #touchesLeftSide(region: string): boolean {
    const { after, sides: planned } = this.#plan;
    return after.losingSide !== 'standby' && region === planned.primary.region;
  }

  #left({ operation, region, input: given }: CallRecord): string | undefined {
    const { Targets = [], InstanceIds = [], TargetGroupArn, LaunchTemplate, TagSpecifications = [] } = given as Input;
    const objection = objectionOnLeftSide(
      this.#plan,
      {
        ...{ operation, region, targetGroupArn: TargetGroupArn, launchTemplateId: LaunchTemplate?.LaunchTemplateId },
        instances: [...InstanceIds, ...Targets.flatMap(({ Id }) => Id ?? [])],
      },
      this.#instance,
    );
    return objection ?? (operation === 'RunInstances' ? this.#tagged(TagSpecifications, 'instance') : undefined);
  }

  /** Only what was launched from the plan's template, in the standby's Region, and carries the tag. */
  #mirrors(ids: readonly string[], region: string): string | undefined {
    const { standby } = this.#plan.sides;
    const foreign = ids.find((id) => {
      const view = this.#instance(id);
      return view?.region !== region || view.launchTemplateId !== standby.launchTemplate.id || view.tags[ownershipTag] !== this.#plan.service;
    });
    return foreign && `${foreign} is not an instance of Forestall's`;
  }

  #snapshots({ InstanceSpecification, TagSpecifications = [] }: Input, region: string): string | undefined {
    const { primary } = this.#plan.sides;
    const id = InstanceSpecification?.InstanceId ?? '';
    const view = this.#instance(id);
    const named = primary.resources.some(({ ids, tags }) =>
      ids ? ids.includes(id) : tags !== undefined && Object.entries(tags).every(([key, value]) => view?.tags[key] === value),
    );
    if (region !== primary.region || view?.region !== region || !named) return `${id} in ${region} is not a resource of the plan's`;
    return this.#tagged(TagSpecifications, 'snapshot');
  }

  #copy({ SourceRegion, SourceSnapshotId = '', KmsKeyId, TagSpecifications = [] }: Input, region: string): string | undefined {
    const { primary, standby } = this.#plan.sides;
    if (region !== standby.region || SourceRegion !== primary.region) return `a copy from ${SourceRegion} to ${region} is not from the primary to the standby`;
    if (!this.#ownSnapshots.has(SourceSnapshotId)) return `${SourceSnapshotId} is not a snapshot of Forestall's`;
    if (KmsKeyId !== standby.kmsKeyArn) return `the key ${KmsKeyId} is not the plan's`;
    return this.#tagged(TagSpecifications, 'snapshot');
  }

  #latch({ MetricData = [] }: Input, region: string): string | undefined {
    const [service] = evacuationMetric.dimensions;
    if (region !== controlRegionOf(this.#plan)) return `${region} is not the control Region`;
    const own = MetricData.every(({ Dimensions = [] }) => Dimensions.some(({ Name, Value }) => Name === service && Value === this.#plan.service));
    return own ? undefined : 'it latches a side of another service';
  }

  #tagged(specifications: readonly Tagging[], type: string): string | undefined {
    const tags = specifications.find(({ ResourceType }) => ResourceType === type)?.Tags ?? [];
    return tags.some(({ Key, Value }) => Key === ownershipTag && Value === this.#plan.service) ? undefined : `the ${type} gets no tag ${ownershipTag}`;
  }
}
