// The detector state as it is stored: packed, with its version, and refused when this detector did not write it.
import { z } from 'zod';
import { initialRisk } from './features/incident-risk.ts';
import { packRiskMetric, packRiskWhole, unpackRiskMetric, unpackRiskWhole } from './features/stored-risk.ts';
import { BytesReader, BytesWriter } from './packing.ts';
import type { DetectorConfig } from './port.ts';
import { binsOf } from './signals/season.ts';
import { packAlarm, packSignals, unpackAlarm, unpackSignals } from './signals/stored-bank.ts';
import { type DetectorState, stateVersion } from './state.ts';
import { DetectorStateError } from './state-error.ts';
import { packMetric, unpackMetric } from './stored-metric.ts';

/** Short names, for they are stored with each resource. */
const StoredState = z.strictObject({
  version: z.literal(stateVersion),
  /** time of the newest point, ms */
  last: z.number().nullable(),
  /** what is kept of each metric, packed; after a `~` its signals; after another what its risk needs */
  metrics: z.record(z.string(), z.string()),
  /** what is kept of the resource as a whole, packed */
  whole: z.string(),
  /** what was told of the signals, packed */
  told: z.string(),
  /** risk of the metrics of unknown meaning, packed; '' where there are none */
  risk: z.string(),
});
type StoredState = z.infer<typeof StoredState>;

/** The state as plain JSON; `parseState` makes the same state of it. */
export function packState(state: DetectorState): StoredState {
  const newest = state.last ?? 0;
  return {
    version: stateVersion,
    last: state.last,
    metrics: Object.fromEntries(
      Object.entries(state.metrics).map(([name, metric]) => {
        const memory = state.bank.metrics[name];
        const risk = state.risk.metrics[name];
        const parts = [packMetric(metric, newest), memory === undefined ? '' : packSignals(memory, newest), risk === undefined ? '' : packRiskMetric(risk)];
        return [name, parts.join('~').replace(/~+$/, '')];
      }),
    ),
    whole: packWhole(state, newest),
    told: packAlarm(state.bank.alarm),
    risk: packRiskWhole(state.risk, newest),
  };
}

/**
 * Reads stored state. Metrics that the configuration no longer names are dropped; new ones begin empty.
 * @throws DetectorStateError for another version or another shape
 */
export function parseState(stored: unknown, config: DetectorConfig): DetectorState {
  const version = typeof stored === 'object' && stored !== null && 'version' in stored ? stored.version : undefined;
  if (version !== stateVersion)
    throw new DetectorStateError(
      `detector state has version ${JSON.stringify(version) ?? 'none'}, this detector reads version ${stateVersion}; discard it and warm up from history`,
    );
  const parsed = StoredState.safeParse(stored);
  if (!parsed.success)
    throw new DetectorStateError(`detector state is not one that this detector wrote; discard it and warm up from history:\n${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  const { last, metrics, whole, told, risk } = parsed.data;
  const names = new Set(config.metrics.map(({ name }) => name));
  const known = Object.entries(metrics).flatMap(([name, packed]) => {
    if (!names.has(name)) return [];
    const [core = '', signals = '', risk = '', ...more] = packed.split('~');
    if (more.length > 0) throw notOurs();
    return [{ name, metric: unpackMetric(core, last ?? 0), signals, risk }];
  });
  const bins = binsOf(config.metrics.length);
  const memories = known.flatMap(({ name, signals }) => {
    const memory = signals === '' ? undefined : unpackSignals(signals, last ?? 0, bins);
    return memory === undefined ? [] : [[name, memory] as const];
  });
  return {
    version: stateVersion,
    last,
    metrics: Object.fromEntries(known.map(({ name, metric }) => [name, metric])),
    ...unpackWhole(whole, last ?? 0),
    bank: { metrics: Object.fromEntries(memories), alarm: unpackAlarm(told) },
    risk: {
      ...(unpackRiskWhole(risk, last ?? 0) ?? initialRisk),
      metrics: Object.fromEntries(
        known.flatMap(({ name, metric, risk: packed }) => (packed === '' ? [] : [[name, unpackRiskMetric(packed, metric)] as const])),
      ),
    },
  };
}

function packWhole({ evidence, errors, load }: DetectorState, newest: number): string {
  const writer = new BytesWriter();
  writer.decimal(evidence.latency).decimal(evidence.errors).decimal(evidence.cpu);
  writer.decimal(errors.usualRate).decimal(errors.rate).decimal(errors.served).varint(errors.n);
  writer.decimals([errors.since === null ? null : newest - errors.since]);
  if (load !== null)
    writer
      .decimal(newest - load.at)
      .decimals(load.recent)
      .decimals(load.surges);
  return writer.text();
}

function unpackWhole(packed: string, newest: number): Omit<DetectorState, 'version' | 'last' | 'metrics' | 'bank' | 'risk'> {
  const reader = new BytesReader(packed);
  const positive = () => {
    const value = reader.decimal();
    if (value < 0) throw notOurs();
    return value;
  };
  const evidence = { latency: positive(), errors: positive(), cpu: positive() };
  const [usualRate, rate, served, n] = [reader.decimal(), reader.decimal(), reader.decimal(), reader.varint()];
  const [since = null] = reader.decimals(1);
  const load = reader.atEnd ? null : { at: newest - reader.decimal(), recent: recentOf(reader), surges: recentOf(reader) };
  reader.end();
  return { evidence, errors: { usualRate, rate, served, n, since: since === null ? null : newest - since }, load };
}

function recentOf(reader: BytesReader): number[] {
  const values = reader.decimals();
  if (values.length > 3) throw notOurs();
  return values.map((value) => {
    if (value === null) throw notOurs();
    return value;
  });
}

const notOurs = () => new DetectorStateError('the detector state holds what this detector does not write; discard it and warm up from history');
