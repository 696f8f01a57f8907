// The changes of Route 53's records in a run: which weights were set, and what else was changed with them.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { Weights } from '../../core/contracts/records.ts';

interface RecordSet {
  readonly Name?: string;
  readonly Type?: string;
  readonly SetIdentifier?: string;
  readonly Weight?: number;
}
interface Change {
  readonly Action?: string;
  readonly ResourceRecordSet?: RecordSet;
}
type Input = Readonly<Record<string, unknown>>;

const changesIn = (input: Input): readonly Change[] => (input['ChangeBatch'] as { readonly Changes?: readonly Change[] } | undefined)?.Changes ?? [];

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Members in the order of their names, so that equal sets are equal texts. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    isPlain(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );

/**
 * One line for each record that a batch touches. A DELETE with the CREATE that follows it is a change of weight; addresses and ids of health checks are the
 * account's own and are not told, but whether they stay is.
 */
export function recordSteps(input: Input): string[] {
  const open = new Map<string, RecordSet>();
  const steps: string[] = [];
  for (const { Action = '?', ResourceRecordSet: set = {} } of changesIn(input)) {
    const key = `${set.Type} ${set.Name} of ${set.SetIdentifier}`;
    const before = open.get(key);
    if (Action === 'DELETE') open.set(key, set);
    else if (Action === 'CREATE' && before !== undefined) {
      open.delete(key);
      const rest = (one: RecordSet) => textOf({ ...one, Weight: undefined });
      steps.push(
        `${key}: weight ${before.Weight} -> ${set.Weight}${rest(before) === rest(set) ? ', the rest as it was' : `, and more: ${rest(before)} -> ${rest(set)}`}`,
      );
    } else steps.push(`${key}: ${Action} with weight ${set.Weight}`);
  }
  for (const key of open.keys()) steps.push(`${key}: DELETE`);
  return steps;
}

/** Weights of both sides that a batch found and left; undefined when it is not about the service's records. A side that it does not touch is as in `before`. */
export function weightsOf(
  { record, sides }: Plan,
  input: Input,
  before: Partial<Weights>,
): { readonly found: Partial<Weights>; readonly left: Partial<Weights> } | undefined {
  const sideOf = (set: RecordSet): SideName | undefined =>
    (['primary', 'standby'] as const).find((side) => sides[side].setIdentifier === set.SetIdentifier && (set.Name ?? '').replace(/\.$/, '') === record.name);
  const found: Partial<Record<SideName, number>> = { ...before };
  const left: Partial<Record<SideName, number>> = { ...before };
  let touched = false;
  for (const { Action, ResourceRecordSet: set = {} } of changesIn(input)) {
    const side = sideOf(set);
    if (side === undefined || set.Weight === undefined) continue;
    touched = true;
    (Action === 'DELETE' ? found : left)[side] = set.Weight;
  }
  return touched ? { found, left } : undefined;
}
