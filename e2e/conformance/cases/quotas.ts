// Service Quotas: a quota, and one that is none. The emulators know those of VPC only.
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { type Case, home, moto, suite } from '../case.ts';

const quota = (name: string, ServiceCode: string, QuotaCode: string, same: readonly string[]): Case<undefined> => ({
  operation: 'servicequotas:GetServiceQuota',
  name,
  on: moto,
  same,
  call: (stage) => stage.client(ServiceQuotasClient, home).send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode })),
});

export const quotas = suite<undefined>(
  async () => undefined,
  [
    quota('of peering connections', 'vpc', 'L-7E9ECCDB', ['Quota.QuotaCode', 'Quota.ServiceCode', 'Quota.Value', 'Quota.Unit', 'Quota.GlobalQuota']),
    quota('absent', 'vpc', 'L-00000000', []),
    quota('of a service that is none', 'nothing', 'L-7E9ECCDB', []),
  ],
);
