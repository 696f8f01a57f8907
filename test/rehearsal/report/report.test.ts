// The report is one well-formed file that loads nothing, escapes everything, stays small, and copes with runs in which nothing was recorded.
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderIndex, writeIndex } from '../../../rehearsal/report/index-page.ts';
import { renderReport, writeReport } from '../../../rehearsal/report/report.ts';
import { phasesOf, renderTimeline } from '../../../rehearsal/report/timeline.ts';
import type { RehearsalReport } from '../../../rehearsal/results.ts';
import { arm, calm, grayFailure, start } from './synthetic.ts';

const voidElements = new Set(['meta', 'br']);

/** Throws on a tag that is not closed, or closed in the wrong order, and on a bare < or & in text. */
function checkWellFormed(page: string): void {
  const open: string[] = [];
  const body = page.replace(/^<!doctype html>/, '').replace(/<(script|style)([^>]*)>[\s\S]*?<\/\1>/g, '<$1$2></$1>');
  let position = 0;
  for (const match of body.matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)\s*(\/?)>/g)) {
    const text = body.slice(position, match.index);
    if (/<|&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`not escaped: ${text.slice(0, 200)}`);
    position = match.index + match[0].length;
    const [, closing, name = '', , selfClosing] = match;
    if (closing) {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}>`);
    } else if (!selfClosing && !voidElements.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(', ')}`);
}

/** Coordinates are numbers. */
function checkDrawing(page: string): void {
  expect(page.match(/(?:NaN|Infinity|undefined)/g) ?? []).toEqual([]);
}

const empty = (): RehearsalReport => {
  const nothing = arm({});
  return {
    ...grayFailure(),
    result: {
      ...grayFailure().result,
      wallSeconds: 0,
      simulatedSeconds: 0,
      arms: { forestall: nothing, reactive: nothing, none: nothing, oracle: nothing },
      invariants: [],
    },
    parameters: {},
    faults: [],
    traffic: { forestall: [], reactive: [], none: [], oracle: [] },
    metrics: [],
    forestall: { assessments: [], weights: [], mirroring: [], failovers: [], mutatingCalls: [] },
  };
};

const hostile = '</script><script>alert(1)</script><img src=x onerror="alert(1)"> & \'"\u0000\u2028';

