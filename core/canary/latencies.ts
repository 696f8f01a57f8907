// Latencies as counts on a fixed logarithmic scale: small to store, added by adding, and fine enough to compare 99th percentiles.
import type { Sample } from './sample.ts';

/** 20 classes make a factor of 1.5, so that one class is 2.05 % wide. */
const classesPerFactor = 20;
const logWidth = Math.log(1.5) / classesPerFactor;
/** ms. What is faster or slower counts in the first or last class. */
const fastest = 0.1;
const slowest = 600_000;
const lastClass = Math.floor(Math.log(slowest / fastest) / logWidth);

/** Requests by class of latency; keys are whole numbers from 0. At most some 760 keys, whatever the number of requests. */
export type Latencies = Readonly<Record<string, number>>;

/** Class of a latency in ms. Not a number or negative: a clock that went wrong, which is told by a RangeError. */
export function latencyClass(milliseconds: number): number {
  if (!(milliseconds >= 0)) throw new RangeError(`${milliseconds} ms is not a latency`);
  return Math.min(lastClass, Math.max(0, Math.floor(Math.log(milliseconds / fastest) / logWidth)));
}

/** The middle of a class, in ms. */
export const latencyOfClass = (index: number): number => fastest * Math.exp((index + 0.5) * logWidth);

/** How many classes a factor between two latencies is. */
export const classesOfFactor = (factor: number): number => Math.round(Math.log(factor) / logWidth);

/** How many times slower: the factor of so many classes. */
export const factorOfClasses = (classes: number): number => Math.exp(classes * logWidth);

/** Counts of latencies in ms. */
export function countLatencies(milliseconds: Iterable<number>): Latencies {
  const counts: Record<string, number> = {};
  for (const latency of milliseconds) {
    const index = latencyClass(latency);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** All of them together. */
export function addLatencies(parts: readonly Latencies[]): Latencies {
  const sum: Record<string, number> = {};
  for (const part of parts) for (const [index, count] of Object.entries(part)) sum[index] = (sum[index] ?? 0) + count;
  return sum;
}

/** The classes as a sample of their indices: ranks and quantiles of logarithms are those of the latencies. */
export function sampleOfLatencies(latencies: Latencies): Sample {
  const entries = Object.entries(latencies)
    .map(([index, count]) => [Number(index), count] as const)
    .filter(([index, count]) => Number.isInteger(index) && count > 0)
    .sort(([a], [b]) => a - b);
  return { values: entries.map(([index]) => index), counts: entries.map(([, count]) => count), size: entries.reduce((sum, [, count]) => sum + count, 0) };
}
