// How values, times and unusual things are said to an operator.
import type { MetricRole } from '../contracts/metrics.ts';

// Making a formatter costs far more than using it.
const fine = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const large = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** At most three significant digits, thousands with commas. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 0.001)) return value.toExponential(2);
  return (size >= 1000 ? large : fine).format(value);
}

export function quantity(role: MetricRole, value: number): string {
  if (role === 'latency') return `${number(value)} s`;
  if (role === 'cpu' || role === 'memory' || role === 'disk') return `${number(value)} %`;
  return number(value);
}

export const percent = (share: number): string => `${number(share * 100)} %`;

/** A length of time: minutes, then hours, then days. */
export function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return `${minutes} minute${minutes === 1 ? '' : 's'}`;
  const hours = milliseconds / 3_600_000;
  return hours < 48 ? `${number(Math.round(hours * 10) / 10)} hours` : `${number(Math.round(hours / 2.4) / 10)} days`;
}
