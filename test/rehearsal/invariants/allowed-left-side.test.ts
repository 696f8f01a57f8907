// What a plan allows on a side that was left, and what it does not.
import { describe, expect, it } from 'vitest';
import { ownershipTag } from '../../../core/contracts/deployment.ts';
import { type LeftSideCall, objectionOnLeftSide } from '../../../rehearsal/invariants/allowed-left-side.ts';
import { instance, plan, primary } from './trace.ts';

const template = { id: 'lt-0123456789abcdef1', version: '$Default' };
const planFor = (losingSide: 'standby' | 'decommission' | 'rebuild') => ({
  ...plan,
  after: { ...plan.after, losingSide },
  sides: { ...plan.sides, primary: { ...primary, launchTemplate: template } },
});
const tags = { [ownershipTag]: plan.service };
const views = {
  tagged: { ...instance('tagged', 'running'), tags },
  made: { ...instance('made', 'running'), tags, launchTemplateId: template.id },
  untagged: instance('untagged', 'running'),
  elsewhere: { ...instance('elsewhere', 'running', 'eu-central-1'), tags },
};
const objection = (losingSide: Parameters<typeof planFor>[0], call: Partial<LeftSideCall>) =>
  objectionOnLeftSide(
    planFor(losingSide),
    { operation: 'StopInstances', region: primary.region, instances: [], ...call },
    (id) => views[id as keyof typeof views],
  );
const { targetGroupArn } = primary.loadBalancer;

describe('on a side that was left', () => {
  it.each<['decommission' | 'rebuild', Partial<LeftSideCall>]>([
    ['decommission', { operation: 'DeregisterTargets', instances: ['tagged'], targetGroupArn }],
    ['decommission', { operation: 'StopInstances', instances: ['tagged'] }],
    ['rebuild', { operation: 'RunInstances', launchTemplateId: template.id }],
    ['rebuild', { operation: 'RegisterTargets', instances: ['made'], targetGroupArn }],
    ['rebuild', { operation: 'DeregisterTargets', instances: ['tagged'], targetGroupArn }],
    ['rebuild', { operation: 'TerminateInstances', instances: ['tagged'] }],
  ])('a plan that wants %s allows %o', (losingSide, call) => expect(objection(losingSide, call)).toBeUndefined());

  it.each<[string, 'standby' | 'decommission' | 'rebuild', Partial<LeftSideCall>, RegExp]>([
    ['anything, when it is to stay', 'standby', { instances: ['tagged'] }, /wants nothing of the kind/],
    ['the end of what is to be stopped', 'decommission', { operation: 'TerminateInstances', instances: ['tagged'] }, /wants nothing of the kind/],
    ['the stop of what is to be replaced', 'rebuild', { instances: ['tagged'] }, /wants nothing of the kind/],
    ['a launch where nothing is rebuilt', 'decommission', { operation: 'RunInstances', launchTemplateId: template.id }, /wants nothing of the kind/],
    ['what nobody has tagged', 'decommission', { instances: ['tagged', 'untagged'] }, /untagged/],
    ['what is in another Region', 'decommission', { instances: ['elsewhere'] }, /elsewhere/],
    ['another target group', 'decommission', { operation: 'DeregisterTargets', instances: ['tagged'], targetGroupArn: 'other' }, /target group other/],
    ['another template', 'rebuild', { operation: 'RunInstances', launchTemplateId: 'lt-0' }, /launch template lt-0/],
    ['the registration of what was not made', 'rebuild', { operation: 'RegisterTargets', instances: ['tagged'], targetGroupArn }, /tagged/],
  ])('%s is caught', (_what, losingSide, call, found) => expect(objection(losingSide, call)).toMatch(found));
});
