// Each call of the simulated cloud knows which function made it, also when several run at once and wait in virtual time.
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { clientFor } from '../../../lambdas/adapters/clients.ts';
import type { CallRecord } from '../../../rehearsal/cloud/call.ts';
import { rehearse, start } from './rehearsal.ts';

it('tells the calls of functions apart, and those of nobody', async () => {
  const see = () => clientFor(EC2Client, 'eu-west-1').send(new DescribeInstancesCommand({}));
  const twice = (wait: number) => async () => {
    await see();
    await new Promise((resolve) => setTimeout(resolve, wait));
    await see();
  };
  const runtime = await rehearse({ 'plan-mirroring': twice(3_000), 'check-standby': twice(1_000) });
  const calls: Pick<CallRecord, 'at' | 'functionName'>[] = [];
  runtime.cloud.onCall(({ at, functionName }) => calls.push({ at: at - start, functionName }));
  // The world looks while a function does: that is no call of the function's.
  let looked = false;
  runtime.cloud.onCall(({ functionName }) => {
    if (functionName === undefined || looked) return;
    looked = true;
    void runtime.cloud.client(EC2Client, 'eu-west-1').send(new DescribeInstancesCommand({}));
  });
  const running = Promise.all([runtime.invoke('plan-mirroring', {}), runtime.invoke('check-standby', {})]);
  await runtime.runUntil(start + 10_000);
  await running;
  await see();
  expect(calls.filter(({ at }) => at > 0)).toEqual([
    { at: 1_000, functionName: 'check-standby' },
    { at: 3_000, functionName: 'plan-mirroring' },
    { at: 10_000, functionName: undefined },
  ]);
  expect(
    calls
      .filter(({ at }) => at === 0)
      .map(({ functionName }) => functionName)
      .sort(),
  ).toEqual(['check-standby', 'plan-mirroring', undefined]);
});
