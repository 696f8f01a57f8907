// Counter-based randomness: a draw depends on the seed and its own name only, never on what was drawn before.

/** Mixes text into 32 bits (FNV-1a with the finaliser of MurmurHash3). */
function hash(text: string, basis: number): number {
  let state = basis >>> 0;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state ^= state >>> 16;
  state = Math.imul(state, 0x85ebca6b);
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** Named draws of one seed. */
export interface Draws {
  /** Uniform in [0, 1). */
  uniform(...name: readonly (string | number)[]): number;
  /** Uniform in [low, high). */
  between(low: number, high: number, ...name: readonly (string | number)[]): number;
  /** Hexadecimal digits. */
  hex(length: number, ...name: readonly (string | number)[]): string;
}

/** Draws of a seed. Two calls with the same name give the same value. */
export function drawsOf(seed: number): Draws {
  const basis = hash(`seed/${seed}`, 0x811c9dc5);
  const uniform = (...name: readonly (string | number)[]) => hash(name.join('/'), basis) / 2 ** 32;
  return {
    uniform,
    between: (low, high, ...name) => low + (high - low) * uniform(...name),
    hex(length, ...name) {
      let digits = '';
      for (let part = 0; digits.length < length; part++)
        digits += hash(`${name.join('/')}#${part}`, basis)
          .toString(16)
          .padStart(8, '0');
      return digits.slice(0, length);
    },
  };
}

/** A sequential generator in [0, 1), for code that draws from `Math.random` (mulberry32). */
export function sequenceOf(seed: number): () => number {
  let state = hash(`sequence/${seed}`, 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
