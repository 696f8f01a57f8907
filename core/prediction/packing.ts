// Numbers in few bytes, as base64 text that fits into JSON: what a detector keeps of a metric is stored once for each time it is read.
import { DetectorStateError } from './state-error.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const codes = new Int8Array(128).fill(-1);
for (let index = 0; index < alphabet.length; index += 1) codes[alphabet.charCodeAt(index)] = index;

const largestFloat = 3.4028234663852886e38;
const largestInteger = Number.MAX_SAFE_INTEGER;
/** Scaled numbers: steps that the span of a list may have, and by how many the base moves, so that 16 bits hold both. */
const mostSteps = 57_000;
const baseSteps = 4096;
const absent = -32_768;
/** Not finer than this power of two of the largest number, so that the base stays an exact integer. */
const finest = -40;

/** Writes numbers one after the other. `BytesReader` reads them in the same order. */
export class BytesWriter {
  #bytes = new Uint8Array(128);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  /** A whole number of at least 0, cut to the largest that is exact: one byte below 128, two below 16,384. */
  varint(value: number): this {
    let rest = Math.min(Math.max(0, Math.round(value)), largestInteger);
    if (Number.isNaN(rest)) throw new RangeError('a state holds a number that is none');
    while (rest >= 128) {
      this.#bytes[this.#reserve(1)] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    const at = this.#reserve(1);
    this.#bytes[at] = rest;
    return this;
  }

  /** A whole number of either sign, cut to what `varint` holds. */
  signed(value: number): this {
    const half = Math.floor(largestInteger / 2);
    const whole = Math.min(half, Math.max(-half, Math.round(value)));
    return this.varint(whole < 0 ? -2 * whole - 1 : 2 * whole);
  }

  /** A number rounded to a ten-thousandth. */
  fixed(value: number): this {
    return this.signed(value * 1e4);
  }

  /** Four bytes, seven digits; larger ones are cut to what fits. */
  float(value: number): this {
    if (Number.isNaN(value)) throw new RangeError('a state holds a number that is none');
    const at = this.#reserve(4);
    this.#view.setFloat32(at, Math.min(largestFloat, Math.max(-largestFloat, value)), true);
    return this;
  }

  /**
   * Numbers of one kind, null where there is none: two bytes each, and some for all. Kept to a step that is a power of two: at most a
   * 28,500th of the span between the largest and the smallest. What was read once is written again unchanged.
   */
  scaled(values: readonly (number | null)[]): this {
    this.varint(values.length);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (value === null) continue;
      if (!Number.isFinite(value)) throw new RangeError('a state holds a number that is none');
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low > high) low = high = 0;
    const size = Math.max(Math.abs(low), Math.abs(high));
    let exponent = Math.max(
      size === 0 ? -1000 : Math.floor(Math.log2(size)) + finest,
      high > low ? Math.floor(Math.log2((high - low) / mostSteps)) : -1000,
      -1000,
    );
    while (Math.round(high / 2 ** exponent) - Math.round(low / 2 ** exponent) > mostSteps) exponent += 1;
    const step = 2 ** exponent;
    const base = Math.round((low / step + high / step) / 2 / baseSteps);
    this.signed(exponent).signed(base);
    let at = this.#reserve(2 * values.length);
    for (const value of values) {
      this.#view.setInt16(at, value === null ? absent : Math.round(value / step) - base * baseSteps, true);
      at += 2;
    }
    return this;
  }

  /** All of it as base64 with the alphabet of URLs, without padding. */
  text(): string {
    let text = '';
    const bytes = this.#bytes;
    for (let at = 0; at < this.#length; at += 3) {
      const left = this.#length - at;
      const bits = ((bytes[at] ?? 0) << 16) | ((left > 1 ? (bytes[at + 1] ?? 0) : 0) << 8) | (left > 2 ? (bytes[at + 2] ?? 0) : 0);
      text += alphabet[bits >> 18];
      text += alphabet[(bits >> 12) & 63];
      if (left > 1) text += alphabet[(bits >> 6) & 63];
      if (left > 2) text += alphabet[bits & 63];
    }
    return text;
  }
}

/** Reads what `BytesWriter` wrote. Every method throws `DetectorStateError` when the text ends too soon or holds what no writer writes. */
export class BytesReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** @throws DetectorStateError when `text` is no text, or not base64 */
  constructor(text: unknown) {
    if (typeof text !== 'string' || text.length % 4 === 1) throw unreadable();
    const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
    let bits = 0;
    let held = 0;
    let length = 0;
    for (let index = 0; index < text.length; index += 1) {
      const code = codes[text.charCodeAt(index)] ?? -1;
      if (code < 0) throw unreadable();
      bits = ((bits << 6) | code) & 0xffffff;
      held += 6;
      if (held < 8) continue;
      held -= 8;
      bytes[length] = (bits >> held) & 255;
      length += 1;
    }
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  #take(count: number): number {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) throw unreadable();
    return at;
  }

  varint(): number {
    let value = 0;
    let unit = 1;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      value += (byte & 127) * unit;
      if (byte < 128) {
        if (value > largestInteger) throw unreadable();
        return value;
      }
      unit *= 128;
    }
    throw unreadable();
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  fixed(): number {
    return this.signed() / 1e4;
  }

  float(): number {
    const value = this.#view.getFloat32(this.#take(4), true);
    if (!Number.isFinite(value)) throw unreadable();
    return value;
  }

  /** @param length how many there must be; undefined: as many as there are */
  scaled(length?: number): (number | null)[] {
    const count = this.varint();
    if (count > this.#bytes.length || (length !== undefined && count !== length)) throw unreadable();
    const exponent = this.signed();
    const base = this.signed();
    if (Math.abs(exponent) > 1023 || Math.abs(base) > 2 ** 41) throw unreadable();
    const step = 2 ** exponent;
    const from = this.#take(2 * count);
    return Array.from({ length: count }, (_, index) => {
      const steps = this.#view.getInt16(from + 2 * index, true);
      if (steps === absent) return null;
      const value = (steps + base * baseSteps) * step;
      if (!Number.isFinite(value)) throw unreadable();
      return value;
    });
  }

  /** Throws when something is left that nobody read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw unreadable();
  }
}

const unreadable = () => new DetectorStateError('a packed part of the detector state is not readable; discard it and warm up from history');
