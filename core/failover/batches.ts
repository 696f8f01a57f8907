// How a side is rebuilt: some instances at a time, so that a template that is bad costs few of the good ones.

const smallestBatch = 4;
const mostBatches = 10;

/** How many of `total` have to be replaced before any more are taken away, when `gone` of them are gone. */
export function batchEnd(total: number, gone: number): number {
  const size = Math.max(smallestBatch, Math.ceil(total / mostBatches));
  return Math.min(total, (Math.floor(gone / size) + 1) * size);
}
