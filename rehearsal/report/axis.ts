// Scales, ticks and the way times and values are written.
import type { Window } from './series.ts';

export interface Tick {
  readonly value: number;
  readonly label: string;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  5 * day,
  10 * day,
  30 * day,
];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number) => String(value).padStart(2, '0');
const dayOf = (at: number) => `${new Date(at).getUTCDate()} ${months[new Date(at).getUTCMonth()] ?? ''}`;
const clockOf = (at: number) => `${two(new Date(at).getUTCHours())}:${two(new Date(at).getUTCMinutes())}`;

/** UTC. At most `count` ticks at round times; midnight is written as the date. */
export function timeTicks({ from, to }: Window, count: number): Tick[] {
  const step = timeSteps.find((candidate) => (to - from) / candidate <= count) ?? Math.ceil((to - from) / count / day) * day;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push({ value: at, label: at % day === 0 ? dayOf(at) : clockOf(at) });
  return ticks;
}

/** `20 Nov 13:05:30` */
export function formatTime(at: number): string {
  return `${dayOf(at)} ${clockOf(at)}:${two(new Date(at).getUTCSeconds())}`;
}

/** `2 h 5 min`, `3 min 20 s`, `45 s`; negative durations with a minus sign. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const shown = first === -1 ? [[0, 's'] as const] : parts.slice(first, first + 2).filter(([value]) => value > 0);
  return `${milliseconds < 0 ? '−' : ''}${shown.map(([value, unit]) => `${value} ${unit}`).join(' ')}`;
}

/** Three telling digits, with k, M and G above a thousand. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  for (const [factor, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const)
    if (size >= factor) return `${trim(value / (factor === 1e4 ? 1e3 : factor))}${suffix}`;
  return trim(value);
}

const trim = (value: number) => String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 4 : 3)));

/** Whole numbers with thin spaces between thousands, for tables. */
export const formatCount = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** About four ticks at 1, 2 or 5 times a power of ten, from 0 or `low` to at least `high`. */
export function valueTicks(low: number, high: number): Tick[] {
  const rough = Math.max(high - low, 1e-9) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let index = Math.floor(low / step + 1e-9); index * step < high + step * 0.999; index += 1)
    ticks.push({ value: index * step, label: formatValue(Number((index * step).toPrecision(12))) });
  return ticks;
}

/** 0, 1, 10, 100, ... to at least `high`, for counts of which a few matter beside many. */
export function logTicks(high: number): Tick[] {
  const ticks: Tick[] = [{ value: 0, label: '0' }];
  for (let value = 1; ; value *= 10) {
    ticks.push({ value, label: value === 1 && high > 10_000 ? '' : formatValue(value) });
    if (value >= high) return ticks;
  }
}

/** 0 -> 0, 1 -> 0.30, 9 -> 1, 99 -> 2: a logarithm that knows zero. */
export const logScale = (value: number): number => Math.log10(1 + Math.max(0, value));
