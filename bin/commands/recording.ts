// Reads a recording and its labelled incidents for rehearse.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { readTelemetry, type Telemetry, TelemetryFileError } from '../../rehearsal/telemetry/read-csv.ts';
import type { Recording } from '../../rehearsal/world/run.ts';
import { callerPath, InputError } from './command.ts';

const Time = z.iso.datetime({ offset: true, error: 'not a time; write it as in 2026-01-31T12:00:00Z' });
const Incidents = z.record(
  z.string(),
  z.object({
    labelledFrom: Time.optional(),
    incidents: z.array(z.object({ start: Time, end: Time }).refine(({ start, end }) => Date.parse(start) <= Date.parse(end), 'the end is before the start')),
  }),
);

/** Metrics in CloudWatch have names of at most 255 printable ASCII characters. */
const usableName = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

/** Throws `InputError` naming file, place and remedy. The incidents' key is the recording's file name without its endings. */
export async function loadRecording(telemetryFile: string, incidentsFile: string): Promise<Recording> {
  const telemetry = await load(telemetryFile);
  const stem = basename(telemetryFile).replace(/(\.csv)?(\.gz)?$/i, '');
  const all = await loadIncidents(incidentsFile);
  const labelled = Object.hasOwn(all, stem) ? all[stem] : undefined;
  if (labelled === undefined)
    throw new InputError(`${incidentsFile}: there is no key '${stem}', the name of ${telemetryFile}; it has ${Object.keys(all).join(', ') || 'no keys'}`);
  const first = telemetry.times[0] ?? 0;
  return {
    telemetry,
    labelledFrom: labelled.labelledFrom === undefined ? first : Date.parse(labelled.labelledFrom),
    incidents: labelled.incidents.map(({ start, end }) => ({ from: Date.parse(start), until: Date.parse(end) })),
  };
}

async function load(file: string): Promise<Telemetry> {
  try {
    const telemetry = await readTelemetry(callerPath(file));
    const odd = telemetry.metrics.find((name) => !usableName.test(name));
    if (odd !== undefined) throw new InputError(`${file}, line 1: '${odd}' cannot be the name of a metric; use printable ASCII, at most 255 characters`);
    if (telemetry.times.length < 2 || telemetry.times[0] === telemetry.times.at(-1))
      throw new InputError(`${file}: there is only one moment in it; a replay needs at least two`);
    return telemetry;
  } catch (error) {
    if (error instanceof TelemetryFileError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}

async function loadIncidents(file: string): Promise<z.infer<typeof Incidents>> {
  let text: string;
  try {
    text = await readFile(callerPath(file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError(`${file}: cannot be read (${code}); name a JSON file of labelled incidents`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON (${error instanceof Error ? error.message : error}); correct it`, { cause: error });
  }
  const parsed = Incidents.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError(
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message}; it must be as in {"server": {"labelledFrom": "2026-01-31T12:00:00Z", "incidents": [{"start": ..., "end": ...}]}}`,
  );
}
