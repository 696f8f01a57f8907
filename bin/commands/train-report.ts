// What `train` says of a model: to machines, and to people as a table of what its probabilities are worth on series it has not seen.
import { z } from 'zod';
import { FailureModel, type Horizon } from '../../core/prediction/model/format.ts';

/** `train --json`: the model without its trees and coefficients. `bytes`: size of the whole as JSON. */
export const TrainReport = z.strictObject({
  ...FailureModel.omit({ parts: true }).shape,
  seconds: z.number(),
  bytes: z.int(),
  /** where the model was written; null: nowhere */
  out: z.string().nullable(),
});
export type TrainReport = z.infer<typeof TrainReport>;

export function reportOf({ parts, ...rest }: FailureModel, seconds: number, out: string | undefined): TrainReport {
  return { ...rest, seconds, bytes: JSON.stringify({ parts, ...rest }).length, out: out ?? null };
}

const named = ({ target, minutes }: Horizon): string =>
  target === 'present' ? 'an incident is there' : target === 'starts' ? `one starts within ${minutes} min` : `there, or within ${minutes} min`;

const number = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits));

/** Several lines, without a newline at the end. */
export function table(model: FailureModel, seconds: number): string {
  const { provenance, parts, features } = model;
  const trees = parts.reduce((sum, part) => sum + (part.kind === 'linear' ? 0 : part.trees.length), 0);
  const head = ['probability that', 'rows', 'positive', 'ROC AUC', 'PR AUC', 'Brier', 'base rate', 'ECE', 'skill'];
  const lines = model.horizons.map((horizon) => {
    const { heldOut } = horizon;
    return [
      named(horizon),
      String(heldOut.rows),
      `${((heldOut.positives / Math.max(1, heldOut.rows)) * 100).toFixed(2)} %`,
      number(heldOut.rocAuc, 3),
      number(heldOut.prAuc, 3),
      number(heldOut.brier, 4),
      number(heldOut.baseRateBrier, 4),
      number(heldOut.eceEqualWidth, 4),
      horizon.skill ? 'yes' : 'no',
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const text = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [
    `${model.kind}: ${trees} trees on ${features.length} features, ${provenance.rows} rows with ${provenance.positives} of incidents, ${seconds.toFixed(1)} s, ${(JSON.stringify(model).length / 1000).toFixed(0)} kB.`,
    `Held out: ${provenance.heldOut}.`,
    '',
    text(head),
    ...lines.map(text),
    '',
    'skill: no, where the Brier score is not at least 1 % below that of always saying the base rate. No probability is shown there.',
    ...(model.horizons.some(({ target, skill }) => target !== 'starts' && skill)
      ? []
      : ['Nothing has skill: with this model no metric of unknown meaning gets a score. It takes more incidents, on more series.']),
  ].join('\n');
}
