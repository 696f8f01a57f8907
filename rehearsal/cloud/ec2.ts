// EC2 of every Region: launch templates, instances and their status. Snapshots are in ec2-snapshots.ts.
import * as sdk from '@aws-sdk/client-ec2';
import type { AnnouncedEvent, ExistingInstance, InstanceView } from './cloud.ts';
import type { Draws } from './draw.ts';
import { checkPageSize, passes, tagList, tagsFor } from './ec2-filter.ts';
import { Snapshots } from './ec2-snapshots.ts';
import { faultsOf } from './fault.ts';
import { Instance, type Launch } from './instance.ts';
import { type CallContext, mutates, page, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'EC2ServiceException');
/** A terminated instance is still described for about an hour. */
const rememberedMs = 3_600_000;

export interface LaunchTemplate {
  readonly id: string;
  readonly region: string;
  readonly name: string;
  readonly zone: string | undefined;
  readonly volumesGiB: readonly number[];
  readonly instanceType: string;
}

const stateCodes = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 } as const;

/** EC2 of one account. */
export class Ec2 {
  readonly snapshots: Snapshots;
  readonly #draws: Draws;
  readonly #instances = new Map<string, Instance>();
  readonly #templates = new Map<string, LaunchTemplate>();
  readonly #launches = new Map<string, { readonly request: string; readonly instances: readonly Instance[]; readonly reservationId: string }>();
  readonly #withoutCapacity = new Set<string>();
  #count = 0;

