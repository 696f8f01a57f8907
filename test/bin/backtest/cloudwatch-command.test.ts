// The command against an endpoint on this machine that answers as CloudWatch does: pages, throttling, a refusal, and no credentials.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BacktestReport } from '../../../bin/backtest/report-file.ts';
import { BacktestLine } from '../../../bin/commands/backtest-line.ts';
import { planInput } from '../../fixtures/plan.ts';

interface Query {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly MetricName: string }; readonly Period: number };
}
interface Request {
  readonly target: string;
  readonly body: { readonly MetricDataQueries: readonly Query[]; readonly StartTime: number; readonly EndTime: number; readonly NextToken?: string };
}

const requests: Request[] = [];
let throttles = 0;
let refuse = false;
const scratch = mkdtempSync(join(tmpdir(), 'forestall-cloudwatch-'));

const valueAt: Record<string, (minute: number) => number> = {
  CPUUtilization: (minute) => 20 + (minute % 7),
  RequestCount: (minute) => 6000 + (minute % 11),
  TargetResponseTime: (minute) => 0.1 + (minute % 5) / 1000,
};

/** A few metrics for every minute, slow to come: the second half is on a second page. The others have nothing. */
function answer({ MetricDataQueries, StartTime, EndTime, NextToken }: Request['body']) {
  const middle = Math.ceil((StartTime + EndTime) / 2 / 60) * 60;
  const [from, to] = NextToken === undefined ? [StartTime, middle] : [middle, EndTime];
  const times = Array.from({ length: Math.max(0, Math.ceil((to - from) / 60)) }, (_, index) => from + index * 60);
  return {
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) => {
      const value = valueAt[MetricStat.Metric.MetricName];
      const found = value ? times : [];
      return { Id, StatusCode: NextToken === undefined ? 'PartialData' : 'Complete', Timestamps: found, Values: found.map((time) => value?.(time / 60)) };
    }),
    Messages: [],
    ...(NextToken === undefined ? { NextToken: 'second' } : {}),
  };
}

const server = createServer(async (request, response) => {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  };
  requests.push({ target: String(request.headers['x-amz-target']), body: JSON.parse(await text(request)) });
  if (refuse) return reply(400, { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'not authorized to perform: cloudwatch:GetMetricData' });
  if (throttles > 0) {
    throttles -= 1;
    return reply(400, { __type: 'com.amazon.coral.availability#ThrottlingException', message: 'Rate exceeded' });
  }
  const last = requests.at(-1);
  return reply(200, last ? answer(last.body) : {});
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());
beforeEach(() => {
  requests.length = 0;
  throttles = 0;
  refuse = false;
});

const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

async function run(args: readonly string[], environment: Record<string, string> = credentials) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['bin/forestall.ts', 'backtest', ...args], {
    env: {
      PATH,
      HOME: scratch,
      INIT_CWD: scratch,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_CLOUDWATCH: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, status };
}

const id = 'i-0123456789abcdef0';
const resource = ['--resource', id, '--region', 'eu-west-1', '--since', '3h'];

