// Connects applyPlan to AWS: the real adapters, for the command line and the rehearsal alike.
import { defaultTableName, environment } from '../../core/contracts/deployment.ts';
import { readHostedZone } from '../adapters/hosted-zone.ts';
import { findInstances } from '../adapters/instance-lookup.ts';
import { PlanStore } from '../adapters/plan-store.ts';
import type { ApplyPlanPorts } from './apply-plan.ts';

/** `controlRegion`: where the tables are. Their names come from the environment, or are the ones that are deployed by default. */
export function connectApplyPlan(controlRegion: string, env: Readonly<Record<string, string | undefined>>): ApplyPlanPorts {
  const tables = {
    services: env[environment.servicesTable] ?? defaultTableName('services'),
    resources: env[environment.resourcesTable] ?? defaultTableName('resources'),
  };
  return { store: new PlanStore(controlRegion, tables), readHostedZone, findInstances };
}