  constructor(draws: Draws) {
    this.#draws = draws;
    this.snapshots = new Snapshots(draws, fault, (id, region) => this.#inRegion(id, region));
  }

  readonly service: Service = {
    name: 'ec2',
    operations: {
      CreateLaunchTemplate: mutates((input: sdk.CreateLaunchTemplateCommandInput, context) => this.#createLaunchTemplate(input, context)),
      RunInstances: mutates((input: sdk.RunInstancesCommandInput, context) => this.#runInstances(input, context)),
      DescribeInstances: reads((input: sdk.DescribeInstancesCommandInput, context) => this.#describeInstances(input, context)),
      DescribeInstanceStatus: reads((input: sdk.DescribeInstanceStatusCommandInput, context) => this.#describeInstanceStatus(input, context)),
      StartInstances: mutates((input: sdk.StartInstancesCommandInput, context) => ({ StartingInstances: this.#change(input.InstanceIds, context, 'start') })),
      StopInstances: mutates((input: sdk.StopInstancesCommandInput, context) => ({ StoppingInstances: this.#change(input.InstanceIds, context, 'stop') })),
      TerminateInstances: mutates((input: sdk.TerminateInstancesCommandInput, context) => ({
        TerminatingInstances: this.#change(input.InstanceIds, context, 'terminate'),
      })),
      CreateTags: mutates((input: sdk.CreateTagsCommandInput, context) => {
        for (const id of input.Resources ?? []) {
          if (!/^[a-z]+-[0-9a-f]{8,17}$/.test(id)) throw fault('InvalidID', `The ID '${id}' is not valid`);
          const tags = id.startsWith('snap-') ? this.snapshots.tagsOf(id, context.region) : this.#inRegion(id, context.region).tags;
          for (const { Key = '', Value = '' } of input.Tags ?? []) tags[Key] = Value;
        }
        return {};
      }),
      ...this.#snapshotOperations(),
    },
  };

  #snapshotOperations(): Service['operations'] {
    return {
      CreateSnapshots: mutates((input: sdk.CreateSnapshotsCommandInput, context) => this.snapshots.create(input, context)),
      DescribeSnapshots: reads((input: sdk.DescribeSnapshotsCommandInput, context) => this.snapshots.describe(input, context)),
      CopySnapshot: mutates((input: sdk.CopySnapshotCommandInput, context) => this.snapshots.copy(input, context)),
      DeleteSnapshot: mutates((input: sdk.DeleteSnapshotCommandInput, context) => this.snapshots.remove(input, context)),
    };
  }

  addTemplate(template: LaunchTemplate): void {
    this.#templates.set(template.id, template);
  }

  /** Adds an instance that has been running for long. */
  addInstance(existing: ExistingInstance, at: number): Instance {
    this.#count++;
    const instanceId = existing.instanceId ?? `i-${this.#draws.hex(17, 'ec2/instance', this.#count)}`;
    return this.#add({
      instanceId,
      region: existing.region,
      zone: existing.zone,
      at,
      booted: true,
      launchTemplateId: existing.launchTemplateId,
      instanceType: 'm7g.large',
      imageId: 'ami-0123456789abcdef0',
      clientToken: undefined,
      reservationId: `r-${this.#draws.hex(17, 'ec2/reservation', this.#count)}`,
      tags: existing.tags ?? {},
      volumesGiB: existing.volumesGiB ?? [8],
    });
  }

  #add(launch: Launch): Instance {
    const instance = new Instance(launch, this.#draws);
    this.#instances.set(launch.instanceId, instance);
    return instance;
  }

  find(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  views(now: number, region: string | undefined): InstanceView[] {
    return [...this.#instances.values()].filter(({ launch }) => region === undefined || launch.region === region).map((instance) => instance.view(now));
  }

  setCapacity(zone: string, available: boolean): void {
    if (available) this.#withoutCapacity.delete(zone);
    else this.#withoutCapacity.add(zone);
  }

  #inRegion(id: string, region: string): Instance {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw fault('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
    const instance = this.#instances.get(id);
    if (instance?.launch.region !== region) throw fault('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    return instance;
  }

  #createLaunchTemplate(input: sdk.CreateLaunchTemplateCommandInput, { at, region }: CallContext): object {
    const { LaunchTemplateName: name = '', LaunchTemplateData: data = {} } = input;
    if ([...this.#templates.values()].some((known) => known.region === region && known.name === name))
      throw fault('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
    const id = `lt-${this.#draws.hex(17, 'ec2/template', region, name)}`;
    const volumes = (data.BlockDeviceMappings ?? []).map((mapping) => mapping.Ebs?.VolumeSize ?? 8);
    this.addTemplate({
      id,
      region,
      name,
      zone: data.Placement?.AvailabilityZone,
      volumesGiB: volumes.length > 0 ? volumes : [8],
      instanceType: data.InstanceType ?? 'm7g.large',
    });
    return { LaunchTemplate: { LaunchTemplateId: id, LaunchTemplateName: name, CreateTime: new Date(at), DefaultVersionNumber: 1, LatestVersionNumber: 1 } };
  }

  #templateOf(given: sdk.LaunchTemplateSpecification, region: string): LaunchTemplate {
    const { LaunchTemplateId: id, LaunchTemplateName: name, Version } = given;
    if ((id === undefined) === (name === undefined))
      throw fault('InvalidParameterCombination', 'Specify either LaunchTemplateId or LaunchTemplateName, and not both.');
    const template = [...this.#templates.values()].find((known) => known.region === region && (known.id === id || known.name === name));
    if (!template)
      throw id === undefined
        ? fault('InvalidLaunchTemplateName.NotFoundException', `The specified launch template, with template name ${name}, does not exist.`)
        : fault('InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`);
    if (Version !== undefined && !['$Default', '$Latest', '1'].includes(Version))
      throw fault('InvalidLaunchTemplateId.VersionNotFound', `Could not find the specified version ${Version} for the launch template with ID ${template.id}.`);
    return template;
  }

  #runInstances(input: sdk.RunInstancesCommandInput, context: CallContext): object {
    const { at, region } = context;
    const { ClientToken: token, MinCount = 0, MaxCount = 0 } = input;
    if (MinCount < 1 || MaxCount < MinCount)
      throw fault('InvalidParameterValue', `Value (${MaxCount}) for parameter maxCount is invalid: use 1 <= MinCount <= MaxCount.`);
    if (input.DryRun) throw fault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 });
    if (token !== undefined && token.length > 64) throw fault('InvalidParameterValue', 'The client token may have at most 64 characters.');
    const request = JSON.stringify(input);
    const known = token === undefined ? undefined : this.#launches.get(`${region}/${token}`);
    if (known) {
      if (known.request !== request)
        throw fault('IdempotentParameterMismatch', 'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).');
      return this.#reservation(known.reservationId, known.instances, at);
    }
    const template = input.LaunchTemplate && this.#templateOf(input.LaunchTemplate, region);
    if (!template && (!input.ImageId || !input.InstanceType))
      throw fault('MissingParameter', 'The request must contain the parameter ImageId, or a launch template.');
    const zone = input.Placement?.AvailabilityZone ?? template?.zone ?? `${region}a`;
    if (!zone.startsWith(region)) throw fault('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
    if (this.#withoutCapacity.has(zone))
      throw fault('InsufficientInstanceCapacity', `We currently do not have sufficient capacity in the Availability Zone you requested (${zone}).`, {
        status: 500,
      });
    this.#count++;
    const reservationId = `r-${this.#draws.hex(17, 'ec2/reservation', this.#count)}`;
    const instances = Array.from({ length: MaxCount }, (_unused, index) =>
      this.#add({
        instanceId: `i-${this.#draws.hex(17, 'ec2/instance', token ?? this.#count, index)}`,
        region,
        zone,
        at,
        booted: false,
        launchTemplateId: template?.id,
        instanceType: input.InstanceType ?? template?.instanceType ?? '',
        imageId: input.ImageId ?? 'ami-0123456789abcdef0',
        clientToken: token === undefined ? undefined : `${token}/${index}`,
        reservationId,
        tags: tagsFor('instance', input.TagSpecifications),
        volumesGiB: template?.volumesGiB ?? [8],
      }),
    );
    if (token !== undefined) this.#launches.set(`${region}/${token}`, { request, instances, reservationId });
    return this.#reservation(reservationId, instances, at);
  }

  #reservation(ReservationId: string, instances: readonly Instance[], at: number): object {
    return { ReservationId, OwnerId: '123456789012', Groups: [], Instances: instances.map((instance) => describe(instance, at)) };
  }

  #describeInstances(input: sdk.DescribeInstancesCommandInput, { at, region }: CallContext): object {
    checkPageSize(input.MaxResults, input.InstanceIds, 'instancesSet', fault);
    const chosen = input.InstanceIds?.map((id) => this.#inRegion(id, region)) ?? [...this.#instances.values()].filter(({ launch }) => launch.region === region);
    const found = chosen.filter((instance) => {
      const { state, since } = instance.view(at);
      return (
        !(state === 'terminated' && at - since > rememberedMs) && passes(input.Filters, tagsWithTemplate(instance), (name) => propertyOf(instance, name, at))
      );
    });
    const { items, next } = page(found, input.MaxResults ?? 1000, input.NextToken, () => fault('InvalidNextToken', 'The token is invalid.'));
    const reservations = Map.groupBy(items, ({ launch }) => launch.reservationId);
    return {
      Reservations: [...reservations].map(([id, instances]) => this.#reservation(id, instances, at)),
      ...(next === undefined ? {} : { NextToken: next }),
    };
  }

  #describeInstanceStatus(input: sdk.DescribeInstanceStatusCommandInput, { at, region }: CallContext): object {
    checkPageSize(input.MaxResults, input.InstanceIds, 'instancesSet', fault);
    const chosen = input.InstanceIds?.map((id) => this.#inRegion(id, region)) ?? [...this.#instances.values()].filter(({ launch }) => launch.region === region);
    const found = chosen.filter(
      (instance) =>
        (input.IncludeAllInstances || instance.state(at) === 'running') &&
        passes(input.Filters, instance.tags, (name) => {
          if (name === 'instance-status.status') return [instance.status(at)];
          return propertyOf(instance, name, at);
        }),
    );
    const { items, next } = page(found, input.MaxResults ?? 1000, input.NextToken, () => fault('InvalidNextToken', 'The token is invalid.'));
    return {
      InstanceStatuses: items.map((instance) => {
        const status = instance.status(at);
        return {
          InstanceId: instance.launch.instanceId,
          AvailabilityZone: instance.launch.zone,
          InstanceState: stateOf(instance, at),
          InstanceStatus: statusSummary(status),
          SystemStatus: statusSummary(status === 'impaired' ? 'ok' : status),
          ...(instance.announced.size > 0 ? { Events: [...instance.announced.values()].map(shownEvent) } : {}),
        };
      }),
      ...(next === undefined ? {} : { NextToken: next }),
    };
  }

  #change(ids: readonly string[] | undefined, { at, region }: CallContext, action: 'start' | 'stop' | 'terminate'): object[] {
    // All or none: EC2 checks every instance first.
    const instances = (ids ?? []).map((id) => this.#inRegion(id, region));
    for (const instance of instances) {
      const state = instance.state(at);
      const id = instance.launch.instanceId;
      const allowed = { start: ['stopped', 'pending', 'running'], stop: ['running', 'stopping', 'stopped'], terminate: Object.keys(stateCodes) }[action];
      if (!allowed.includes(state))
        throw fault('IncorrectInstanceState', `The instance '${id}' is not in a state from which it can be ${action === 'start' ? 'started' : 'stopped'}.`);
      if (action === 'start' && state === 'stopped' && this.#withoutCapacity.has(instance.launch.zone))
        throw fault('InsufficientInstanceCapacity', `We currently do not have sufficient capacity in the Availability Zone ${instance.launch.zone}.`, {
          status: 500,
        });
    }
    return instances.map((instance) => {
      const PreviousState = stateOf(instance, at);
      const state = instance.state(at);
      if (action === 'start' && state === 'stopped') instance.start(at);
      if (action === 'stop' && state === 'running') instance.stop(at);
      if (action === 'terminate' && state !== 'terminated' && state !== 'shutting-down') instance.terminate(at);
      return { InstanceId: instance.launch.instanceId, PreviousState, CurrentState: stateOf(instance, at) };
    });
  }
}

const shownEvent = ({ id, code, description, notBefore, notAfter }: AnnouncedEvent): sdk.InstanceStatusEvent => ({
  InstanceEventId: id,
  Code: code as sdk.EventCode,
  Description: description,
  NotBefore: new Date(notBefore),
  ...(notAfter === undefined ? {} : { NotAfter: new Date(notAfter) }),
});

/** A status with its one check; an instance that does not run has no checks. */
function statusSummary(status: ReturnType<Instance['status']>): object {
  if (status === 'not-applicable') return { Status: status };
  return { Status: status, Details: [{ Name: 'reachability', Status: { ok: 'passed', impaired: 'failed', initializing: 'initializing' }[status] }] };
}

const stateOf = (instance: Instance, at: number) => ({ Code: stateCodes[instance.state(at)], Name: instance.state(at) });

const tagsWithTemplate = ({ tags, launch }: Instance) =>
  launch.launchTemplateId === undefined ? tags : { ...tags, 'aws:ec2launchtemplate:id': launch.launchTemplateId };

function propertyOf(instance: Instance, name: string, at: number): readonly string[] | undefined {
  switch (name) {
    case 'instance-id':
      return [instance.launch.instanceId];
    case 'instance-state-name':
      return [instance.state(at)];
    case 'availability-zone':
      return [instance.launch.zone];
    case 'client-token':
      return instance.launch.clientToken === undefined ? [] : [instance.launch.clientToken.replace(/\/\d+$/, '')];
    case 'instance-type':
      return [instance.launch.instanceType];
    default:
      return undefined;
  }
}

function describe(instance: Instance, at: number): sdk.Instance {
  const { launch } = instance;
  return {
    InstanceId: launch.instanceId,
    ImageId: launch.imageId,
    InstanceType: launch.instanceType as sdk._InstanceType,
    LaunchTime: new Date(launch.at),
    State: stateOf(instance, at),
    Placement: { AvailabilityZone: launch.zone, Tenancy: 'default' },
    Tags: tagList(tagsWithTemplate(instance)),
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: instance.volumes.map(({ volumeId, device }) => ({
      DeviceName: device,
      Ebs: { VolumeId: volumeId, Status: 'attached', DeleteOnTermination: true },
    })),
    ...(launch.clientToken === undefined ? {} : { ClientToken: launch.clientToken.replace(/\/\d+$/, '') }),
  };
}
