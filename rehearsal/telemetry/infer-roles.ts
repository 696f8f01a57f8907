// What the columns of a telemetry file mean, told by their names alone; a name that is not well known is `other`.
import type { MetricRole } from '../../core/contracts/metrics.ts';
import type { DetectorConfig } from '../../core/prediction/port.ts';

/** A metric of the file, and the factor that brings its values to the role's unit. */
export interface Column {
  readonly metric: DetectorConfig['metrics'][number];
  readonly factor: number;
}

/** Words of a name in lower case: `CPUUtilization`, `cpu_utilization` and `cpu-utilization` are the same. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])|([0-9])([A-Z][a-z])/g, '$1$3 $2$4')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll('%', ' percent ')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

const any = (words: readonly string[], ...wanted: string[]): boolean => wanted.some((word) => words.includes(word));

function roleOf(words: readonly string[]): MetricRole {
  if (any(words, 'latency') || (words.includes('response') && words.includes('time'))) return 'latency';
  if (words.includes('status') && words.includes('check')) return 'status';
  if (any(words, 'rate', 'ratio', 'free', 'available', 'bytes', 'credit', 'credits', 'iops', 'read', 'write')) return 'other';
  if (any(words, 'errors', 'error', '5xx', 'failures')) return 'errors';
  if (words.join(' ') === 'requests' || words.join(' ') === 'request count') return 'requests';
  const share = words.length === 1 || any(words, 'percent', 'pct', 'utilization', 'utilisation', 'util');
  if (share && any(words, 'cpu')) return 'cpu';
  if (share && any(words, 'memory', 'mem')) return 'memory';
  if (share && any(words, 'disk')) return 'disk';
  if (any(words, 'network') && any(words, 'in', 'out')) return 'network';
  return 'other';
}

function latencyFactor(words: readonly string[]): number {
  if (any(words, 'ms', 'millis', 'milliseconds')) return 1e-3;
  return any(words, 'us', 'micros', 'microseconds') ? 1e-6 : 1;
}

/**
 * Roles for the columns of one file. Errors are judged only against requests; a file of nothing but context (requests,
 * network) is judged as metrics of unknown meaning.
 */
export function inferColumns(names: readonly string[]): Column[] {
  const guesses = names.map((name) => ({ name, words: wordsOf(name) })).map((guess) => ({ ...guess, role: roleOf(guess.words) }));
  const requests = guesses.some(({ role }) => role === 'requests');
  const judged = guesses.some(({ role }) => role !== 'requests' && role !== 'network' && (role !== 'errors' || requests));
  return guesses.map(({ name, words, role: guessed }) => {
    const role = !judged || (guessed === 'errors' && !requests) ? 'other' : guessed;
    const limit = role === 'memory' || role === 'disk' ? { limit: 100 } : {};
    return { metric: { name, role, periodSeconds: 60, ...limit }, factor: role === 'latency' ? latencyFactor(words) : 1 };
  });
}
