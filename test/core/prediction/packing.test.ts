// Packed numbers come back as they were, to the precision that is said, and twice packed is as once packed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compact } from '../../../core/prediction/numbers.ts';
import { BytesReader, BytesWriter } from '../../../core/prediction/packing.ts';
import { DetectorStateError } from '../../../core/prediction/state-error.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e90, max: 1e90 });
const scaledOnce = (values: readonly (number | null)[]) => new BytesReader(new BytesWriter().scaled(values).text()).scaled(values.length);

describe('packed numbers', () => {
  it('keep whole numbers exactly', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer(), (natural, integer) => {
        const reader = new BytesReader(new BytesWriter().varint(natural).signed(integer).text());
        expect(reader.varint()).toBe(natural);
        expect(reader.signed()).toBe(integer);
        reader.end();
      }),
    );
    expect(new BytesWriter().varint(127).text()).toHaveLength(2);
  });

  it('keep any number of them', () => {
    const values = Array.from({ length: 200 }, (_, index) => index * 37);
    const writer = new BytesWriter();
    for (const value of values) writer.varint(value);
    const reader = new BytesReader(writer.text());
    expect(values.map(() => reader.varint())).toEqual(values);
  });

  it('cut what is too large, and refuse what is no number', () => {
    const reader = new BytesReader(new BytesWriter().varint(1e300).signed(-1e300).float(-1e60).varint(-5).text());
    expect(reader.varint()).toBe(Number.MAX_SAFE_INTEGER);
    expect(reader.signed()).toBe(-Math.floor(Number.MAX_SAFE_INTEGER / 2));
    expect(reader.float()).toBe(-3.4028234663852886e38);
    expect(reader.varint()).toBe(0);
    for (const write of [
      (writer: BytesWriter) => writer.float(Number.NaN),
      (writer: BytesWriter) => writer.varint(Number.NaN),
      (writer: BytesWriter) => writer.scaled([1, Number.NaN]),
    ])
      expect(() => write(new BytesWriter())).toThrow(RangeError);
  });

  it('keep decimals exactly, rounded ones in few bytes', () => {
    const any = fc.oneof(
      finite,
      fc.tuple(finite, fc.double({ noNaN: true, min: 1e-9, max: 1e90 })).map(([value, unit]) => compact(value, unit)),
    );
    fc.assert(
      fc.property(any, fc.array(fc.option(any), { maxLength: 30 }), (value, values) => {
        const reader = new BytesReader(new BytesWriter().decimal(value).decimals(values).text());
        expect(reader.decimal()).toBe(value === 0 ? 0 : value);
        expect(reader.decimals(values.length)).toEqual(values.map((other) => (other === 0 ? 0 : other)));
        reader.end();
      }),
    );
    const day = Array.from({ length: 24 }, (_, hour) => compact(40 + 20 * Math.sin(hour / 4), 10 * 2.5));
    expect(new BytesWriter().decimals(day).text().length).toBeLessThan(75);
    expect(new BytesWriter().decimal(0.102478).text().length).toBeLessThan(8);
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new BytesWriter().decimal(none)).toThrow(RangeError);
      expect(() => new BytesWriter().decimals([none])).toThrow(RangeError);
    }
  });

  it('keep floats to seven digits and fixed ones to a ten-thousandth', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 1e-30, max: 1e30 }), fc.double({ noNaN: true, min: -1e4, max: 1e4 }), (value, small) => {
        const reader = new BytesReader(new BytesWriter().float(value).fixed(small).text());
        expect(Math.abs(reader.float() / value - 1)).toBeLessThan(6e-8);
        expect(Math.abs(reader.fixed() - small)).toBeLessThanOrEqual(0.5001e-4);
      }),
    );
  });

  it('keep a list to a small part of its span, and absence as absence', () => {
    fc.assert(
      fc.property(fc.array(fc.option(finite), { maxLength: 40 }), (values) => {
        const known = values.filter((value) => value !== null);
        const span = known.length > 0 ? Math.max(...known) - Math.min(...known) : 0;
        const size = Math.max(0, ...known.map(Math.abs));
        scaledOnce(values).forEach((value, index) => {
          const before = values[index] ?? null;
          expect(value === null).toBe(before === null);
          if (value !== null && before !== null) expect(Math.abs(value - before)).toBeLessThanOrEqual(Math.max(span / 57_000, size * 2 ** -40, 1e-300) * 1.01);
        });
      }),
    );
  });

  it('say the same when written again', () => {
    fc.assert(
      fc.property(fc.array(fc.option(finite), { maxLength: 40 }), (values) => {
        const once = scaledOnce(values);
        expect(scaledOnce(once)).toEqual(once);
      }),
    );
  });

  it('read any text as numbers or as an error of its own', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => text.replace(/[+/=]/g, 'A')),
        ),
        (text) => {
          try {
            const reader = new BytesReader(text);
            for (const value of [reader.varint(), reader.signed(), reader.float(), reader.decimal(), ...reader.decimals(), ...reader.scaled()])
              expect(Number.isNaN(value)).toBe(false);
          } catch (error) {
            expect(error).toBeInstanceOf(DetectorStateError);
          }
        },
      ),
    );
    for (const wrong of [undefined, 3, null, 'a', 'ä', '+/']) expect(() => new BytesReader(wrong).varint()).toThrow(DetectorStateError);
  });

  it('notice what nobody read', () => {
    expect(() => new BytesReader(new BytesWriter().varint(1).varint(2).text()).end()).toThrow(DetectorStateError);
  });
});
