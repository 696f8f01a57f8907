// What is kept for the risk of metrics of unknown meaning, as packed text: exactly what it holds.
import { BytesReader, BytesWriter } from '../packing.ts';
import { DetectorStateError } from '../state-error.ts';
import type { RiskMetric, RiskState } from './incident-risk.ts';
import { hoursOfDay } from './metric-signals.ts';

/** One metric; its last point is stored elsewhere. */
export function packRiskMetric({ memory }: Pick<RiskMetric, 'memory'>): string {
  const { spreads, link } = memory;
  return (
    new BytesWriter()
      .varint(memory.n)
      .varint(memory.hoursSeen)
      .decimal(memory.covered)
      .decimals(memory.hours)
      // Numbers of like size beside each other: a list takes as many bits each as its span needs.
      .decimals([memory.level, memory.hourMean])
      .decimals([memory.drift, memory.quick, memory.slow])
      .decimals([memory.stepsNow, memory.stepsUsual, spreads.residual, spreads.quick, spreads.change, spreads.step, memory.range])
      .decimals([link.loading, link.spread, link.quick, link.quickSpread])
      .text()
  );
}

const notOurs = () => new DetectorStateError('the risk in the detector state holds what this detector does not write; discard it and warm up from history');

function presentOf(reader: BytesReader, length: number, least = Number.NEGATIVE_INFINITY): number[] {
  return reader.decimals(length).map((value) => {
    if (value === null || value < least) throw notOurs();
    return value;
  });
}

/**
 * @param point the metric's last one
 * @throws DetectorStateError for anything that `packRiskMetric` did not write
 */
export function unpackRiskMetric(packed: string, { at, value }: { readonly at: number; readonly value: number }): RiskMetric {
  const reader = new BytesReader(packed);
  const n = reader.varint();
  const hoursSeen = reader.varint();
  const covered = reader.decimal();
  const hours = reader.decimals(hoursOfDay);
  const [level = 0, hourMean = 0] = presentOf(reader, 2);
  const [drift = 0, quick = 0, slow = 0] = presentOf(reader, 3);
  const [stepsNow = 0, stepsUsual = 0, residual = 0, ofQuick = 0, change = 0, step = 0, range = 0] = presentOf(reader, 7, 0);
  const [loading = 0, spread = 0, linkQuick = 0, quickSpread = 0] = presentOf(reader, 4);
  reader.end();
  if (n < 1 || covered < 0 || spread < 0 || quickSpread < 0) throw notOurs();
  return {
    at,
    value,
    memory: {
      n,
      hoursSeen,
      hours,
      covered,
      hourMean,
      drift,
      level,
      quick,
      slow,
      stepsNow,
      stepsUsual,
      range,
      spreads: { residual, quick: ofQuick, change, step },
      link: { loading, spread, quick: linkQuick, quickSpread },
    },
  };
}

/** The resource as a whole; '' while nothing was seen. @param newest time of the detector state's newest point, ms */
export function packRiskWhole({ at, whole, probability }: RiskState, newest: number): string {
  if (at === null) return '';
  return new BytesWriter()
    .decimal(newest - at)
    .varint(whole.n)
    .decimals([probability])
    .decimals([whole.common, whole.peaks.residual, whole.peaks.break, whole.peaks.step, whole.memory])
    .decimals([whole.hour, whole.hours])
    .text();
}

/** @throws DetectorStateError for anything that `packRiskWhole` did not write */
export function unpackRiskWhole(packed: string, newest: number): Omit<RiskState, 'metrics'> | undefined {
  if (packed === '') return undefined;
  const reader = new BytesReader(packed);
  const at = newest - reader.decimal();
  const n = reader.varint();
  const [probability = null] = reader.decimals(1);
  const [common = 0, residual = 0, broken = 0, step = 0, memory = 0] = presentOf(reader, 5, 0);
  const [hour = 0, hours = 0] = presentOf(reader, 2);
  reader.end();
  if (probability !== null && (probability < 0 || probability > 1)) throw notOurs();
  return { at, probability, whole: { common, peaks: { residual, break: broken, step }, memory, hour, hours, n } };
}
