// Route 53: hosted zones, record sets and their propagation, health checks. Global; its API is in us-east-1.
import * as sdk from '@aws-sdk/client-route-53';
import { NotSimulatedError } from './call.ts';
import type { EffectiveRecord } from './cloud.ts';
import type { Draws } from './draw.ts';
import { faultsOf } from './fault.ts';
import { HealthChecks } from './health-checks.ts';
import { canonicalName, compareRecords, initialRecords, malformations, nameServers, recordKey, recordProblems, sameRecord } from './record-set.ts';
import { type CallContext, mutates, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'Route53ServiceException');
/** Requests a second that an account may make. */
const requestsPerSecond = 5;

type RecordSet = sdk.ResourceRecordSet;
interface Change {
  readonly id: string;
  readonly submittedAt: number;
  readonly insyncAt: number;
  readonly comment: string | undefined;
}
/** What the zone holds after a change; resolvers get it from `effectiveAt` on. */
interface Version {
  readonly effectiveAt: number;
  readonly records: ReadonlyMap<string, RecordSet>;
}
interface Zone {
  readonly id: string;
  readonly name: string;
  readonly callerReference: string;
  records: Map<string, RecordSet>;
  versions: Version[];
  /** Until then the last request is being processed, and another is refused. */
  busyUntil: number;
}

