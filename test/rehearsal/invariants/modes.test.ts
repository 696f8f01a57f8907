// I7: a good trace holds, and each way to break it is caught.
import { beforeEach, describe, expect, it } from 'vitest';
import { ownershipTag } from '../../../core/contracts/deployment.ts';
import type { Mode } from '../../../core/contracts/plan.ts';
import type { CallRecord } from '../../../rehearsal/cloud/call.ts';
import type { InstanceView } from '../../../rehearsal/cloud/cloud.ts';
import { ModeIsRespected } from '../../../rehearsal/invariants/modes.ts';
import { call, instance, ledgerWith, ownInstance, plan, primary, setRecord, setWeights, setWeightsIn, standby, start } from './trace.ts';

let records: ReturnType<typeof ledgerWith>;
beforeEach(() => {
  records = ledgerWith();
});

describe('I7', () => {
  const tagged = (ResourceType: string) => ({ TagSpecifications: [{ ResourceType, Tags: [{ Key: ownershipTag, Value: plan.service }] }] });
  const run = { LaunchTemplate: { LaunchTemplateId: standby.launchTemplate.id }, ...tagged('instance') };
  const latchOf = (service: string) => ({
    Namespace: 'Forestall',
    MetricData: [{ MetricName: 'SideEvacuated', Value: 1, Dimensions: [{ Name: 'Service', Value: service }] }],
  });
  const latch = call('PutMetricData', latchOf(plan.service), { service: 'cloudwatch', mutating: false });
  const inPrimary = { region: primary.region };
  const taken = call(
    'CreateSnapshots',
    { InstanceSpecification: { InstanceId: 'i-1' }, ...tagged('snapshot') },
    { ...inPrimary, output: { Snapshots: [{ SnapshotId: 'snap-1' }] } },
  );
  const copy = { SourceRegion: primary.region, SourceSnapshotId: 'snap-1', KmsKeyId: standby.kmsKeyArn, ...tagged('snapshot') };
  const copied = call('CopySnapshot', copy, { output: { SnapshotId: 'snap-2' } });
  const { targetGroupArn: TargetGroupArn } = standby.loadBalancer;
  const instances: Readonly<Record<string, InstanceView>> = {
    'i-1': { ...instance('i-1', 'running'), tags: { service: 'shop', side: 'primary' } },
    'i-2': instance('i-2', 'running'),
    'i-8': instance('i-8', 'running', standby.region),
    'i-9': ownInstance('i-9'),
  };
  const began = (mode: Mode = 'act') => {
    records.service({ mode });
    return new ModeIsRespected(records.ledger, (id) => instances[id]);
  };

  it.each(['observe', 'advise'] as const)('catches a mutating call and a latch in mode %s', (mode) => {
    const invariant = began(mode);
    invariant.call(call('RunInstances', run));
    invariant.call(latch);
    invariant.minute(start);
    expect(invariant.tally.violations).toHaveLength(3);
  });

  it('judges a call by the mode at its time', () => {
    const invariant = began();
    invariant.call(call('RunInstances', run));
    records.service({ mode: 'advise' });
    invariant.call(call('RunInstances', run));
    expect(invariant.tally).toMatchObject({ result: { checks: 2 }, violations: [{ detail: 'ec2:RunInstances in eu-central-1 in mode advise' }] });
  });

  it('holds for reads, for the world, and each quiet minute outside act', () => {
    const quiet = began('observe');
    quiet.call(call('DescribeInstances', {}, { mutating: false }));
    quiet.call(call('RunInstances', {}, { caller: 'world' }));
    quiet.minute(start);
    expect(quiet.tally.result).toEqual({ id: 'I7', held: true, checks: 1 });
  });

  it('counts in act what the plan allows, call by call, and no minutes', () => {
    const invariant = began();
    const calls = [
      call('RunInstances', run),
      call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-9' }] }),
      call('DeregisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-9' }] }),
      call('TerminateInstances', { InstanceIds: ['i-9'] }),
      taken,
      copied,
      call('DeleteSnapshot', { SnapshotId: 'snap-1' }, inPrimary),
      call('DeleteSnapshot', { SnapshotId: 'snap-2' }),
      setWeights({ primary: 90, standby: 10 }),
      latch,
    ];
    for (const one of calls) invariant.call(one);
    invariant.minute(start);
    expect(invariant.tally).toMatchObject({ violations: [], result: { held: true, checks: calls.length } });
    invariant.end(start, calls);
    expect(invariant.tally.result).toEqual({ id: 'I7', held: true, checks: calls.length + 1 });
  });

  it.each<[string, CallRecord, string]>([
    ['another hosted zone', setWeightsIn({ HostedZoneId: 'ZOTHER' }), 'hosted zone'],
    ['another name', setRecord({ Name: 'mail.example.com' }), 'mail.example.com'],
    ['another type', setRecord({ Type: 'MX' }), 'MX'],
    ['another record of the name', setRecord({ SetIdentifier: 'third' }), 'third'],
    ['a launch in another Region', call('RunInstances', run, inPrimary), 'not the standby'],
    ['a launch from another template', call('RunInstances', { ...run, LaunchTemplate: { LaunchTemplateId: 'lt-0' } }), 'launch template'],
    ['a launch without the tag', call('RunInstances', { LaunchTemplate: run.LaunchTemplate }), 'no tag'],
    ["the end of a customer's instance", call('TerminateInstances', { InstanceIds: ['i-9', 'i-8'] }), 'i-8'],
    ["the stop of a customer's instance", call('StopInstances', { InstanceIds: ['i-1'] }, inPrimary), 'i-1'],
    [
      "the primary's target group",
      call('DeregisterTargets', { TargetGroupArn: primary.loadBalancer.targetGroupArn, Targets: [{ Id: 'i-1' }] }),
      'target group',
    ],
    ["a customer's instance in the group", call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-8' }] }), 'i-8'],
    [
      'a snapshot of what the plan does not select',
      call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-2' }, ...tagged('snapshot') }, inPrimary),
      'i-2',
    ],
    ['a snapshot without the tag', call('CreateSnapshots', { InstanceSpecification: { InstanceId: 'i-1' } }, inPrimary), 'no tag'],
    ["a copy of a customer's snapshot", call('CopySnapshot', { ...copy, SourceSnapshotId: 'snap-of-the-customer' }), 'snap-of-the-customer'],
    ['a copy into another Region', call('CopySnapshot', copy, inPrimary), 'not from the primary'],
    ['a copy under another key', call('CopySnapshot', { ...copy, KmsKeyId: 'other' }), 'key'],
    ["the deletion of a customer's snapshot", call('DeleteSnapshot', { SnapshotId: 'snap-of-the-customer' }), 'snap-of-the-customer'],
    ["another service's latch", call('PutMetricData', latchOf('blog'), { mutating: false }), 'another service'],
    ['a latch in another Region', { ...latch, region: primary.region }, 'control Region'],
    ['an operation of another kind', call('CreateLaunchTemplate', {}), 'no plan allows'],
  ])('catches in act %s', (_what, record, detail) => {
    const invariant = began();
    invariant.call(taken);
    invariant.call(record);
    expect(invariant.tally.violations).toHaveLength(1);
    expect(invariant.tally.violations[0]?.detail).toContain(detail);
  });

  it('catches a call that was never judged', () => {
    const invariant = began();
    invariant.end(start, [call('RunInstances', run)]);
    expect(invariant.tally.result).toEqual({ id: 'I7', held: false, checks: 1 });
  });
});
