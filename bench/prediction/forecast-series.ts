// Public series with a point every five minutes, as means of buckets, for the bench of the forecasters.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTelemetry } from '../../rehearsal/telemetry/read-csv.ts';
import { DataAbsentError } from './section.ts';

/** Folders of the benchmark that hold cloud metrics and request counts; of the others the spacing is another. */
const folders = ['realAWSCloudwatch', 'realKnownCause', 'realTweets'];
const spacing = 300_000;
export const dayBuckets = 288;

export interface BucketSeries {
  readonly name: string;
  /** start of the first bucket, ms since the epoch */
  readonly start: number;
  /** a mean for every five minutes, null where no point was */
  readonly means: readonly (number | null)[];
  /** mean absolute difference to the same time of the day before: what errors are divided by */
  readonly scale: number;
}

/** @throws DataAbsentError when the folder `nab` is not in `data` */
export async function readSeries(data: string): Promise<BucketSeries[]> {
  const root = join(data, 'nab');
  if (!existsSync(root)) throw new DataAbsentError(`no series at ${root}`);
  const series: BucketSeries[] = [];
  for (const folder of folders)
    for (const file of readdirSync(join(root, folder)).sort()) {
      const { times, rows } = await readTelemetry(join(root, folder, file));
      if (medianStep(times) !== spacing) continue;
      const values = rows.map(([value = 0]) => value);
      series.push(bucketed(file.replace('.csv', ''), times, values));
    }
  return series;
}

function medianStep(times: ArrayLike<number>): number {
  const steps = Float64Array.from({ length: times.length - 1 }, (_, index) => (times[index + 1] ?? 0) - (times[index] ?? 0)).sort();
  return steps[steps.length >> 1] ?? 0;
}

function bucketed(name: string, times: ArrayLike<number>, values: ArrayLike<number>): BucketSeries {
  const first = Math.floor((times[0] ?? 0) / spacing);
  const sums: number[] = [];
  const counts: number[] = [];
  for (let row = 0; row < times.length; row += 1) {
    const bucket = Math.floor((times[row] ?? 0) / spacing) - first;
    sums[bucket] = (sums[bucket] ?? 0) + (values[row] ?? 0);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const means = Array.from(sums, (sum, bucket) => (counts[bucket] === undefined ? null : (sum ?? 0) / counts[bucket]));
  const differences = means.flatMap((mean, bucket) => {
    const before = means[bucket - dayBuckets] ?? null;
    return mean === null || before === null ? [] : [Math.abs(mean - before)];
  });
  return { name, start: first * spacing, means, scale: differences.reduce((sum, one) => sum + one, 0) / Math.max(1, differences.length) };
}

/** Every second series by name: what one half chose is reported on the other. */
export const halvesOf = <T>(all: readonly T[]): readonly [T[], T[]] => [all.filter((_, index) => index % 2 === 0), all.filter((_, index) => index % 2 === 1)];
