// failover:approve and service:pause as an operator calls them, against real tables on this machine.
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApproveJson, PauseJson } from '../../bin/commands/operator-json.ts';
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { serviceRecord } from '../fixtures/service.ts';
import { startTables, type TestTables } from '../fixtures/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.close());

/** Asynchronous: the tables are served by this process. */
const run = (command: string, args: string[], env: Record<string, string> = {}) =>
  new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn('node', ['bin/forestall.ts', command, ...args], {
      env: { PATH: process.env['PATH'], INIT_CWD: process.cwd(), AWS_EC2_METADATA_DISABLED: 'true', ...env },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
const there = () => ['--region', 'eu-central-1', '--endpoint-url', tables.endpoint];

const at = '2026-03-02T12:00:00.000Z';
const record = (changes: Partial<FailoverRecord> = {}): FailoverRecord => ({
  ...{ failoverId: 'shop.critical.1', entry: 'record', serviceId: 'shop', decisionId: 'shop.critical.1', kind: 'predictive', from: 'primary', to: 'standby' },
  ...{ zone: 'eu-west-1a', profile: 'urgent', phase: 'approval', phaseStartedAt: at, pointOfNoReturn: false, fencingToken: 1, startedAt: at },
  ...{ reasons: ['score 91'], score: 91, mechanism: 'weights', drivers: {}, approval: { state: 'asked', askedAt: at } },
  ...changes,
});

describe('failover:approve', () => {
  const approve = (...args: string[]) => run('failover:approve', ['shop.critical.1', ...args, ...there()]);

  it('answers once: the same again is fine, another answer is refused', async () => {
    await tables.put('failovers', record());
    const first = await approve('--by', 'Ann');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/^shop\.critical\.1: granted by Ann at \S+\npredictive of shop from primary to standby: score 91\n$/);
    const again = await approve('--by', 'Ben');
    expect(again).toMatchObject({ status: 0, stdout: expect.stringMatching(/granted by Ann at \S+ \(already\)/) });
    const other = await approve('--by', 'Ben', '--deny');
    expect(other).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/was not answered: Ann has granted it .* service:pause/) });
  });

  it('denies, as JSON', async () => {
    await tables.put('failovers', record());
    const { status, stdout, stderr } = await approve('--by', 'Ann', '--deny', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(ApproveJson.parse(JSON.parse(stdout))).toMatchObject({ result: 'given', approval: { state: 'denied', answeredBy: 'Ann' } });
  });

  it.each<[string, Partial<FailoverRecord>, RegExp]>([
    ['was not asked', { approval: undefined }, /nobody was asked/],
    ['has ended', { endedAt: at, outcome: 'rolled-back' }, /ended at .* as rolled-back/],
    ['waits no longer', { approval: { state: 'timed-out', askedAt: at } }, /time for an answer was over/],
  ])('refuses an answer to what %s with exit code 1', async (_name, changes, message) => {
    await tables.put('failovers', JSON.parse(JSON.stringify(record(changes))));
    expect(await approve('--by', 'Ann')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(message) });
  });
});

describe('failover:approve --home', () => {
  const taken: Record<string, unknown>[] = [];
  let bus: Server;
  beforeAll(async () => {
    bus = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const { Entries } = JSON.parse(body) as { Entries: { DetailType: string; Detail: string; EventBusName: string }[] };
        for (const { Detail, ...entry } of Entries) taken.push({ ...entry, detail: JSON.parse(Detail) });
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ FailedEntryCount: 0, Entries: Entries.map((_entry, index) => ({ EventId: String(index) })) }));
      });
    });
    await new Promise<void>((resolve) => bus.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => bus.close(resolve)));
  beforeEach(() => {
    taken.length = 0;
  });
  const home = (...args: string[]) => {
    const address = bus.address();
    if (address === null || typeof address === 'string') throw new Error('the bus has no port');
    const AWS_ENDPOINT_URL_EVENTBRIDGE = `http://127.0.0.1:${address.port}`;
    return run('failover:approve', ['--home', 'shop', '--by', 'Ann', ...args, ...there()], { AWS_ENDPOINT_URL_EVENTBRIDGE });
  };

  it('asks for the way home, with who and when', async () => {
    await tables.put('services', { ...serviceRecord({ activeSide: 'standby', latched: { primary: at } }) });
    const { status, stdout, stderr } = await home();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^shop\.fail-back\.\d{8}T\d{6}Z: the way home of shop, approved by Ann, begins/);
    expect(taken).toMatchObject([
      { EventBusName: 'forestall', Source: 'forestall', DetailType: 'Fail-back approved', detail: { serviceId: 'shop', approvedBy: 'Ann', drill: null } },
    ]);
  });

  it.each<[string, Parameters<typeof serviceRecord>[0], RegExp]>([
    ['is at home', {}, /the service is at home/],
    ['is paused', { activeSide: 'standby', killSwitch: true }, /kill switch/],
    ['is not in act', { activeSide: 'standby', mode: 'advise' }, /the mode is advise/],
    ['is being moved', { activeSide: 'standby', lock: { holder: 'f1', token: 1, expiresAt: '2999-01-01T00:00:00.000Z' } }, /f1 is under way/],
  ])('is refused with exit code 1 while the service %s', async (_name, changes, message) => {
    await tables.put('services', { ...serviceRecord(changes) });
    expect(await home()).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(message) });
    const { stdout } = await home('--json');
    expect(ApproveJson.parse(JSON.parse(stdout))).toMatchObject({ result: 'refused', kind: 'fail-back', reason: expect.stringMatching(message) });
    expect(taken).toEqual([]);
  });
});

