// Reads a CSV file of telemetry: first column `timestamp`, every other column a metric. The whole file is checked before anything is used.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** Rows in the order of the file. `times`: ms since the epoch. `rows[i][j]`: value of `metrics[j]` at `times[i]`, NaN where the cell is empty. */
export interface Telemetry {
  readonly metrics: readonly string[];
  readonly times: Float64Array;
  readonly rows: readonly Float64Array[];
}

/** The file cannot be used. The message names file and line, and says what to do. */
export class TelemetryFileError extends Error {
  override readonly name = 'TelemetryFileError';
}

const bomb = 1 << 30;

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why =
      code === 'ENOENT'
        ? 'there is no such file; check the path'
        : code === 'EISDIR'
          ? 'this is a folder; name a CSV file'
          : `cannot be read (${code}); check its permissions`;
    throw new TelemetryFileError(`${path}: ${why}`, { cause });
  }
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!compressed && bytes.length > 0 && path.endsWith('.gz'))
    throw new TelemetryFileError(`${path}: is named .gz but is not gzip data; rename it to .csv, or compress it with gzip`);
  if (compressed) {
    try {
      bytes = await promisify(gunzip)(bytes, { maxOutputLength: bomb });
    } catch (cause) {
      throw new TelemetryFileError(
        `${path}: damaged or incomplete gzip data (${cause instanceof Error ? cause.message : cause}); fetch or compress the file again`,
        { cause },
      );
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TelemetryFileError(`${path}: is not UTF-8 text; save it as UTF-8`, { cause });
  }
}

/** Cells of one line; quotes as in RFC 4180. Undefined when a quote is not closed or stands within a cell. */
function cellsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return cells;
  }
}

const timePattern = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** ms since the epoch of an ISO 8601 time; without a zone it is UTC. NaN when it is not one. */
export function parseTime(text: string): number {
  const match = timePattern.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(wall);
  // Date.UTC takes 30 February for 2 March: only what comes back unchanged was a date.
  const real =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour) &&
    Number(minute) < 60 &&
    Number(second) < 60;
  if (!real) return Number.NaN;
  const offset = zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  return wall + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset * 60_000;
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function readHeader(path: string, line: string): string[] {
  const refuse = (message: string) => new TelemetryFileError(`${path}, line 1: ${message}`);
  const cells = cellsOf(line)?.map((cell) => cell.trim());
  if (cells === undefined) throw refuse('a quote is not closed; close it, or remove it');
  const [first, ...metrics] = cells;
  if (first !== 'timestamp') throw refuse(`the first column is '${first}'; it must be 'timestamp'. Is the header missing?`);
  if (metrics.length === 0) throw refuse('there is no metric column; add at least one beside timestamp');
  metrics.forEach((name, index) => {
    if (name === '' || name === '__proto__') throw refuse(`column ${index + 2} has no usable name ('${name}'); name it`);
    if (metrics.indexOf(name) !== index || name === 'timestamp') throw refuse(`there are two columns '${name}'; rename or remove one`);
  });
  return metrics;
}

/**
 * Reads and checks a CSV file, plain or gzip.
 * @throws TelemetryFileError naming file, line and remedy
 */
export async function readTelemetry(path: string): Promise<Telemetry> {
  const lines = (await readText(path)).split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  const header = lines[0];
  if (header === undefined) throw new TelemetryFileError(`${path}: the file is empty; it needs a header and at least one row`);
  const metrics = readHeader(path, header);
  if (lines.length === 1) throw new TelemetryFileError(`${path}, line 1: there is no row below the header; add at least one`);
  const times = new Float64Array(lines.length - 1);
  const rows: Float64Array[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const refuse = (message: string) => new TelemetryFileError(`${path}, line ${index + 1}: ${message}`);
    const cells = cellsOf(lines[index] ?? '');
    if (cells === undefined) throw refuse('a quote is not closed or stands within a cell; correct the quotes');
    if (cells.length === 1 && cells[0]?.trim() === '') throw refuse('the line is empty; remove it');
    if (cells.length !== metrics.length + 1)
      throw refuse(`there are ${cells.length} cells where the header has ${metrics.length + 1}; leave a missing value empty, but keep its comma`);
    const text = cells[0]?.trim() ?? '';
    const time = parseTime(text);
    if (Number.isNaN(time)) throw refuse(`'${text}' is not a time; write it as in 2026-01-31T12:00:00Z`);
    if (index > 1 && time < (times[index - 2] ?? time)) throw refuse(`the time ${text} is before that of the line above; sort the rows by time`);
    const values = new Float64Array(metrics.length);
    for (let column = 0; column < metrics.length; column += 1) {
      const cell = cells[column + 1]?.trim() ?? '';
      const value = cell === '' ? Number.NaN : Number(cell);
      if (cell !== '' && !(numberPattern.test(cell) && Number.isFinite(value)))
        throw refuse(
          `column '${metrics[column]}': '${cell.slice(0, 40)}' is not a number; write a finite decimal number, or leave the cell empty when it is missing`,
        );
      values[column] = value;
    }
    times[index - 1] = time;
    rows.push(values);
  }
  return { metrics, times, rows };
}
