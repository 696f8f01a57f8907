// One line of `backtest --json`: the shape that others may rely on. docs/schemas/backtest-line.schema.json is made from it.
import { z } from 'zod';
import { MirroringLevel } from '../../core/contracts/plan.ts';

export const BacktestLine = z
  .strictObject({
    series: z.string().optional().describe('file, resource or entry that the row is of; only where several are scored'),
    timestamp: z.iso.datetime().describe('of the row, ISO 8601 with Z'),
    failureProbability: z.number().min(0).max(100).nullable().describe('null while warming up, or where no column can tell'),
    anomalyScore: z.number().min(0).max(1).describe('0 while warming up'),
    mirroringLevel: MirroringLevel.describe("by the default plan's thresholds, with hysteresis"),
    reasons: z
      .array(
        z.strictObject({
          metric: z.string(),
          kind: z.enum(['level', 'trend', 'limit', 'status', 'missing', 'event', 'planned', 'neighbourhood']),
          detail: z.string().describe('what is unusual, by how much, since when'),
        }),
      )
      .describe('most telling first; empty when nothing is unusual'),
  })
  .describe('what the detector and the mirroring level would have been at one row of the file');
export type BacktestLine = z.infer<typeof BacktestLine>;
