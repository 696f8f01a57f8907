// The Numenta benchmark on its data, where that is there: what is promised of the anomaly score is kept.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../bench/prediction/nab.ts';
import { DataAbsentError } from '../../../bench/prediction/section.ts';

const root = resolve(import.meta.dirname, '../../..');
const data = resolve(root, process.env['FORESTALL_DATA'] ?? '../shared/data');
const present = existsSync(join(data, 'nab', 'windows.json'));
if (!present) process.stderr.write(`SKIPPED: no Numenta benchmark at ${join(data, 'nab')}; set FORESTALL_DATA\n`);

describe('the Numenta benchmark', () => {
  test.skipIf(!present)(
    'the detector itself, at its own threshold, does what is demanded of it',
    async () => {
      const { figures, demands } = await run(data);
      const least = demands['nab.standard'];
      expect(least && 'atLeast' in least && least.atLeast).toBe(68);
      expect(figures['nab.ownThreshold']).toBeGreaterThanOrEqual(68);
      expect(figures['nab.standard']).toBeGreaterThanOrEqual(figures['nab.ownThreshold'] ?? 0);
    },
    120_000,
  );
  test('says when its data is not there', async () => {
    await expect(run(join(root, 'no-such-folder'))).rejects.toThrow(DataAbsentError);
  });
});
