// A service with every driver goes over and home again, with Forestall's own functions and machines on the simulated cloud.
import { readFileSync } from 'node:fs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Plan } from '../../core/contracts/plan.ts';
import type { DriverName, DriverOf } from '../../core/contracts/plan-drivers.ts';
import { type Companion, type ForestallArm, playForestall } from '../../rehearsal/arms/forestall.ts';
import { safetyCompanion } from '../../rehearsal/invariants/companion.ts';
import { drill } from '../../rehearsal/scenarios/drill.ts';
import { drawRun } from '../../rehearsal/scenarios/scenario.ts';

const example = parse(readFileSync(new URL('../../plans/drivers.yaml', import.meta.url), 'utf8'));
const plan = Plan.parse({ ...example, mode: 'act', criticality: 'critical' });
const settingsOf = <Name extends DriverName>(name: Name) => plan.drivers.find(({ driver }) => driver === name) as DriverOf<Name>;
const rule = settingsOf('load-balancer-weights');
const parameter = settingsOf('ssm-parameter');
const configuration = settingsOf('appconfig');
const zonal = settingsOf('zonal-shift');

/** Every state that the things behind the drivers have had, in order. */
function watch() {
  const seen: string[] = [];
  let calls: ForestallArm['runtime']['cloud']['calls'] = [];
  const companion: Companion = {
    tick({ runtime }) {
      const { physical } = runtime.cloud;
      const forwarded = Math.round(physical.forwardShare(rule.ruleArn ?? '', rule.targetGroups.standby) * 100);
      const state = [
        forwarded,
        physical.parameter(parameter.region, parameter.name),
        physical.configuration(configuration),
        physical.zonesLeft(zonal.loadBalancerArn).join() || 'no zone left',
      ].join(' ');
      if (seen.at(-1) !== state) seen.push(state);
      calls = runtime.cloud.calls;
    },
  };
  return {
    seen,
    companion,
    changes: () => calls.filter(({ operation, error }) => error === undefined && /PutParameter|StartDeployment|ZonalShift/.test(operation)),
  };
}

it('switches in the order of the plan when the traffic has moved, and back when it comes home', async () => {
  const run = drawRun(drill, 1, plan);
  const safety = safetyCompanion(run);
  const { seen, companion, changes } = watch();
  const { timeline } = await playForestall(run, [safety, companion]);
  expect(safety.report().violations).toEqual([]);
  expect(timeline.failovers.map(({ outcome }) => outcome)).toEqual(['failed-over', 'failed-over']);
  expect(seen).toEqual([
    '0 ireland 1 no zone left',
    // The balancer takes every step that DNS takes, and the switches wait until the users are there.
    ...['1', '5', '25', '50', '100'].map((percent) => `${percent} ireland 1 no zone left`),
    // The parameter and the deployment are asked for in one minute; the deployment's bake is waited for before the zone is left.
    '100 frankfurt 2 no zone left',
    '100 frankfurt 2 euw1-az1',
    ...['99', '95', '75', '50', '0'].map((percent) => `${percent} frankfurt 2 euw1-az1`),
    '0 ireland 1 euw1-az1',
    '0 ireland 1 no zone left',
  ]);
  // Each was asked for once a way, whatever was retried and waited for.
  expect(changes().map(({ operation, region }) => `${operation} in ${region}`)).toEqual([
    'PutParameter in eu-central-1',
    'StartDeployment in eu-central-1',
    'StartZonalShift in eu-west-1',
    'PutParameter in eu-central-1',
    'StartDeployment in eu-central-1',
    'CancelZonalShift in eu-west-1',
  ]);
});

it('stops between two switches when one is not as Forestall left it, and says how far it came', async () => {
  const run = drawRun(drill, 1, plan);
  const safety = safetyCompanion(run);
  const { seen, companion } = watch();
  // Somebody writes the parameter while users are being moved.
  const somebody: Companion = {
    begin({ runtime }) {
      runtime.cloud.onCall(({ operation, caller }) => {
        if (operation !== 'ModifyRule' || caller !== 'forestall' || runtime.cloud.physical.parameter(parameter.region, parameter.name) === 'paris') return;
        const put = new PutParameterCommand({ Name: parameter.name, Value: 'paris', Overwrite: true });
        void runtime.cloud.client(SSMClient, parameter.region).send(put);
      });
    },
  };
  const { timeline, result } = await playForestall(run, [safety, somebody, companion]);
  expect(safety.report().violations).toEqual([]);
  expect(timeline.failovers.map(({ outcome }) => outcome)).toEqual(['halted']);
  // The users stay where they are: the traffic has moved, and nothing is taken back onto a side silently.
  expect(result.finalWeights).toEqual({ primary: 0, standby: 100 });
  expect(seen.at(-1)).toBe('100 paris 1 no zone left');
  const told = timeline.failovers[0]?.events.at(-1)?.reasons ?? [];
  expect(told.join('\n')).toMatch(/DriverRefusedError: the parameter .* has a value that is neither side's/);
  expect(told.join('\n')).toMatch(/load-balancer-weights:.*: done since/);
  expect(told.join('\n')).toMatch(/ssm-parameter:.*: asked, without an answer, since/);
  expect(told).toContain('see the runbook "A hand-over stopped between two drivers"');
});
