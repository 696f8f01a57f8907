// Plans of services that live nowhere: what the emulator would have made, named by hand.
import type { Plan } from '../../../core/contracts/plan.ts';
import { planOf, type ServiceParts } from '../../../e2e/world/plan.ts';

const arn = (region: string, name: string) => `arn:aws:elasticloadbalancing:${region}:123456789012:targetgroup/${name}/6d0ecf831eec9f09`;

export const parts: ServiceParts = {
  service: 'shop',
  hostedZoneId: 'Z0123456789EXAMPLE',
  recordName: 'www.shop.example.com',
  origins: { primary: 'http://127.0.0.1:4001', standby: 'http://127.0.0.1:4002' },
  loadBalancers: {
    primary: { dimension: 'app/shop-primary/50dc6c495c0c9188', targetGroupArn: arn('eu-west-1', 'shop-primary') },
    standby: { dimension: 'app/shop-standby/1a2b3c4d5e6f7081', targetGroupArn: arn('eu-central-1', 'shop-standby') },
  },
  launchTemplateId: 'lt-0a1b2c3d4e5f60718',
  kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};

export const plan: Plan = planOf(parts);
