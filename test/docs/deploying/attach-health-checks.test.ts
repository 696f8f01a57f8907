// Health checks are attached without losing anything else of a record.
import { expect, test } from 'vitest';
import { attachHealthChecks } from '../../../docs/deploying/attach-health-checks.ts';

const record = (SetIdentifier: string, Weight: number, more: object = {}) => ({
  Name: 'shop.example.com.',
  Type: 'A',
  SetIdentifier,
  Weight,
  AliasTarget: { HostedZoneId: 'Z1', DNSName: `${SetIdentifier}.elb.amazonaws.com.`, EvaluateTargetHealth: false },
  ...more,
});
const records = [record('primary', 100), record('standby', 0, { HealthCheckId: 'old' })];

test('deletes what was read and creates the same with the check', () => {
  const { Changes } = attachHealthChecks(
    records,
    new Map([
      ['primary', 'a'],
      ['standby', 'b'],
    ]),
  );
  expect(Changes).toEqual([
    { Action: 'DELETE', ResourceRecordSet: records[0] },
    { Action: 'CREATE', ResourceRecordSet: record('primary', 100, { HealthCheckId: 'a' }) },
    { Action: 'DELETE', ResourceRecordSet: records[1] },
    { Action: 'CREATE', ResourceRecordSet: record('standby', 0, { HealthCheckId: 'b' }) },
  ]);
});

test('detaches, and leaves alone what is as it should be', () => {
  const { Changes } = attachHealthChecks(
    records,
    new Map([
      ['primary', ''],
      ['standby', ''],
    ]),
  );
  expect(Changes).toEqual([
    { Action: 'DELETE', ResourceRecordSet: records[1] },
    { Action: 'CREATE', ResourceRecordSet: record('standby', 0) },
  ]);
});

test('every type of record of a side gets the check', () => {
  const both = [record('primary', 100), record('primary', 100, { Type: 'AAAA' })];
  const { Changes } = attachHealthChecks(both, new Map([['primary', 'a']]));
  expect(
    Changes.filter(({ Action }) => Action === 'CREATE').map(({ ResourceRecordSet }) => [ResourceRecordSet['Type'], ResourceRecordSet['HealthCheckId']]),
  ).toEqual([
    ['A', 'a'],
    ['AAAA', 'a'],
  ]);
});

test('refuses a record without a check, and a check without a record', () => {
  expect(() => attachHealthChecks(records, new Map([['primary', 'a']]))).toThrow('name a health check for the record standby, as in standby=ID');
  expect(() =>
    attachHealthChecks(
      records,
      new Map([
        ['primary', 'a'],
        ['standby', 'b'],
        ['third', 'c'],
      ]),
    ),
  ).toThrow('no record with the SetIdentifier third');
});

test('says so when nothing is to be changed', () => {
  expect(() => attachHealthChecks([record('primary', 100)], new Map([['primary', '']]))).toThrow('nothing to change');
});
