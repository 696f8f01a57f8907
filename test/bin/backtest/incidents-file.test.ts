// Lists of incidents as people write them, and every mistake named with its place.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIncidents } from '../../../bin/backtest/incidents-file.ts';
import { InputError } from '../../../bin/commands/command.ts';

const scratch = mkdtempSync(join(tmpdir(), 'forestall-incidents-'));
const write = (name: string, text: string) => {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
};
const one = { from: Date.UTC(2026, 0, 5, 10), until: Date.UTC(2026, 0, 5, 11) };

describe('readIncidents', () => {
  it('gives each series of a JSON file its own', async () => {
    const file = write(
      'many.json',
      JSON.stringify({
        a: { labelledFrom: '2026-01-02T00:00:00Z', incidents: [{ start: '2026-01-05T10:00:00Z', end: '2026-01-05T12:00:00+01:00' }] },
        b: { incidents: [] },
      }),
    );
    const labels = await readIncidents(file);
    expect(labels('a')).toEqual({ incidents: [one], labelledFrom: Date.UTC(2026, 0, 2) });
    expect(labels('b')).toEqual({ incidents: [] });
    expect(() => labels('c')).toThrow(/no key 'c'.*it has a, b/);
  });

  it('gives incidents that name no series to every one', async () => {
    const json = await readIncidents(write('all.json', '{"incidents": [{"start": "2026-01-05T10:00:00Z", "end": "2026-01-05T11:00:00Z"}]}'));
    const csv = await readIncidents(write('all.csv', 'start,end\n2026-01-05 10:00:00,2026-01-05T11:00:00Z\n'));
    for (const labels of [json, csv]) expect(labels('anything')).toEqual({ incidents: [one] });
  });

  it('reads a series column, in any order of columns', async () => {
    const labels = await readIncidents(write('series.csv', 'series,end,start\r\na,2026-01-05T11:00:00Z,2026-01-05T10:00:00Z\r\n'));
    expect(labels('a')).toEqual({ incidents: [one] });
    expect(() => labels('b')).toThrow(/no key 'b'/);
  });

  it.each([
    ['cut.json', '{"a": ', /not JSON/],
    ['list.json', '[1]', /it must be as in/],
    ['time.json', '{"a": {"incidents": [{"start": "yesterday", "end": "2026-01-05T11:00:00Z"}]}}', /a\.incidents\.0\.start: not a time; write it as in/],
    ['order.json', '{"incidents": [{"start": "2026-01-05T12:00:00Z", "end": "2026-01-05T11:00:00Z"}]}', /the end is before the start/],
    ['extra.json', '{"a": {"incidents": [], "labeledFrom": "2026-01-05T11:00:00Z"}}', /labeledFrom/],
    ['empty.csv', '', /line 1: the columns must be start,end/],
    ['header.csv', 'from,to\n', /line 1: the columns must be start,end/],
    ['time.csv', 'start,end\n2026-01-05T10:00:00Z,2026-02-30T10:00:00Z\n', /line 2: '2026-02-30T10:00:00Z' is not a time/],
    ['order.csv', 'start,end\n2026-01-05T10:00:00Z,2026-01-05T09:00:00Z\n', /line 2: the end is before the start/],
    ['short.csv', 'start,end\n2026-01-05T10:00:00Z\n', /line 2: there are 1 cells where the header has 2/],
    ['unnamed.csv', 'start,end,series\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,\n', /line 2: the series is not named/],
  ])('%s is refused by file, place and remedy', async (name, text, message) => {
    const file = write(name, text);
    await expect(readIncidents(file)).rejects.toThrow(message);
    await expect(readIncidents(file)).rejects.toThrow(file);
  });

  it('takes any text, or says what is wrong with it', async () => {
    const cell = fc.constantFrom('start', 'end', 'series', 'a', '', '2026-01-05T10:00:00Z', '2026-01-05', '9', '"', '{', '[1]', 'null');
    const csv = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 4 }).map((lines) => lines.map((cells) => cells.join(',')).join('\n'));
    const time = fc.oneof(fc.constant('2026-01-05T10:00:00Z'), fc.string(), fc.integer());
    const json = fc
      .dictionary(
        fc.constantFrom('a', 'incidents', '__proto__'),
        fc.oneof(fc.jsonValue(), fc.record({ incidents: fc.array(fc.record({ start: time, end: time })) })),
      )
      .map((value) => JSON.stringify(value));
    const file = join(scratch, 'any');
    await fc.assert(
      fc.asyncProperty(fc.oneof(csv, json, fc.string()), async (text) => {
        writeFileSync(file, text);
        try {
          for (const { from, until } of (await readIncidents(file))('a').incidents) expect(from).toBeLessThanOrEqual(until);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });

  it('says when there is no such file', async () => {
    await expect(readIncidents(join(scratch, 'absent.json'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
  });
});