describe('renderReport', () => {
  it.each<[string, () => RehearsalReport]>([
    ['a failover', () => grayFailure()],
    ['a run of days with a failover', () => grayFailure(2, 4320)],
    ['a calm month', () => calm()],
    ['a calm month of many faults', () => calm(30, 500)],
    ['nothing recorded', empty],
    ['one sample', () => grayFailure(1, 1)],
  ])('is well-formed for %s', (_name, make) => {
    const page = renderReport(make());
    checkWellFormed(page);
    checkDrawing(page.replace(/<script>[\s\S]*?<\/script>/g, ''));
  });

  it('loads nothing and says so to the browser', () => {
    const page = renderReport(grayFailure());
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page).not.toMatch(/https?:\/\/|@import|url\((?!#)/);
    expect(page).toContain(`content="default-src 'none';`);
  });

  it('is the same for the same input', () => {
    expect(renderReport(grayFailure())).toBe(renderReport(grayFailure()));
  });

  it('shows the arms, thresholds, story, calls, counts, invariants and parameters', () => {
    const page = renderReport(grayFailure());
    for (const text of [
      'critical 85',
      'A canary of 6 minutes ago still counts',
      '500 of 500 probes succeeded',
      'one instance of lt-0a1b2c3d4e5f60718',
      'cloudwatch:GetMetricData',
      'errorsAfterMinutes',
      'latency rises on the primary',
      '9 min after the fault',
      'I8',
      'all held',
    ])
      expect(page).toContain(text);
  });

  it('escapes whatever it is given', () => {
    const report = grayFailure();
    const [failover] = report.forestall.failovers;
    if (!failover) throw new Error('no failover');
    const page = renderReport({
      ...report,
      result: {
        ...report.result,
        scenario: hostile,
        arms: {
          ...report.result.arms,
          forestall: { ...report.result.arms.forestall, cost: { ...report.result.arms.forestall.cost, apiCalls: { [hostile]: 1 } } },
        },
      },
      description: hostile,
      parameters: { [hostile]: hostile },
      faults: [{ at: start, until: start + 1000, label: hostile }],
      metrics: [{ name: hostile, unit: hostile, samples: [{ at: start, value: 1 }] }],
      violations: [{ invariant: hostile, at: start, detail: hostile }],
      forestall: {
        ...report.forestall,
        assessments: [{ at: start, score: 50, level: hostile, critical: true, reasons: [{ metric: hostile, kind: hostile, detail: hostile }] }],
        mirroring: [{ at: start, level: hostile, readyInstances: 1 }],
        mutatingCalls: [{ at: start, operation: hostile, region: hostile, summary: hostile }],
        failovers: [
          {
            ...failover,
            failoverId: hostile,
            kind: hostile,
            outcome: hostile,
            reasons: [hostile],
            events: [{ at: start, phase: hostile, message: hostile, reasons: [hostile], verdict: hostile, weights: null }],
          },
        ],
      },
    });
    checkWellFormed(page);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('\u0000');
    for (const match of page.matchAll(/<script type="application\/json">(.*?)<\/script>/g)) expect(() => JSON.parse(match[1] ?? '')).not.toThrow();
  });

  it('stays below 2 MB for a month of minutes, and keeps its peaks', () => {
    const report = calm();
    const peak = 98_765;
    const traffic = {
      ...report.traffic,
      forestall: report.traffic.forestall.map((sample, index) => (index === 31_111 ? { ...sample, failed: peak } : sample)),
    };
    const page = renderReport({ ...report, traffic });
    expect(page.length).toBeLessThan(2_000_000);
    const charts = [...page.matchAll(/<script type="application\/json">(.*?)<\/script>/g)].map((match) => match[1] ?? '');
    expect(charts.some((chart) => chart.includes('98770'))).toBe(true);
  });

  it('cuts long tables and says so', () => {
    const report = calm();
    const mutatingCalls = Array.from({ length: 5000 }, (_, index) => ({
      at: start + index,
      operation: 'ec2:CreateSnapshots',
      region: 'eu-west-1',
      summary: `set ${index}`,
    }));
    const page = renderReport({ ...report, forestall: { ...report.forestall, mutatingCalls } });
    expect(page).toContain('The first 300 of 5\u202f000.');
    expect(page).not.toContain('set 300<');
  });

  it('marks what did not hold', () => {
    const report = grayFailure();
    const invariants = report.result.invariants.map((invariant) => ({
      ...invariant,
      held: invariant.id !== 'I1',
      checks: invariant.id === 'I2' ? 0 : invariant.checks,
    }));
    const page = renderReport({ ...report, result: { ...report.result, invariants }, violations: [{ invariant: 'I1', at: start, detail: 'nobody answered' }] });
    expect(page).toContain('I1 not held');
    expect(page).toContain('nobody answered');
  });

  it('does not call invariants held that nobody checked', () => {
    const page = renderReport(empty());
    expect(page).toContain('not checked');
    expect(page).not.toContain('all held');
  });

  it('has a script that parses', () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(renderReport(grayFailure()))?.[1] ?? '';
    expect(script).not.toBe('');
    expect(() => new Function(script)).not.toThrow();
  });
});

describe('phasesOf', () => {
  it('joins events of one phase and ends each phase where the next begins', () => {
    const [failover] = grayFailure().forestall.failovers;
    if (!failover) throw new Error('no failover');
    const phases = phasesOf(failover);
    expect(phases.map(({ phase }) => phase)).toEqual(['opened', 'target-checked', 'canary', 'shift', 'drain', 'hand-over', 'closed']);
    for (const [index, phase] of phases.entries()) expect(phase.to).toBe(phases[index + 1]?.from ?? failover.endedAt);
    expect(phases.find(({ phase }) => phase === 'shift')?.messages).toHaveLength(3);
  });

  it('copes with a failover that has not ended, or has no events', () => {
    const [failover] = grayFailure().forestall.failovers;
    if (!failover) throw new Error('no failover');
    expect(phasesOf({ ...failover, events: [] })).toEqual([]);
    expect(phasesOf({ ...failover, endedAt: null }).at(-1)).toMatchObject({ phase: 'closed' });
  });
});

describe('files', () => {
  it('writes the report into a directory that it makes', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'forestall-report-')), 'deep', 'report.html');
    await writeReport(grayFailure(), path);
    expect(await readFile(path, 'utf8')).toBe(renderReport(grayFailure()));
  });

  it('writes an index with relative, encoded links and pooled figures', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'forestall-index-'));
    const { result } = grayFailure();
    const results = [
      { ...result, report: join(directory, 'gray failure #1.html') },
      { ...result, seed: 2, report: null },
      { ...calm(1).result, report: join(directory, 'calm', 'seed-1.html'), scenario: hostile },
    ];
    const path = await writeIndex(results, directory);
    const page = await readFile(path, 'utf8');
    checkWellFormed(page);
    expect(page).toContain('href="gray%20failure%20%231.html"');
    expect(page).toContain('href="calm/seed-1.html"');
    expect(page).toContain('2 failed-over');
    expect(page).not.toContain('<img');
  });

  it('has an index of nothing', () => {
    checkWellFormed(renderIndex([], '/nowhere'));
  });
});

describe('renderTimeline', () => {
  it('draws phases, and nothing for a failover of a single one', () => {
    const [failover] = grayFailure().forestall.failovers;
    if (!failover) throw new Error('no failover');
    expect(renderTimeline(failover, [])?.text).toContain('class="phase drain"');
    expect(renderTimeline({ ...failover, events: failover.events.slice(0, 1) }, [])).toBeUndefined();
  });
});
