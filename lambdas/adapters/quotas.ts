// Service Quotas: how much of something the account may run in a Region.
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { logger } from '../logger.ts';
import { clientFor } from './clients.ts';

/** ms; nothing waits for a quota. */
const timeout = 2_000;

export class Quotas {
  /** The quota's value. undefined: it cannot be read, which is no refusal. */
  async value(region: string, quota: { readonly serviceCode: string; readonly quotaCode: string }): Promise<number | undefined> {
    try {
      const { Quota } = await clientFor(ServiceQuotasClient, region, timeout).send(
        new GetServiceQuotaCommand({ ServiceCode: quota.serviceCode, QuotaCode: quota.quotaCode }),
      );
      return Quota?.Value;
    } catch (error) {
      logger.warn('quota not read', { region, ...quota, error: error as Error });
      return undefined;
    }
  }
}
