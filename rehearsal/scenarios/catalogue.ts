// All scenarios by name, in the order in which `all` plays them.
import { badStandby } from './bad-standby.ts';
import { calm } from './calm.ts';
import { drill } from './drill.ts';
import { exhaustion, leakStops } from './exhaustion.ts';
import { grayFailure } from './gray-failure.ts';
import type { Scenario } from './scenario.ts';
import { suddenDeath } from './sudden-death.ts';
import { transientSpike } from './transient-spike.ts';

export const scenarios: readonly Scenario[] = [grayFailure, exhaustion, leakStops, transientSpike, badStandby, suddenDeath, drill, calm];

export const scenarioNamed = (name: string): Scenario | undefined => scenarios.find((scenario) => scenario.name === name);
