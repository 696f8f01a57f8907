// Random numbers by seed, the same on every machine.

/** Numbers in [0, 1). */
export type Random = () => number;

/** Mulberry32 (Tommy Ettinger): 32 bits of state, enough to draw rows and features. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` different numbers of 0 to `of` - 1, in random order (Fisher and Yates, stopped early). */
export function drawDistinct(of: number, count: number, random: Random): Int32Array {
  const all = Int32Array.from({ length: of }, (_, index) => index);
  const drawn = Math.min(of, count);
  for (let index = 0; index < drawn; index++) {
    const other = index + Math.floor(random() * (of - index));
    const kept = all[index] ?? 0;
    all[index] = all[other] ?? 0;
    all[other] = kept;
  }
  return all.slice(0, drawn);
}
