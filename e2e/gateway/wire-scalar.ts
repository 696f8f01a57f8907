// Single values as they are written in forms and XML.
import type { Shape } from './sdk-schema.ts';

/** Text to what the SDK's caller gave: numbers, booleans, Date, Uint8Array. */
export function scalar(kind: Shape['kind'], text: string): unknown {
  if (kind === 'number') return Number(text);
  if (kind === 'boolean') return text === 'true';
  if (kind === 'time') return timeOf(text);
  if (kind === 'bytes') return new Uint8Array(Buffer.from(text, 'base64'));
  return text;
}

/** Seconds since the epoch (number or digits), ISO 8601, or a Date that a decoder made. */
export function timeOf(value: unknown): Date {
  if (value instanceof Date) return value;
  const seconds = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : /^\d+(\.\d+)?$/.test(String(value)) ? Number(value) : undefined;
  return seconds === undefined ? new Date(String(value)) : new Date(Math.round(seconds * 1000));
}
