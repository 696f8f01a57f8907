// Keeps the last days of every metric, one slot a minute, as CloudWatch keeps standard-resolution metrics.

const minuteMs = 60_000;
/** Older points are forgotten: four days. */
export const keptMinutes = 4 * 24 * 60;

/** What CloudWatch keeps of a period. Percentiles need the observations: those of one value are that value, others are listed. */
interface Slot {
  minute: number;
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  observations: { readonly values: number[]; readonly counts: number[] } | undefined;
  /** Statistics were sent that hide their observations. */
  hidden: boolean;
}

/** One datum: either observations with their counts, or statistics of them. */
export type Datum =
  | { readonly values: readonly number[]; readonly counts?: readonly number[] | undefined }
  | { readonly statistics: { readonly sampleCount: number; readonly sum: number; readonly minimum: number; readonly maximum: number } };

export interface MetricPoint {
  /** Start of the period, ms since the epoch. */
  readonly timestamp: number;
  readonly value: number;
}

/** Identity of a metric; the order of dimensions does not matter. */
export function metricKey(namespace: string, metricName: string, dimensions: Readonly<Record<string, string>>): string {
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  let key = `${namespace}\n${metricName}`;
  for (const name of names) key += `\n${name}=${dimensions[name]}`;
  return key;
}

export class MetricStore {
  readonly #metrics = new Map<string, (Slot | undefined)[]>();

  /** Adds a datum to the minute that `timestamp` (ms) falls into. */
  put(key: string, timestamp: number, datum: Datum): void {
    let ring = this.#metrics.get(key);
    if (!ring) {
      ring = new Array<Slot | undefined>(keptMinutes);
      this.#metrics.set(key, ring);
    }
    const minute = Math.floor(timestamp / minuteMs);
    const place = minute % keptMinutes;
    let slot = ring[place];
    if (slot && slot.minute > minute) return;
    if (!slot || slot.minute < minute) {
      slot = { minute, count: 0, sum: 0, minimum: Infinity, maximum: -Infinity, observations: undefined, hidden: false };
      ring[place] = slot;
    }
    if ('statistics' in datum) this.#addStatistics(slot, datum.statistics);
    else this.#addValues(slot, datum.values, datum.counts);
  }

  #addStatistics(slot: Slot, statistics: { sampleCount: number; sum: number; minimum: number; maximum: number }): void {
    const { sampleCount, sum, minimum, maximum } = statistics;
    if (minimum === maximum) {
      this.#addValues(slot, [minimum], [sampleCount]);
      return;
    }
    slot.hidden = true;
    slot.count += sampleCount;
    slot.sum += sum;
    slot.minimum = Math.min(slot.minimum, minimum);
    slot.maximum = Math.max(slot.maximum, maximum);
  }

  #addValues(slot: Slot, values: readonly number[], counts: readonly number[] | undefined): void {
    if (slot.observations) {
      slot.observations.values.push(...values);
      slot.observations.counts.push(...values.map((_value, index) => counts?.[index] ?? 1));
    } else if (slot.count > 0 || values.length > 1) {
      const before = slot.count > 0;
      const ones = values.map((_value, index) => counts?.[index] ?? 1);
      slot.observations = { values: before ? [slot.minimum, ...values] : [...values], counts: before ? [slot.count, ...ones] : ones };
    }
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0;
      const count = counts?.[index] ?? 1;
      slot.count += count;
      slot.sum += value * count;
      if (value < slot.minimum) slot.minimum = value;
      if (value > slot.maximum) slot.maximum = value;
    }
  }

  /** Values of a statistic, one per period with data, ascending; periods begin in [from, to) and are aligned to their length. */
  read(key: string, statistic: string, periodSeconds: number, from: number, to: number): MetricPoint[] {
    const ring = this.#metrics.get(key);
    if (!ring) return [];
    const minutes = Math.max(1, Math.round(periodSeconds / 60));
    const first = Math.floor(Math.floor(from / minuteMs) / minutes) * minutes;
    const end = Math.ceil(to / minuteMs);
    const points: MetricPoint[] = [];
    for (let start = first; start < end; start += minutes) {
      const slots: Slot[] = [];
      for (let minute = start; minute < start + minutes; minute++) {
        const slot = ring[minute % keptMinutes];
        if (slot?.minute === minute && slot.count > 0) slots.push(slot);
      }
      const value = slots.length > 0 ? statisticOf(slots, statistic) : undefined;
      if (value !== undefined) points.push({ timestamp: start * minuteMs, value });
    }
    return points;
  }
}

function statisticOf(slots: readonly Slot[], statistic: string): number | undefined {
  let count = 0;
  let sum = 0;
  for (const slot of slots) {
    count += slot.count;
    sum += slot.sum;
  }
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'SampleCount':
      return count;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return Math.min(...slots.map((slot) => slot.minimum));
    case 'Maximum':
      return Math.max(...slots.map((slot) => slot.maximum));
    default:
      return percentileOf(slots, Number(statistic.slice(1)) / 100);
  }
}

/** Nearest rank over all observations. Undefined when a slot has statistics only. */
function percentileOf(slots: readonly Slot[], share: number): number | undefined {
  const observations: [value: number, count: number][] = [];
  let total = 0;
  for (const slot of slots) {
    if (slot.hidden) return undefined;
    const { values, counts } = slot.observations ?? { values: [slot.minimum], counts: [slot.count] };
    for (let index = 0; index < values.length; index++) observations.push([values[index] ?? 0, counts[index] ?? 0]);
    total += slot.count;
  }
  observations.sort((left, right) => left[0] - right[0]);
  let rank = share * total;
  for (const [value, count] of observations) {
    rank -= count;
    if (rank <= 1e-9) return value;
  }
  return observations.at(-1)?.[0];
}
