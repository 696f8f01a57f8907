// Resource kinds by name.
import type { ResourceKind } from '../../core/contracts/plan-sides.ts';
import { ec2Instance } from './ec2-instance.ts';
import type { ResourceKindPort } from './port.ts';

export const resourceKinds: Readonly<Record<ResourceKind, ResourceKindPort>> = { 'ec2-instance': ec2Instance };
