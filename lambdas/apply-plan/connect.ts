// Connects applyPlan to AWS: the real adapters, for the command line and the rehearsal alike.
import { defaultTableName, environment } from '../../core/contracts/deployment.ts';
import { readHostedZone } from '../adapters/hosted-zone.ts';
import { findInstances } from '../adapters/instance-lookup.ts';
import { PlanStore } from '../adapters/plan-store.ts';
import { RecordRouter } from '../adapters/record-router.ts';
import { ServiceStore } from '../adapters/service-store.ts';
import { driverOf } from '../drivers/registry.ts';
import type { ApplyPlanPorts } from './apply-plan.ts';

/** `controlRegion`: where the tables are. Their names come from the environment, or are the ones that are deployed by default. */
export function connectApplyPlan(controlRegion: string, env: Readonly<Record<string, string | undefined>>): ApplyPlanPorts {
  const tables = {
    services: env[environment.servicesTable] ?? defaultTableName('services'),
    resources: env[environment.resourcesTable] ?? defaultTableName('resources'),
  };
  const services = { router: new RecordRouter(), services: new ServiceStore(controlRegion, tables.services), now: () => Date.now() };
  return {
    store: new PlanStore(controlRegion, tables),
    readHostedZone,
    findInstances,
    readDriver: (plan, settings) => driverOf(settings).read({ plan, settings, services }),
  };
}
