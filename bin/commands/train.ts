// `train`: labelled histories in, a failure model out, with what it is worth on series that it has not seen.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FailureModel, FailureModel as ModelSchema, parseModel } from '../../core/prediction/model/format.ts';
import { extractor, incidentOptions } from '../../training/incidents.ts';
import type { LabelledSeries, Target } from '../../training/labelled-rows.ts';
import { recalibrate } from '../../training/recalibrate.ts';
import { TrainingError } from '../../training/rows.ts';
import { trainModel } from '../../training/train-model.ts';
import { type Command, callerPath, InputError } from './command.ts';
import { loadRecording } from './recording.ts';
import { reportOf, table } from './train-report.ts';

const usage = `usage: npm run train -- --data DIR [--data DIR ...] [--out FILE] [--seed N] [--kind KIND] [--horizon MINUTES ...] [--calibration METHOD] [--json]

Trains a failure model on labelled histories and says what it is worth on series that it was not trained on.
  --data DIR           NAME.csv[.gz] files, and incidents.json: {"NAME": {"labelledFrom": TIME, "incidents": [{"start": TIME, "end": TIME}]}}
  --out FILE           writes the model there; without it nothing is written
  --seed N             a whole number; the same seed and data give the same model (1)
  --kind KIND          mean (default: a line, a forest and boosted trees, as the shipped model), linear, random-forest or gradient-boosting
  --horizon MINUTES    also the probability that an incident starts within so many minutes (15, 60 and 240); at most 1440
  --calibration M      platt (default) or isotonic
  --recalibrate FILE   keeps the trees of that model, and fits its calibration anew on these histories: other ones than it was trained on
  --origin TEXT, --licence TEXT   where the data is from, for the model's provenance (in the order of --data)
  --note TEXT          what else is to be said of the model; may be given several times
  --date DATE          date of the training in the provenance (today)
See docs/prediction.md.`;

/** Series of a folder, and what to call the folder. */
interface DataSet {
  readonly name: string;
  readonly series: readonly LabelledSeries[];
}

/** Throws `InputError` naming the folder or file, and what to do. */
export async function readDataSet(folder: string): Promise<DataSet> {
  let files: string[];
  try {
    files = await readdir(callerPath(folder));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError(`${folder}: cannot be read (${code}); name a folder of CSV files with incidents.json`, { cause: error });
  }
  const recordings = files.filter((file) => /\.csv(\.gz)?$/i.test(file)).sort();
  if (recordings.length === 0) throw new InputError(`${folder}: there is no NAME.csv or NAME.csv.gz in it; put the histories there`);
  const series: LabelledSeries[] = [];
  for (const file of recordings) {
    const { telemetry, labelledFrom, incidents } = await loadRecording(join(folder, file), join(folder, 'incidents.json'));
    series.push({ name: file.replace(/\.csv(\.gz)?$/i, ''), times: telemetry.times, rows: telemetry.rows, labelledFrom, incidents });
  }
  return { name: basename(callerPath(folder)), series };
}

function wholeNumber(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!(text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high))
    throw new InputError(`--${option} is ${text}; give a whole number from ${low} to ${high}`);
  return value;
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(callerPath(file), text);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError(`${file}: cannot be written (${code}); name a file in a folder that is there`, { cause: error });
  }
}

/** Throws `InputError` when the file is not a model of this program's features. */
export async function loadModel(file: string, features: readonly string[] = extractor.names): Promise<FailureModel> {
  let text: string;
  try {
    text = await readFile(callerPath(file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError(`${file}: cannot be read (${code}); name a model that npm run train wrote`, { cause: error });
  }
  try {
    return parseModel(JSON.parse(text), features);
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON; name a model that npm run train wrote' : error instanceof Error ? error.message : String(error);
    throw new InputError(`${file}: ${why}`, { cause: error });
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
      kind: { type: 'string' },
      horizon: { type: 'string', multiple: true, default: [] },
      calibration: { type: 'string', default: incidentOptions.calibration },
      recalibrate: { type: 'string' },
      origin: { type: 'string', multiple: true, default: [] },
      licence: { type: 'string', multiple: true, default: [] },
      note: { type: 'string', multiple: true, default: [] },
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.data.length === 0) throw new InputError(`name a folder of labelled histories with --data\n${usage}`);
  if (values.recalibrate !== undefined && (values.kind !== undefined || values.horizon.length > 0))
    throw new InputError('--recalibrate keeps the kind and the horizons of the model; leave out --kind and --horizon');
  const kind = ModelSchema.shape.kind.safeParse(values.kind ?? incidentOptions.learner.kind);
  if (!kind.success) throw new InputError(`--kind is ${values.kind}; use mean, linear, random-forest or gradient-boosting`);
  const { calibration } = values;
  if (calibration !== 'platt' && calibration !== 'isotonic') throw new InputError(`--calibration is ${calibration}; use platt or isotonic`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(values.date)) throw new InputError(`--date is ${values.date}; write it as in 2026-01-31`);
  const seed = wholeNumber('seed', values.seed, 0, 2 ** 31 - 1);
  const minutes = [...new Set(values.horizon.map((text) => wholeNumber('horizon', text, 1, 1440)))].sort((a, b) => a - b);
  const horizons: readonly Target[] =
    minutes.length === 0
      ? incidentOptions.horizons
      : [{ target: 'present', minutes: 0 }, ...(['either', 'starts'] as const).flatMap((target) => minutes.map((within) => ({ target, minutes: within })))];
  const learner = kind.data === 'mean' ? incidentOptions.learner : { kind: kind.data };

  const sets: DataSet[] = [];
  for (const folder of values.data) sets.push(await readDataSet(folder));
  const sources = sets.map(({ name, series }, index) => ({
    name,
    origin: values.origin[index] ?? 'not stated',
    licence: values.licence[index] ?? 'not stated',
    series: series.map((one) => one.name),
    rows: series.reduce((sum, { times }) => sum + times.length, 0),
  }));
  const all = sets.flatMap(({ name, series }) => series.map((one) => (sets.length > 1 ? { ...one, name: `${name}/${one.name}` } : one)));
  const began = performance.now();
  const before = values.recalibrate === undefined ? undefined : await loadModel(values.recalibrate);
  const made = { seed, calibration, date: values.date, sources } as const;
  const model = (() => {
    try {
      if (before !== undefined) return recalibrate(before, all, extractor, { ...incidentOptions, ...made });
      return trainModel(all, extractor, { ...incidentOptions, ...made, learner, horizons, notes: values.note }).model;
    } catch (error) {
      throw error instanceof TrainingError ? new InputError(error.message, { cause: error }) : error;
    }
  })();
  const seconds = (performance.now() - began) / 1000;
  if (values.out !== undefined) await write(values.out, `${JSON.stringify(model)}\n`);
  if (values.json) console.log(JSON.stringify(reportOf(model, seconds, values.out)));
  else {
    console.log(table(model, seconds));
    console.log(values.out === undefined ? 'Not written: name a file with --out.' : `Written to ${values.out}.`);
  }
  return 0;
}

export const command: Command = { usage, run };
