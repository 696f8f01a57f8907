// Models of incidents for recorded servers, each trained without the server that it will judge.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readDataSet } from '../../bin/commands/train.ts';
import type { FailureModel } from '../../core/prediction/model/format.ts';
import { extractor, incidentOptions } from '../../training/incidents.ts';
import { type LabelledRows, type LabelledSeries, labelRows, rowsOfSeries } from '../../training/labelled-rows.ts';
import { trainOnRows } from '../../training/train-model.ts';
import { DataAbsentError } from './section.ts';

export type SetName = 'asd' | 'smd';

/** Fewer folds than the shipped model has: they fit the calibration alone, and twelve models are trained. */
const folds = 5;

/** Throws `DataAbsentError` when the set is not in the folder `data`. Series are named `asd/server-01`. */
export async function readSet(data: string, set: SetName): Promise<LabelledSeries[]> {
  const folder = join(data, set);
  if (!existsSync(join(folder, 'incidents.json'))) throw new DataAbsentError(`no labelled recordings at ${folder}`);
  const { series } = await readDataSet(folder);
  return series.map((one) => ({ ...one, name: `${set}/${one.name}` }));
}

const computed = new Map<string, Promise<LabelledRows>>();

/** Features of all series of both sets, computed once in a process. */
export function rowsOf(data: string): Promise<LabelledRows> {
  const before = computed.get(data);
  if (before !== undefined) return before;
  const rows = (async () => labelRows([...(await readSet(data, 'asd')), ...(await readSet(data, 'smd'))], extractor, incidentOptions.everyMinutes))();
  computed.set(data, rows);
  return rows;
}

/** A model of the series whose names are kept. */
export const modelOf = (rows: LabelledRows, keep: (name: string) => boolean): FailureModel =>
  trainOnRows(rowsOfSeries(rows, keep), { ...incidentOptions, folds, date: '1970-01-01', sources: [], notes: [] }).model;