describe('service:pause', () => {
  const pause = (...args: string[]) => run('service:pause', [...args, ...there()]);
  beforeEach(() => tables.put('services', { ...serviceRecord() }));

  it('turns the switch on and off, and says who turned it', async () => {
    expect(await pause('shop', 'on', '--by', 'Ann')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^shop: the kill switch is on, turned by Ann at \S+\n$/),
    });
    expect(await tables.service('shop')).toMatchObject({ killSwitch: true, killSwitchTurned: { by: 'Ann' }, mode: 'act' });
    expect((await pause('shop', 'on', '--by', 'Ben')).stdout).toMatch(/turned by Ann at \S+ \(already\)/);
    const { stdout } = await pause('shop', 'off', '--by', 'Ben', '--json');
    expect(PauseJson.parse(JSON.parse(stdout))).toMatchObject({ killSwitch: false, changed: true, turned: { by: 'Ben' }, underWay: null });
  });

  it('tells what is under way', async () => {
    await tables.put('services', { ...serviceRecord({ lock: { holder: 'shop.critical.1', token: 1, expiresAt: '2999-01-01T00:00:00.000Z' } }) });
    expect((await pause('shop', 'on', '--by', 'Ann')).stderr).toMatch(/shop\.critical\.1 is under way and stops at its next step/);
  });
});

describe('bad usage', () => {
  const nobody = ['--region', 'eu-central-1', '--endpoint-url', 'http://127.0.0.1:9'];
  it.each<[string, string, () => string[], RegExp]>([
    ['no failover', 'failover:approve', () => ['--by', 'Ann'], /name one failover/],
    ['nobody who answers', 'failover:approve', () => ['f1', ...there()], /say who you are/],
    ['home and a failover', 'failover:approve', () => ['f1', '--home', 'shop', '--by', 'Ann', ...there()], /--home goes with neither/],
    ['an unknown service that is to go home', 'failover:approve', () => ['--home', 'shopp', '--by', 'Ann', ...there()], /there is no service 'shopp'/],
    ['no Region', 'failover:approve', () => ['f1', '--by', 'Ann'], /name the control Region/],
    ['a bad Region', 'failover:approve', () => ['f1', '--by', 'Ann', '--region', 'Frankfurt'], /not an AWS Region/],
    ['an unknown option', 'failover:approve', () => ['f1', '--approve'], /Unknown option '--approve'/],
    [
      'an unknown failover',
      'failover:approve',
      () => ['f1', '--by', 'Ann', ...there()],
      /there is no failover 'f1' in table forestall-failovers of eu-central-1/,
    ],
    ['nobody at the endpoint', 'failover:approve', () => ['f1', '--by', 'Ann', ...nobody], /AWS was not reached/],
    ['neither on nor off', 'service:pause', () => ['shop', '--by', 'Ann', ...there()], /on or off/],
    ['nobody who turns it', 'service:pause', () => ['shop', 'on', ...there()], /say who you are/],
    ['an unknown service', 'service:pause', () => ['shopp', 'on', '--by', 'Ann', ...there()], /there is no service 'shopp'/],
  ])('%s (%s) ends with exit code 2 and nothing on stdout', async (_name, command, args, message) => {
    expect(await run(command, args())).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('takes the Region from the environment, as the AWS command line does', async () => {
    const args = ['f1', '--by', 'Ann', '--endpoint-url', tables.endpoint];
    expect((await run('failover:approve', args, { AWS_REGION: 'eu-west-3' })).stderr).toMatch(/of eu-west-3/);
  });
});
