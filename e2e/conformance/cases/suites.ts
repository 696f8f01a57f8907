// All cases, by service.
import type { Suite } from '../case.ts';
import { cloudwatch } from './cloudwatch.ts';
import { deployments } from './deployments.ts';
import { ec2 } from './ec2.ts';
import { executions } from './executions.ts';
import { forwarding } from './forwarding.ts';
import { healthChecks } from './health-checks.ts';
import { loadBalancing } from './load-balancing.ts';
import { messaging } from './messaging.ts';
import { parameters } from './parameters.ts';
import { quotas } from './quotas.ts';
import { records } from './records.ts';
import { snapshots } from './snapshots.ts';
import { tables } from './tables.ts';

export const suites: readonly Suite[] = [
  ec2,
  snapshots,
  records,
  healthChecks,
  cloudwatch,
  loadBalancing,
  forwarding,
  parameters,
  deployments,
  quotas,
  messaging,
  executions,
  tables,
];
