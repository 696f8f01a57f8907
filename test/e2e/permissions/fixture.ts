// What the templates of a plan allow, synthesised without bundling.
import type { Plan } from '../../../core/contracts/plan.ts';
import { type Policies, policiesOf } from '../../../e2e/permissions/policies.ts';
import { control, synthesise } from '../../lib/fixture-app.ts';

export const account = '123456789012';

/** The Region is in the name of a stack: the control Region, or, of the stack that forwards events, the one observed. */
const regionOf = (stack: string): string => /events-of-([a-z0-9-]+)$/.exec(stack)?.[1] ?? 'eu-central-1';

export const policiesFor = (plan: Plan): Policies =>
  policiesOf(
    [...synthesise({ controlRegions: [control(plan)] }).templates].map(([stack, template]) => ({ region: regionOf(stack), template: template.toJSON() })),
    account,
  );
