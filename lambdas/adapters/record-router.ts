// Route 53: the service's weighted records, read and changed by compare-and-set.
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Weights } from '../../core/contracts/records.ts';
import { clientFor } from './clients.ts';

/** Route 53 is one service for all Regions; its control plane and its metrics are in this one. */
export const route53Region = 'us-east-1';

/** The records are not what the plan says: missing, not weighted, or without a health check. Nothing was changed. */
export class RecordsUnfitError extends Error {
  override readonly name = 'RecordsUnfitError';
}

/** Somebody else changed the weights. The automation stops: it would be working against a person or another tool. */
export class WeightsChangedError extends Error {
  override readonly name = 'WeightsChangedError';
}

/** The service's records: one of each type and side. */
export interface ServiceRecords {
  readonly weights: Weights;
  readonly healthCheckIds: Readonly<Record<SideName, string>>;
  readonly sets: readonly { readonly side: SideName; readonly set: ResourceRecordSet }[];
}

export class RecordRouter {
  get #client() {
    return clientFor(Route53Client, route53Region);
  }

  /** Reads what stands now. Throws RecordsUnfitError. */
  async read({ record, sides }: Plan): Promise<ServiceRecords> {
    const wanted = `${record.name}.`;
    const found: ResourceRecordSet[] = [];
    let next: { StartRecordName: string; StartRecordType?: ResourceRecordSet['Type']; StartRecordIdentifier?: string } | undefined = {
      StartRecordName: wanted,
    };
    while (next) {
      const page: ListResourceRecordSetsCommandOutput = await this.#client.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: record.hostedZoneId, ...next }),
      );
      const matching = (page.ResourceRecordSets ?? []).filter(({ Name }) => Name?.replace('\\052', '*') === wanted);
      found.push(...matching);
      // Records come in the order of their names, so that the first other name ends it.
      const more: boolean = page.IsTruncated === true && matching.length === (page.ResourceRecordSets ?? []).length;
      next =
        more && page.NextRecordName
          ? {
              StartRecordName: page.NextRecordName,
              StartRecordType: page.NextRecordType,
              ...(page.NextRecordIdentifier ? { StartRecordIdentifier: page.NextRecordIdentifier } : {}),
            }
          : undefined;
    }
    const sets = record.types.flatMap((type) =>
      (['primary', 'standby'] as const).map((side) => {
        const set = found.find((candidate) => candidate.Type === type && candidate.SetIdentifier === sides[side].setIdentifier);
        const what = `${type} record ${record.name} of set '${sides[side].setIdentifier}' in zone ${record.hostedZoneId}`;
        if (!set) throw new RecordsUnfitError(`there is no ${what}; create it, or mend sides.${side}.setIdentifier`);
        if (set.Weight === undefined) throw new RecordsUnfitError(`the ${what} is not weighted; Forestall shifts weighted records only`);
        if (!set.HealthCheckId) throw new RecordsUnfitError(`the ${what} has no health check; attach the side's calculated health check`);
        return { side, set };
      }),
    );
    const of = (side: SideName) => sets.filter((entry) => entry.side === side).map(({ set }) => set);
    for (const side of ['primary', 'standby'] as const)
      if (new Set(of(side).map(({ Weight }) => Weight)).size > 1)
        throw new RecordsUnfitError(`the records of ${side} have different weights; give all types of ${record.name} the same`);
    return {
      sets,
      weights: { primary: of('primary')[0]?.Weight ?? 0, standby: of('standby')[0]?.Weight ?? 0 },
      healthCheckIds: { primary: of('primary')[0]?.HealthCheckId ?? '', standby: of('standby')[0]?.HealthCheckId ?? '' },
    };
  }

  /**
   * Sets both sides' weights for all types in one batch, only if they still are `expected`. Returns the change's id, or undefined when
   * the weights are set already (a retry whose first answer was lost). Throws WeightsChangedError.
   */
  async setWeights(plan: Plan, expected: Weights, wanted: Weights): Promise<string | undefined> {
    const { sets, weights } = await this.read(plan);
    if (equal(weights, wanted)) return undefined;
    if (!equal(weights, expected))
      throw new WeightsChangedError(
        `the weights of ${plan.record.name} are ${weights.primary}/${weights.standby}, not ${expected.primary}/${expected.standby} as Forestall left them: somebody else changed them`,
      );
    // DELETE must match the standing record exactly, so that a change made since the read above fails the whole batch.
    const changes = sets
      .filter(({ side, set }) => set.Weight !== wanted[side])
      .flatMap(({ side, set }) => [
        { Action: 'DELETE' as const, ResourceRecordSet: set },
        { Action: 'CREATE' as const, ResourceRecordSet: { ...set, Weight: wanted[side] } },
      ]);
    try {
      const { ChangeInfo } = await this.#client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: plan.record.hostedZoneId,
          ChangeBatch: { Comment: `Forestall: ${plan.service}`, Changes: changes },
        }),
      );
      return ChangeInfo?.Id;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'InvalidChangeBatch')) throw error;
      const now = await this.read(plan);
      if (equal(now.weights, wanted)) return undefined;
      throw new WeightsChangedError(`the records of ${plan.record.name} changed while Forestall was setting ${wanted.primary}/${wanted.standby}`, {
        cause: error,
      });
    }
  }

  /** Whether a change has reached all of Route 53's servers. */
  async isInSync(changeId: string): Promise<boolean> {
    const { ChangeInfo } = await this.#client.send(new GetChangeCommand({ Id: changeId }));
    return ChangeInfo?.Status === 'INSYNC';
  }

  /** The endpoint check within a record's health check: itself, or the child of a calculated check that is neither calculated nor an alarm's. */
  async endpointCheck(healthCheckId: string): Promise<string | undefined> {
    const { HealthCheck } = await this.#client.send(new GetHealthCheckCommand({ HealthCheckId: healthCheckId }));
    const config = HealthCheck?.HealthCheckConfig;
    if (config?.Type === 'CLOUDWATCH_METRIC' || config?.Type === 'RECOVERY_CONTROL') return undefined;
    if (config?.Type !== 'CALCULATED') return healthCheckId;
    for (const child of config.ChildHealthChecks ?? []) {
      const endpoint = await this.endpointCheck(child);
      if (endpoint) return endpoint;
    }
    return undefined;
  }
}

const equal = (a: Weights, b: Weights) => a.primary === b.primary && a.standby === b.standby;