describe('backtest --resource', () => {
  it('reads page after page, through throttling, and prints lines as for a file', async () => {
    throttles = 2;
    const { stdout, stderr, status } = await run([...resource, '--json']);
    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => BacktestLine.parse(JSON.parse(line)));
    expect(lines.length).toBeGreaterThan(170);
    expect(lines.length).toBeLessThanOrEqual(180);
    expect(Object.keys(lines[0] ?? {})).toEqual(['timestamp', 'failureProbability', 'anomalyScore', 'mirroringLevel', 'reasons']);
    expect(new Set(requests.map(({ target }) => target))).toEqual(new Set(['GraniteServiceVersion20100801.GetMetricData']));
    expect(requests.map(({ body }) => body.NextToken)).toEqual([undefined, undefined, undefined, 'second']);
    expect(new Set(requests.flatMap(({ body }) => body.MetricDataQueries.map(({ MetricStat }) => MetricStat.Period)))).toEqual(new Set([60]));
    expect(stderr).toMatch(/reading 6 metrics of i-0123456789abcdef0/);
    expect(stderr).toMatch(/note: i-0123456789abcdef0, memory \(CWAgent mem_used_percent, InstanceId=i-0123456789abcdef0\): no points/);
  });

  it('names the series in each line when there are several, and writes report and page', async () => {
    const other = 'i-0fedcba9876543210';
    const now = Date.now();
    const iso = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
    writeFileSync(join(scratch, 'incidents.csv'), `start,end\n${iso(60)},${iso(40)}\n`);
    const { stdout, stderr, status } = await run([
      ...resource,
      '--resource',
      other,
      '--json',
      '--incidents',
      'incidents.csv',
      '--report',
      'out/report.json',
      '--html',
      'out/page.html',
    ]);
    expect(status).toBe(0);
    const series = stdout
      .trimEnd()
      .split('\n')
      .map((line) => BacktestLine.parse(JSON.parse(line)).series);
    expect([...new Set(series)]).toEqual([id, other]);
    expect(stderr).toMatch(/against 2 incidents in/);
    const report = BacktestReport.parse(JSON.parse(readFileSync(join(scratch, 'out/report.json'), 'utf8')));
    expect(report.series.map(({ name }) => name)).toEqual([id, other]);
    expect(report.evaluation?.budget.others).toMatchObject({ incidents: 2 });
    expect(report.notes.join('\n')).toMatch(/no points/);
    expect(readFileSync(join(scratch, 'out/page.html'), 'utf8')).toContain(other);
  });

  it('reads what a plan protects: the service first, then its entries and instances, and judges the service alone', async () => {
    const input = planInput();
    const primary = { ...input.sides.primary, resources: [{ kind: 'ec2-instance', ids: [id] }] };
    writeFileSync(join(scratch, 'plan.yaml'), JSON.stringify({ ...input, sides: { ...input.sides, primary } }));
    const now = Date.now();
    const iso = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
    writeFileSync(join(scratch, 'shop.json'), JSON.stringify({ shop: { incidents: [{ start: iso(60), end: iso(40) }] } }));
    const { stdout, stderr, status } = await run([
      '--plan',
      'plan.yaml',
      '--since',
      '3h',
      '--incidents',
      'shop.json',
      '--html',
      'service.html',
      '--report',
      'service.json',
    ]);
    expect(status).toBe(0);
    expect(
      stdout
        .split('\n')
        .filter((line) => /: \d+ rows, /.test(line))
        .map((line) => line.split(':')[0]),
    ).toEqual(['service shop', 'entry-primary in eu-west-1', 'entry-standby in eu-central-1', `${id} in eu-west-1`]);
    expect(stdout).toMatch(/against 1 incident in 0\.1 labelled resource-days/);
    expect(stderr).toMatch(/reading 14 metrics of entry-primary, entry-standby, i-0123456789abcdef0/);
    const report = BacktestReport.parse(JSON.parse(readFileSync(join(scratch, 'service.json'), 'utf8')));
    expect(report.series.map(({ name, incidents }) => [name, incidents?.length])).toEqual([
      ['shop', 1],
      ['entry-primary', undefined],
      ['entry-standby', undefined],
      [id, undefined],
    ]);
    expect(report.settings.thresholds.critical).toBe(85);
    expect(readFileSync(join(scratch, 'service.html'), 'utf8')).toContain('entry-standby');
  });

  it('without credentials: exit code 1, and what to do', async () => {
    const { stdout, stderr, status } = await run(resource, {});
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/forestall backtest: no AWS credentials were found \(.*\); sign in, then repeat/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(requests).toEqual([]);
  });

  it('without the right: exit code 1, and which right is missing', async () => {
    refuse = true;
    const { stdout, stderr, status } = await run(resource);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/AWS refused .*; sign in with a role that may call cloudwatch:GetMetricData/);
  });

  it.each([
    [[...resource, 'file.csv'], /give one or the other/],
    [['--resource', 'i-1', '--region', 'eu-west-1'], /'i-1' is not an instance id/],
    [['--resource', id], /no Region was given/],
    [['--plan', 'absent.yaml'], /there is no such file/],
    [[...resource, '--false-alarms', '2'], /--false-alarms needs --incidents/],
    [[...resource, '--incidents', 'absent.json'], /absent\.json: cannot be read/],
  ])('%j: exit code 2, and AWS is not called', async (args, message) => {
    const { stdout, stderr, status } = await run(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(requests).toEqual([]);
  });
});
