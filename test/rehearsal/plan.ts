// The plan that the rehearsal's tests use: the default one.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Plan } from '../../core/contracts/plan.ts';

export const shop = Plan.parse(parse(readFileSync(new URL('../../plans/shop.yaml', import.meta.url), 'utf8')));
