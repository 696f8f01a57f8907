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

const powers = Array.from({ length: 23 }, (_, digits) => 10 ** digits);
/** Stands for a number that is kept as it is, in eight bytes. */
const verbatim = 120;

/** How many decimals a number has, as `compact` rounds them: negative when it ends in zeros, undefined when it has too many. */
function decimalsOf(value: number): number | undefined {
  for (const [digits, power] of powers.entries()) {
    const mantissa = Math.round(value * power);
    if (Math.abs(mantissa) > largestInteger / 4) break;
    if (mantissa / power === value) return digits;
  }
  if (Number.isInteger(value))
    for (let zeros = 1; zeros <= 110; zeros += 1) {
      const mantissa = Math.round(value / 10 ** zeros);
      if (Math.abs(mantissa) <= largestInteger / 4 && mantissa * 10 ** zeros === value) return -zeros;
    }
  return undefined;
}
const mantissaOf = (value: number, digits: number) => Math.round(digits >= 0 ? value * (powers[digits] ?? 1) : value / 10 ** -digits);
const decimalOf = (mantissa: number, digits: number) => (digits >= 0 ? mantissa / (powers[digits] ?? 1) : mantissa * 10 ** -digits);

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
    if (Number.isNaN(rest)) throw notANumber();
    while (rest >= 128) {
      // Room first: it may replace the bytes.
      const at = this.#reserve(1);
      this.#bytes[at] = (rest % 128) + 128;
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

  /** A whole number from 0 to 65,535 in two bytes. */
  short(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  /** A number rounded to a ten-thousandth. */
  fixed(value: number): this {
    return this.signed(value * 1e4);
  }

  /** A finite number exactly: as many bytes as its decimals need, three to five for one that `compact` has rounded, ten for any other. */
  decimal(value: number): this {
    requireFinite(value);
    const digits = decimalsOf(value);
    if (digits !== undefined) return this.signed(digits).signed(mantissaOf(value, digits));
    this.signed(verbatim).#double(value);
    return this;
  }

  /** Numbers of one kind exactly, null where there is none: when `compact` has rounded them alike, as many bits each as their span needs (16 for 65,000 of their last digit). */
  decimals(values: readonly (number | null)[]): this {
    this.varint(values.length);
    let digits: number | undefined = -110;
    for (const value of values) {
      if (value === null) continue;
      requireFinite(value);
      const own = value === 0 ? -110 : decimalsOf(value);
      digits = own === undefined || digits === undefined ? undefined : Math.max(digits, own);
    }
    const common = digits;
    const mantissas = common === undefined ? [] : values.map((value) => (value === null ? null : mantissaOf(value, common)));
    const lowest = mantissas.reduce<number>((least, mantissa) => Math.min(least, mantissa ?? least), Number.POSITIVE_INFINITY);
    const exact =
      common !== undefined &&
      mantissas.every((mantissa, index) => mantissa === null || (Math.abs(mantissa) <= largestInteger / 4 && decimalOf(mantissa, common) === values[index]));
    if (common === undefined || !exact) {
      this.signed(verbatim);
      for (const value of values) {
        this.varint(value === null ? 0 : 1);
        if (value !== null) this.#double(value);
      }
      return this;
    }
    const base = Number.isFinite(lowest) ? lowest : 0;
    const steps = mantissas.map((mantissa) => (mantissa === null ? 0 : mantissa - base + 1));
    const bits = Math.max(0, ...steps).toString(2).length;
    this.signed(common).signed(base).varint(bits);
    let at = 8 * this.#reserve(Math.ceil((bits * steps.length) / 8));
    for (const step of steps)
      for (let bit = 0, rest = step; bit < bits; bit += 1, at += 1, rest = Math.floor(rest / 2))
        if (rest % 2 === 1) this.#bytes[at >> 3] = (this.#bytes[at >> 3] ?? 0) | (1 << (at & 7));
    return this;
  }

  #double(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value === 0 ? 0 : value, true);
  }

  /** Four bytes, seven digits; larger ones are cut to what fits. */
  float(value: number): this {
    if (Number.isNaN(value)) throw notANumber();
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
      requireFinite(value);
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

  short(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  fixed(): number {
    return this.signed() / 1e4;
  }

  decimal(): number {
    const digits = this.signed();
    return digits === verbatim ? this.#double() : this.#fromDecimal(this.signed(), digits);
  }

  /** @param length how many there must be; undefined: as many as there are */
  decimals(length?: number): (number | null)[] {
    const count = this.varint();
    if (count > 4096 || (length !== undefined && count !== length)) throw unreadable();
    const digits = this.signed();
    if (digits === verbatim) return Array.from({ length: count }, () => (this.varint() === 0 ? null : this.#double()));
    const base = this.signed();
    const bits = this.varint();
    if (bits > 53) throw unreadable();
    let at = 8 * this.#take(Math.ceil((bits * count) / 8));
    return Array.from({ length: count }, () => {
      let step = 0;
      for (let bit = 0, unit = 1; bit < bits; bit += 1, at += 1, unit *= 2) if (((this.#bytes[at >> 3] ?? 0) >> (at & 7)) & 1) step += unit;
      return step === 0 ? null : this.#fromDecimal(step - 1 + base, digits);
    });
  }

  #fromDecimal(mantissa: number, digits: number): number {
    if (digits >= powers.length || digits < -110) throw unreadable();
    return decimalOf(mantissa, digits);
  }

  #double(): number {
    const value = this.#view.getFloat64(this.#take(8), true);
    if (!Number.isFinite(value)) throw unreadable();
    return value;
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

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Throws when something is left that nobody read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw unreadable();
  }
}

const notANumber = () => new RangeError('a state holds a number that is none');

function requireFinite(value: number): void {
  if (!Number.isFinite(value)) throw notANumber();
}

const unreadable = () => new DetectorStateError('a packed part of the detector state is not readable; discard it and warm up from history');
