// What a part of the prediction bench gives back: one table, and its figures for machines.

/** A cell of a table; null is shown as a dash. Format numbers yourself where their digits matter. */
export type Cell = string | number | null;

export interface Section {
  /** Short, as in `--only`: nab, asd, smd, cmapss, forecast. */
  readonly name: string;
  readonly title: string;
  /** What is asked for, in words, with the numbers. */
  readonly target: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What is worth saying below the table: which series chose and which reported, what is not comparable. */
  readonly notes: readonly string[];
  /** Machine-readable figures, by a name that stays: `asd.roc`. null: could not be measured. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** Demands by the same names: at least or at most. The bench marks each as met or missed, and says how many are met. */
  readonly demands: Readonly<Record<string, { readonly atLeast: number } | { readonly atMost: number }>>;
}

/** What every part exports. `data`: the folder of the data sets. Throws `DataAbsentError` when its set is not there. */
export type SectionRun = (data: string) => Promise<Section>;

/** The data set is not there: the part is left out, and the bench says so loudly. */
export class DataAbsentError extends Error {
  override readonly name = 'DataAbsentError';
}
