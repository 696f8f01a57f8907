// Reads the incidents that really happened, from JSON or CSV, and gives each scored series its own.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Incident } from '../../core/prediction/evaluation/labels.ts';
import { parseTime } from '../../rehearsal/telemetry/read-csv.ts';
import { callerPath, InputError } from '../commands/command.ts';

export interface Labels {
  readonly incidents: readonly Incident[];
  /** before it nothing is labelled */
  readonly labelledFrom?: number;
}

/** What the file says of a series. Throws `InputError` when the file names series, and this is none of them. */
export type LabelsOf = (series: string) => Labels;

const badTime = 'not a time; write it as in 2026-01-31T12:00:00Z';
const Time = z.string().transform((text, context) => {
  const time = parseTime(text);
  if (Number.isNaN(time)) context.addIssue({ code: 'custom', message: badTime });
  return time;
});
const Series = z.strictObject({
  labelledFrom: Time.optional(),
  incidents: z.array(z.strictObject({ start: Time, end: Time }).refine(({ start, end }) => start <= end, 'the end is before the start')),
});
const shape =
  'it must be as in {"SERIES": {"labelledFrom": "2026-01-31T12:00:00Z", "incidents": [{"start": ..., "end": ...}]}}, or {"incidents": [...]} for every series';

/** @throws InputError naming file, place and remedy */
export async function readIncidents(file: string): Promise<LabelsOf> {
  let text: string;
  try {
    text = await readFile(callerPath(file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError(`${file}: cannot be read (${code}); name a JSON or CSV file of incidents`, { cause: error });
  }
  const body = text.replace(/^\uFEFF/, '');
  return /^\s*[[{]/.test(body) ? fromJson(file, body) : fromCsv(file, body);
}

function fromJson(file: string, text: string): LabelsOf {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON (${error instanceof Error ? error.message : error}); correct it`, { cause: error });
  }
  const forAll = typeof json === 'object' && json !== null && Array.isArray((json as { incidents?: unknown }).incidents);
  const parsed = (forAll ? Series.transform((all) => ({ '': all })) : z.record(z.string(), Series)).safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InputError(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message}; ${shape}`);
  }
  const series = new Map(Object.entries(parsed.data).map(([name, one]) => [name, labelsOf(one)]));
  return labelsFrom(file, series);
}

const labelsOf = ({ labelledFrom, incidents }: z.infer<typeof Series>): Labels => ({
  incidents: incidents.map(({ start, end }) => ({ from: start, until: end })),
  ...(labelledFrom === undefined ? {} : { labelledFrom }),
});

/** Columns start and end, and maybe series; without it the incidents are those of every series. */
function fromCsv(file: string, text: string): LabelsOf {
  const lines = text.trimEnd().split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map((cell) => cell.trim());
  const [start, end, name] = ['start', 'end', 'series'].map((column) => header.indexOf(column));
  if (start === -1 || end === -1 || header.length !== (name === -1 ? 2 : 3))
    throw new InputError(`${file}, line 1: the columns must be start,end or start,end,series, not '${lines[0] ?? ''}'; write the header so`);
  const series = new Map<string, { incidents: Incident[] }>(name === -1 ? [['', { incidents: [] }]] : []);
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const where = `${file}, line ${index + 1}`;
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length !== header.length)
      throw new InputError(`${where}: there are ${cells.length} cells where the header has ${header.length}; correct the line`);
    const [from, until] = [start, end].map((column) => {
      const cell = cells[column ?? 0] ?? '';
      const time = parseTime(cell);
      if (Number.isNaN(time)) throw new InputError(`${where}: '${cell}' is ${badTime}`);
      return time;
    });
    if (from === undefined || until === undefined || from > until) throw new InputError(`${where}: the end is before the start; swap them`);
    const key = name === -1 ? '' : (cells[name ?? 0] ?? '');
    if (name !== -1 && key === '') throw new InputError(`${where}: the series is not named; name it, or leave the column out`);
    const known = series.get(key) ?? { incidents: [] };
    known.incidents.push({ from, until });
    series.set(key, known);
  }
  return labelsFrom(file, series);
}

const labelsFrom =
  (file: string, series: ReadonlyMap<string, Labels>): LabelsOf =>
  (name) => {
    const labels = series.get(name) ?? series.get('');
    if (labels) return labels;
    throw new InputError(
      `${file}: there is no key '${name}', the name of what is scored; it has ${[...series.keys()].join(', ') || 'no keys'}. Rename the key`,
    );
  };
