// The calls of a run on the simulated cloud, sent over the wire by the SDK's clients and read back as the gateway's: the same trace.

import { beforeAll, expect, it } from 'vitest';
import type { CollectedRun } from '../../../e2e/assertions/collect-run.ts';
import { UnattributedCallError } from '../../../e2e/differential/attribution.ts';
import { describeDifference, differencesOf } from '../../../e2e/differential/compare.ts';
import { recordsOfEmulator } from '../../../e2e/differential/from-emulator.ts';
import type { RunRecord } from '../../../e2e/differential/run-record.ts';
import { traceOf } from '../../../e2e/differential/trace.ts';
import type { GatewayRecord } from '../../../e2e/gateway/record.ts';
import { overTheWire } from '../gateway/over-the-wire.ts';
import { grayFailure, play, rewritten } from './runs.ts';

let run: RunRecord;
let wire: GatewayRecord[];
beforeAll(async () => {
  run = await play(grayFailure, 1);
  wire = await overTheWire(run.calls);
});

const collected = (record: RunRecord): CollectedRun => ({
  ...record,
  executions: record.executions.map((execution) => ({ ...execution, endedAt: undefined, attempts: [] })),
  ...{ claims: [], mirrors: [], snapshots: [], latches: [] },
});

it('makes the same trace of the same calls', () => {
  const [record] = recordsOfEmulator([collected(run)], wire);
  if (record === undefined) throw new Error('there is no record');
  expect(record.calls.length).toBeGreaterThan(200);
  expect(differencesOf(traceOf(run), traceOf(record)).map(describeDifference)).toEqual([]);
});

it('keeps services apart that are played at one time, and leaves out who is no function of ours', () => {
  const rename = (text: string) => text.replace(/\bshop\b/g, 'mall').replace(/\b(i|snap)-[0-9a-f]/g, '$1-0');
  const mall = rewritten(run, rename);
  const other = wire.map((record) => ({ ...record, input: JSON.parse(rename(JSON.stringify(record.input))) as unknown }));
  const outside = wire.map((record) => ({ ...record, caller: 'outside', input: {} }));
  const both = [...outside, ...wire, ...other].sort((a, b) => a.at - b.at);
  const [first, second] = recordsOfEmulator([collected(run), collected(mall)], both);
  if (first === undefined || second === undefined) throw new Error('there are not two records');
  expect(mall.plan.service).toBe('mall');
  expect(differencesOf(traceOf(run), traceOf(first)).map(describeDifference)).toEqual([]);
  expect(differencesOf(traceOf(mall), traceOf(second)).map(describeDifference)).toEqual([]);
  expect(second.calls.length).toBe(first.calls.length);
});

it('refuses a call that is about no service', () => {
  const launch = wire.find(({ operation }) => operation === 'RunInstances');
  const stray = { ...launch, input: { MinCount: '1', MaxCount: '1' } } as GatewayRecord;
  expect(() => recordsOfEmulator([collected(run)], [...wire, stray])).toThrow(UnattributedCallError);
});
