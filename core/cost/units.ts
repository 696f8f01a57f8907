// How DynamoDB and Lambda turn what was done into what is billed.

/** Bytes of an item or an attribute in DynamoDB: names and texts in UTF-8, numbers by their digits, three for a list or map and one for each of its members. */
export function itemBytes(item: Readonly<Record<string, unknown>>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: unknown): number {
  if (value === null || value === undefined || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/[-.]/g, '').length / 2) + 1;
  if (Array.isArray(value)) return 3 + value.reduce((sum: number, member) => sum + 1 + valueBytes(member), 0);
  return 3 + Object.entries(value as object).reduce((sum, [name, member]) => sum + 1 + Buffer.byteLength(name) + valueBytes(member), 0);
}

/** A write is billed by the larger of the item before and after it, each begun 1,024 bytes. */
export const writeUnits = (before: number, after: number): number => Math.max(1, Math.ceil(Math.max(before, after) / 1024));

/** A read is billed by each begun 4,096 bytes of all that it went over; half when it need not be consistent. A query rounds its items together. */
export const readUnits = (bytes: number, consistent: boolean): number => Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

/**
 * An index that holds keys alone is written only when one of them changes: the old entry is deleted and a new one put, one unit each.
 */
export const indexUnits = (keyChanged: boolean): number => (keyChanged ? 2 : 0);

/** A function has one processor's full time at this many MB. */
const processorMb = 1769;

/** GB-seconds of calls that compute for `computing` seconds of one processor and wait for `waiting` seconds. */
export const gigabyteSeconds = (memoryMb: number, computing: number, waiting: number): number =>
  ((computing * Math.max(1, processorMb / memoryMb) + waiting) * memoryMb) / 1024;
