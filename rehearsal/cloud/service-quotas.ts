// Service Quotas of every Region: the one that launching instances meets, with the value of an account that has grown a little, and one besides.
import * as sdk from '@aws-sdk/client-service-quotas';
import { faultsOf } from './fault.ts';
import { reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'ServiceQuotasServiceException');
const quotas: readonly sdk.ServiceQuota[] = [
  {
    ServiceCode: 'ec2',
    ServiceName: 'Amazon Elastic Compute Cloud (Amazon EC2)',
    QuotaCode: 'L-1216C47A',
    QuotaName: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    Value: 640,
  },
  {
    ServiceCode: 'vpc',
    ServiceName: 'Amazon Virtual Private Cloud (Amazon VPC)',
    QuotaCode: 'L-7E9ECCDB',
    QuotaName: 'Active VPC peering connections per VPC',
    Value: 50,
  },
];

/** Quotas are not enforced: what the simulated EC2 launches has no vCPUs. */
export const serviceQuotas: Service = {
  name: 'servicequotas',
  operations: {
    GetServiceQuota: reads(({ ServiceCode, QuotaCode }: sdk.GetServiceQuotaCommandInput, { region }) => {
      const known = quotas.find((quota) => quota.ServiceCode === ServiceCode && quota.QuotaCode === QuotaCode);
      if (!known) throw fault('NoSuchResourceException', `The request failed because the specified quota ${ServiceCode}/${QuotaCode} does not exist.`);
      const QuotaArn = `arn:aws:servicequotas:${region}:123456789012:${ServiceCode}/${QuotaCode}`;
      return { Quota: { ...known, QuotaArn, Unit: 'None', Adjustable: true, GlobalQuota: false } };
    }),
  },
};
