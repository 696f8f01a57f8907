// The page: nothing from outside, nothing unescaped, every part there, and small however long the history is.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../bin/backtest/evaluate.ts';
import { renderBacktest } from '../../../bin/backtest/page/page.ts';
import type { History, ScoredRow } from '../../../bin/backtest/score.ts';
import { defaultSettings } from '../../../bin/backtest/settings.ts';
import { type Track, Tracker } from '../../../bin/backtest/track.ts';
import { inferColumns } from '../../../rehearsal/telemetry/infer-roles.ts';

const minute = 60_000;
const start = Date.UTC(2026, 0, 5);

/** Rows of a minute with restless metrics; the score is high for half an hour each day, from 10:00. */
function shown(name: string, rows: number, metrics: readonly string[]): { title: string; history: History; track: Track } {
  const times = Float64Array.from({ length: rows }, (_, index) => start + index * minute);
  const telemetry = {
    metrics,
    times,
    rows: Array.from(times, (_time, row) => Float64Array.from(metrics, (_metric, column) => ((row * (column + 7)) % 101) / 100)),
  };
  const tracker = new Tracker({ name, metrics, from: start, to: times.at(-1) ?? start, episodesFrom: 30 });
  const scored = Array.from(times, (time, row): ScoredRow => {
    const high = row % 1440 >= 600 && row % 1440 < 630;
    return {
      time,
      score: row < 30 ? null : high ? 90 : row % 13,
      anomalyScore: (row % 97) / 100,
      expectedInMinutes: high ? 0 : null,
      reasons: [{ metric: metrics[0] ?? '', kind: 'level', detail: `${metrics[0]} is high, <b>${row}</b>` }],
      level: high ? 'full' : 'minimal',
      critical: high,
    };
  });
  for (const _row of tracker.watch(scored));
  return { title: name, history: { name, telemetry, columns: inferColumns(metrics) }, track: tracker.finish() };
}

const incidents = [{ from: start + 605 * minute, until: start + 640 * minute }];
const one = shown('<script>alert(1)</script>', 3 * 1440, ['latency "p99"', 'memory', 'm&m']);
const verdict = evaluate([one.track], () => ({ incidents }), 1, defaultSettings);
const text = renderBacktest({ series: [one], settings: defaultSettings, notes: ['memory <none>'], verdict });

describe('renderBacktest', () => {
  it('loads nothing and runs nothing that came from the data', () => {
    expect(text).toContain("default-src 'none'");
    expect(text.match(/https?:\/\//g)).toBeNull();
    expect(text.match(/\s(src|href)="(?!#)/g)).toBeNull();
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<b>600</b>');
    expect(text).toContain('memory &lt;none&gt;');
    expect(text).toContain('latency &quot;p99&quot;');
  });

  it('shows score, levels, critical time, decisions, incidents, metrics and how good the number is', () => {
    for (const part of [
      'Failure probability',
      'Anomaly score',
      'Found against false alarms',
      'Reliability',
      'Each incident',
      'Decisions that would have been taken (12)',
      'a failover would be asked for',
    ])
      expect(text).toContain(part);
    // Four bands of level and three of critical in the whole chart, incidents shaded in it.
    expect(text.match(/class="band critical"/g)?.length).toBeGreaterThanOrEqual(3);
    expect(text.match(/class="band full"/g)?.length).toBeGreaterThanOrEqual(3);
    expect(text).toContain('class="fault"');
    expect(text).toContain('interlocks, approvals and what a failover would have changed are not simulated');
    expect(text).toContain('5 min ahead');
    expect(text).toMatch(/0\.67<\/b><span>false alarms per resource-day at 85/);
  });

  it('draws gaps where there was no score, and every extreme', () => {
    const data = [...text.matchAll(/<script type="application\/json">(.*?)<\/script>/g)].map(([, json]) => JSON.parse(json ?? ''));
    const score = data.find(({ series }) => series[0]?.name === 'score').series[0];
    expect(score.value).toContain(null);
    expect(Math.max(...score.value)).toBe(90);
  });

  it('manages without incidents and without a score', () => {
    const plain = renderBacktest({ series: [shown('a', 20, ['a'])], settings: defaultSettings, notes: [], verdict: undefined });
    expect(plain).toContain('None: the level would have stayed as it was.');
    expect(plain).not.toContain('id="evaluation"');
  });

  it('stays below 5 MB for 15 days of 19 metrics by the minute, and for eight such series', () => {
    const metrics = Array.from({ length: 19 }, (_, index) => `m${index}`);
    const long = shown('long', 15 * 1440, metrics);
    const many = Array.from({ length: 8 }, (_, index) => ({ ...long, track: { ...long.track, name: `s${index}` } }));
    expect(renderBacktest({ series: [long], settings: defaultSettings, notes: [], verdict: undefined }).length).toBeLessThan(3e6);
    expect(renderBacktest({ series: many, settings: defaultSettings, notes: [], verdict: undefined }).length).toBeLessThan(5e6);
  });
});
