// Reads a recording and its labelled incidents for rehearse.
import { basename } from 'node:path';
import { readTelemetry, type Telemetry, TelemetryFileError } from '../../rehearsal/telemetry/read-csv.ts';
import type { Recording } from '../../rehearsal/world/run.ts';
import { readIncidents } from '../backtest/incidents-file.ts';
import { callerPath, InputError } from './command.ts';

/** Metrics in CloudWatch have names of at most 255 printable ASCII characters. */
const usableName = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

/** Throws `InputError` naming file, place and remedy. The incidents' key is the recording's file name without its endings. */
export async function loadRecording(telemetryFile: string, incidentsFile: string): Promise<Recording> {
  const telemetry = await load(telemetryFile);
  const stem = basename(telemetryFile).replace(/(\.csv)?(\.gz)?$/i, '');
  const labelled = (await readIncidents(incidentsFile))(stem);
  const first = telemetry.times[0] ?? 0;
  return {
    telemetry,
    labelledFrom: labelled.labelledFrom ?? first,
    incidents: labelled.incidents,
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
