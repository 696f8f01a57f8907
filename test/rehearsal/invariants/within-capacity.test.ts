// I2: a good trace holds, and each way to break it is caught.
import { beforeEach, describe, expect, it } from 'vitest';
import { WithinCapacity } from '../../../rehearsal/invariants/within-capacity.ts';
import { call, failover, ledgerWith, minute, primary, setWeights, start, worldOf } from './trace.ts';

let records: ReturnType<typeof ledgerWith>;
let world: ReturnType<typeof worldOf>;
beforeEach(() => {
  records = ledgerWith();
  world = worldOf();
});

describe('I2', () => {
  const began = (visible = { primary: 100, standby: 0 }) => new WithinCapacity(records.ledger, world.view, () => visible);
  const terminate = (...ids: string[]) => call('TerminateInstances', { InstanceIds: ids });

  it('holds for a step that the side is ready for, and each minute that shows judged weights', () => {
    const visible = { primary: 100, standby: 0 };
    const invariant = began(visible);
    invariant.minute(start);
    world.state.ready.standby = ['i-7'];
    invariant.call(setWeights({ primary: 90, standby: 10 }));
    Object.assign(visible, { primary: 90, standby: 10 });
    invariant.minute(start + minute);
    expect(invariant.tally.result).toMatchObject({ held: true, checks: 4 });
  });

  it('catches a step beyond ready capacity', () => {
    const invariant = began();
    world.state.ready.standby = ['i-7'];
    invariant.call(setWeights({ primary: 50, standby: 50 }));
    expect(invariant.tally.violations[0]?.detail).toContain('standby was given 50 of 100: 150.0 requests a second, ready for 120.0');
  });

  it('catches a roll-back onto a side that cannot carry it', () => {
    const invariant = began({ primary: 0, standby: 100 });
    world.state.ready.primary = ['i-1'];
    invariant.call(setWeights({ primary: 100, standby: 0 }));
    expect(invariant.tally.result.held).toBe(false);
  });

  it('catches a standby that is taken apart while traffic is sent to it, even when the balancer still names what was ended', () => {
    const invariant = began({ primary: 50, standby: 50 });
    invariant.call(terminate('i-9'));
    expect(invariant.tally.result).toMatchObject({ held: true, checks: 1 });
    invariant.call(call('DeregisterTargets', { TargetGroupArn: 'x', Targets: [{ Id: 'i-8' }] }));
    expect(invariant.tally.violations[0]?.detail).toBe('DeregisterTargets left the standby ready for 120.0 requests a second, with 150.0 sent to it');
  });

  it('catches the same on the primary, each minute, once it gets traffic again', () => {
    const visible = { primary: 0, standby: 100 };
    const invariant = began(visible);
    world.state.routed = { primary: 0, standby: 1 };
    invariant.call(call('StopInstances', { InstanceIds: ['i-1', 'i-2'] }, { region: primary.region }));
    invariant.minute(start);
    expect(invariant.tally.result.held).toBe(true);
    world.state.routed = { primary: 1, standby: 0 };
    invariant.minute(start + minute);
    expect(invariant.tally.violations[0]?.detail).toBe('what Forestall took has left the primary ready for 240.0 requests a second, with 300.0 sent to it');
  });

  it('catches a scale-down that demand known a moment later does not allow', () => {
    const invariant = began({ primary: 0, standby: 100 });
    world.state.demand = 200;
    invariant.call(terminate('i-9'));
    world.state.ready.standby = ['i-7', 'i-8'];
    expect(invariant.tally.result.held).toBe(true);
    world.state.demand = 300;
    invariant.minute(start + minute);
    expect(invariant.tally.violations).toHaveLength(1);
  });

  it('catches the same when health checks send the traffic, and lets an idle standby go', () => {
    const invariant = began();
    invariant.call(terminate('i-7', 'i-8'));
    expect(invariant.tally.result).toMatchObject({ held: true, checks: 1 });
    world.state.routed = { primary: 0, standby: 1 };
    invariant.call(terminate('i-9'));
    expect(invariant.tally.result.held).toBe(false);
  });

  it('does not blame Forestall for load that grows, for hosts that the fault killed, or for ending those', () => {
    const visible = { primary: 0, standby: 100 };
    const invariant = began(visible);
    world.state.demand = 3000;
    invariant.minute(start);
    world.state.demand = 300;
    world.state.ready.standby = ['i-7'];
    invariant.observe();
    invariant.minute(start + minute);
    invariant.call(terminate('i-8', 'i-9'));
    invariant.minute(start + 2 * minute);
    expect(invariant.tally.result.held).toBe(true);
  });

  it('answers for what was taken a quarter of an hour, or until it is given back', () => {
    const visible = { primary: 0, standby: 100 };
    const late = began(visible);
    world.state.demand = 100;
    late.call(terminate('i-8', 'i-9'));
    world.state.demand = 300;
    late.minute(start + 16 * minute);
    expect(late.tally.result.held).toBe(true);
    const returned = began(visible);
    world.state.demand = 100;
    returned.call(call('DeregisterTargets', { Targets: [{ Id: 'i-8' }, { Id: 'i-9' }] }));
    returned.call(call('RegisterTargets', { Targets: [{ Id: 'i-8' }, { Id: 'i-9' }] }));
    world.state.demand = 300;
    returned.minute(start + minute);
    expect(returned.tally.result.held).toBe(true);
  });

  it('allows anything in an evacuation', () => {
    records.failover(failover({ kind: 'evacuation' }));
    const invariant = began();
    world.state.routed = { primary: 0, standby: 1 };
    invariant.call(terminate('i-8', 'i-9'));
    invariant.minute(start);
    world.state.ready.standby = [];
    invariant.call(setWeights({ primary: 0, standby: 100 }));
    expect(invariant.tally.result).toMatchObject({ held: true, checks: 5 });
  });

  it('catches two weights of 0, and weights that nobody judged', () => {
    const invariant = began();
    invariant.call(setWeights({ primary: 0 }));
    expect(invariant.tally.result.held).toBe(false);
    const visible = { primary: 100, standby: 0 };
    const other = new WithinCapacity(records.ledger, world.view, () => visible);
    visible.standby = 50;
    other.minute(start);
    expect(other.tally.violations).toHaveLength(1);
  });
});