const bareId = (id: string) => id.replace(/^\/(hostedzone|change|healthcheck)\//, '');

/** Route 53 of one account. */
export class Route53 {
  readonly healthChecks: HealthChecks;
  readonly #zones = new Map<string, Zone>();
  readonly #changes = new Map<string, Change>();
  readonly #draws: Draws;
  #changeCount = 0;
  #recent: number[] = [];

  constructor(draws: Draws, alarmExists: (region: string, name: string) => { readonly ExtendedStatistic?: string | undefined } | undefined) {
    this.#draws = draws;
    this.healthChecks = new HealthChecks(draws, fault, alarmExists);
  }

  readonly service: Service = {
    name: 'route53',
    operations: {
      CreateHostedZone: mutates((input: sdk.CreateHostedZoneCommandInput, context) => this.#createHostedZone(input, context)),
      GetHostedZone: reads((input: sdk.GetHostedZoneCommandInput, context) =>
        this.#throttled(context, () => {
          return { HostedZone: describe(this.#zone(input.Id ?? '')), DelegationSet: { NameServers: nameServers } };
        }),
      ),
      ListResourceRecordSets: reads((input: sdk.ListResourceRecordSetsCommandInput, context) => this.#list(input, context)),
      ChangeResourceRecordSets: mutates((input: sdk.ChangeResourceRecordSetsCommandInput, context) => this.#change(input, context)),
      GetChange: reads((input: sdk.GetChangeCommandInput, context) => this.#getChange(input, context)),
      CreateHealthCheck: mutates((input: sdk.CreateHealthCheckCommandInput, context) => this.#throttled(context, () => this.healthChecks.create(input))),
      GetHealthCheck: reads((input: sdk.GetHealthCheckCommandInput, context) =>
        this.#throttled(context, () => this.healthChecks.get(bareId(input.HealthCheckId ?? ''))),
      ),
    },
  };

  addZone(id: string, name: string, callerReference = id): Zone {
    const records = new Map(initialRecords(canonicalName(name)).map((set) => [recordKey(set), set]));
    const zone: Zone = { id, name: canonicalName(name), callerReference, records, versions: [], busyUntil: 0 };
    this.#zones.set(id, zone);
    return zone;
  }

  /** Record sets of a name as resolvers get them at a moment. */
  effectiveRecords(zoneId: string, name: string, at: number): EffectiveRecord[] {
    const zone = this.#zone(zoneId);
    const version = zone.versions.findLast(({ effectiveAt }) => effectiveAt <= at);
    const wanted = canonicalName(name);
    return [...(version?.records.values() ?? [])]
      .filter((set) => set.Name === wanted)
      .map((set) => ({
        name: name,
        type: set.Type ?? '',
        setIdentifier: set.SetIdentifier,
        weight: set.Weight,
        ttlSeconds: set.AliasTarget ? 60 : set.TTL,
        healthCheckId: set.HealthCheckId,
        values: set.AliasTarget ? [set.AliasTarget.DNSName ?? ''] : (set.ResourceRecords ?? []).map(({ Value }) => Value ?? ''),
      }));
  }

  #zone(id: string): Zone {
    const zone = this.#zones.get(bareId(id));
    if (!zone) throw fault('NoSuchHostedZone', `No hosted zone found with ID: ${bareId(id)}`, { status: 404 });
    return zone;
  }

  /** Five requests a second and account; the world's are not counted. */
  #throttled<Output>({ at, caller }: CallContext, answer: () => Output): Output {
    if (caller === 'forestall') {
      this.#recent = this.#recent.filter((time) => time > at - 1000);
      if (this.#recent.length >= requestsPerSecond) throw fault('Throttling', 'Rate exceeded');
      this.#recent.push(at);
    }
    return answer();
  }

  #createHostedZone(input: sdk.CreateHostedZoneCommandInput, context: CallContext): object {
    if (input.VPC) throw new NotSimulatedError('route53: private hosted zones are not simulated');
    return this.#throttled(context, () => {
      const id = `Z${this.#draws.hex(19, 'route53/zone', input.CallerReference ?? '').toUpperCase()}`;
      if (this.#zones.has(id))
        throw fault('HostedZoneAlreadyExists', 'A hosted zone has already been created with the specified caller reference.', { status: 409 });
      const zone = this.addZone(id, input.Name ?? '', input.CallerReference);
      return {
        HostedZone: describe(zone),
        ChangeInfo: this.#changeInfo(this.#newChange(context.at, 0), context.at),
        DelegationSet: { NameServers: nameServers },
        Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${id}`,
      };
    });
  }

  #newChange(at: number, notBefore: number, comment?: string): Change {
    this.#changeCount++;
    const id = `C${this.#draws.hex(20, 'route53/change', this.#changeCount).toUpperCase()}`;
    const insyncAt = Math.max(notBefore, at + Math.round(this.#draws.between(10_000, 40_000, 'route53/insync', this.#changeCount)));
    const change = { id, submittedAt: at, insyncAt, comment };
    this.#changes.set(id, change);
    return change;
  }

  #changeInfo({ id, submittedAt, insyncAt, comment }: Change, at: number): sdk.ChangeInfo {
    const info = { Id: `/change/${id}`, Status: at >= insyncAt ? 'INSYNC' : 'PENDING', SubmittedAt: new Date(submittedAt) } as const;
    return comment === undefined ? info : { ...info, Comment: comment };
  }

  #getChange(input: sdk.GetChangeCommandInput, context: CallContext): object {
    return this.#throttled(context, () => {
      const change = this.#changes.get(bareId(input.Id ?? ''));
      if (!change) throw fault('NoSuchChange', `A change with id ${input.Id} does not exist.`, { status: 404 });
      return { ChangeInfo: this.#changeInfo(change, context.at) };
    });
  }

  #list(input: sdk.ListResourceRecordSetsCommandInput, context: CallContext): object {
    return this.#throttled(context, () => {
      const zone = this.#zone(input.HostedZoneId ?? '');
      const { StartRecordName, StartRecordType, StartRecordIdentifier, MaxItems = 300 } = input;
      if (StartRecordType !== undefined && StartRecordName === undefined) throw fault('InvalidInput', 'StartRecordType needs StartRecordName.');
      if (StartRecordIdentifier !== undefined && StartRecordType === undefined)
        throw fault('InvalidInput', 'StartRecordIdentifier needs StartRecordName and StartRecordType.');
      const start: RecordSet | undefined =
        StartRecordName === undefined ? undefined : { Name: StartRecordName, Type: StartRecordType as sdk.RRType, SetIdentifier: StartRecordIdentifier };
      const sorted = [...zone.records.values()].sort(compareRecords).filter((set) => start === undefined || compareRecords(set, start) >= 0);
      const size = Math.min(300, Math.max(1, MaxItems));
      const next = sorted[size];
      return {
        ResourceRecordSets: sorted.slice(0, size).map((set) => structuredClone(set)),
        IsTruncated: next !== undefined,
        MaxItems: size,
        ...(next && { NextRecordName: next.Name, NextRecordType: next.Type, NextRecordIdentifier: next.SetIdentifier }),
      };
    });
  }

  #change(input: sdk.ChangeResourceRecordSetsCommandInput, context: CallContext): object {
    return this.#throttled(context, () => {
      const { at } = context;
      const zone = this.#zone(input.HostedZoneId ?? '');
      const changes = input.ChangeBatch?.Changes ?? [];
      if (changes.length === 0) throw fault('InvalidInput', 'A change batch has at least one change.');
      if (changes.length > 1000) throw fault('InvalidChangeBatch', 'A change batch has at most 1000 changes.', { fields: { messages: [] } });
      const malformed = changes.flatMap(({ Action, ResourceRecordSet: set }) => [
        ...(['CREATE', 'DELETE', 'UPSERT'].includes(Action ?? '') ? [] : [`Invalid action ${Action}: use CREATE, DELETE or UPSERT.`]),
        ...malformations(set ?? { Name: undefined, Type: undefined }),
      ]);
      if (malformed.length > 0) throw fault('InvalidInput', malformed.join(' '));
      if (at < zone.busyUntil) throw fault('PriorRequestNotComplete', 'The request was rejected because Route 53 was still processing a prior request.');
      const records = new Map(zone.records);
      const messages: string[] = [];
      for (const { Action, ResourceRecordSet: set } of changes) {
        if (!set) continue;
        messages.push(...this.#applyChange(records, Action ?? '', set, zone.name));
        this.healthChecks.requireKnown(set.HealthCheckId);
      }
      messages.push(...conflicts(records));
      if (messages.length > 0) throw fault('InvalidChangeBatch', `[${messages.join(', ')}]`, { fields: { messages } });
      const change = this.#newChange(at, zone.versions.at(-1)?.effectiveAt ?? 0, input.ChangeBatch?.Comment);
      zone.records = records;
      // Only the version that resolvers see and those still on their way are needed.
      const seen = zone.versions.findLastIndex(({ effectiveAt }) => effectiveAt <= at);
      zone.versions = [...zone.versions.slice(Math.max(0, seen)), { effectiveAt: context.caller === 'world' ? at : change.insyncAt, records }];
      if (context.caller === 'forestall') zone.busyUntil = at + Math.round(this.#draws.between(200, 2000, 'route53/processing', change.id));
      return { ChangeInfo: this.#changeInfo(change, at) };
    });
  }

  /** Applies one change to the copy; returns what is wrong with it. */
  #applyChange(records: Map<string, RecordSet>, action: string, given: RecordSet, zoneName: string): string[] {
    const key = recordKey(given);
    const known = records.get(key);
    const set: RecordSet = { ...structuredClone(given), Name: canonicalName(given.Name ?? '') };
    const what = `[name='${set.Name}', type='${set.Type}'${set.SetIdentifier === undefined ? '' : `, set identifier='${set.SetIdentifier}'`}]`;
    if (action === 'DELETE') {
      if (!known) return [`Tried to delete resource record set ${what} but it was not found`];
      if (!sameRecord(known, set)) return [`Tried to delete resource record set ${what} but the values provided do not match the current values`];
      records.delete(key);
      return [];
    }
    const problems = recordProblems(set, zoneName);
    if (action === 'CREATE' && known) problems.push(`Tried to create resource record set ${what} but it already exists`);
    if (problems.length === 0) records.set(key, set);
    return problems;
  }
}

const describe = ({ id, name, callerReference, records }: Zone): sdk.HostedZone => ({
  Id: `/hostedzone/${id}`,
  Name: name,
  CallerReference: callerReference,
  Config: { PrivateZone: false },
  ResourceRecordSetCount: records.size,
});

/** Record sets that may not stand beside each other. */
function conflicts(records: ReadonlyMap<string, RecordSet>): string[] {
  const messages: string[] = [];
  const groups = Map.groupBy(records.values(), ({ Name }) => Name);
  for (const [name, group] of groups) {
    if (group.length < 2) continue;
    const types = new Set(group.map(({ Type }) => Type));
    if (types.has('CNAME') && types.size > 1) messages.push(`RRSet of type CNAME with DNS name ${name} is not permitted beside other types of the same name`);
    for (const type of types) {
      const sets = group.filter(({ Type }) => Type === type);
      if (sets.length > 1 && sets.some(({ SetIdentifier }) => SetIdentifier === undefined))
        messages.push(`RRSet with DNS name ${name}, type ${type} cannot be created as a non-weighted set exists with the same name and type`);
      const ttls = new Set(sets.filter(({ Weight, TTL }) => Weight !== undefined && TTL !== undefined).map(({ TTL }) => TTL));
      if (ttls.size > 1) messages.push(`RRSet with DNS name ${name}, type ${type} cannot be created as weighted sets must contain the same TTL`);
    }
  }
  return messages;
}
