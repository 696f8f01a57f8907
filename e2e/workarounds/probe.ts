// What a probe is, and how what it saw is judged against the list of known differences.
import type { Check } from '../check.ts';
import type { KnownDifference } from '../known-differences/known-difference.ts';
import type { Lab } from './lab.ts';

/** Looks whether a known difference still shows. */
export interface Probe {
  /** That of the entry. */
  readonly id: string;
  /** By what the entry says, in a few words: whether the emulator still does so. Throws what the calls throw. */
  look(lab: Lab): Promise<Seen>;
}
export type Seen = Readonly<Record<string, boolean>>;

/** The check of one probe; an error in place of what was seen fails it. */
export function judge(entry: KnownDifference, seen: Seen | Error): Check {
  const name = (aspects: readonly string[]) => `the emulator still differs, ${entry.id}${aspects.length > 0 ? `: ${aspects.join(', ')}` : ''}`;
  if (seen instanceof Error) return { name: name([]), ok: false, detail: `the probe could not look: ${seen.message}` };
  const aspects = Object.keys(seen);
  const gone = aspects.filter((aspect) => seen[aspect] === false);
  if (aspects.length > 0 && gone.length === 0) return { name: name(aspects), ok: true };
  const list =
    gone.length === aspects.length ? 'take it off e2e/known-differences/' : 'take this out of its entry in e2e/known-differences/ and out of the probe';
  const workaround = entry.workaround === undefined ? '' : `, and look at the workaround in ${entry.workaround.file} (${entry.workaround.does})`;
  return { name: name(aspects), ok: false, detail: `no longer so: ${gone.join(', ') || 'the probe looked at nothing'}; ${list}${workaround}` };
}

/**
 * Whether probes and entries belong together: every probe has an entry, and every entry is shown by the comparisons of calls or traces (`shows`), or probed, or says why not.
 * Resolves with what is wrong, in words.
 */
export function mismatches(probed: readonly string[], known: readonly KnownDifference[]): string[] {
  const ids = new Set(known.map(({ id }) => id));
  return [
    ...probed.filter((id, index) => probed.indexOf(id) !== index).map((id) => `two probes look for ${id}`),
    ...probed.filter((id) => !ids.has(id)).map((id) => `the probe of ${id} has no entry`),
    ...known.flatMap(({ id, shows, unprobed }) => {
      const looked = [...(shows === undefined ? [] : ['shows']), ...(probed.includes(id) ? ['a probe'] : []), ...(unprobed === undefined ? [] : ['unprobed'])];
      if (looked.length === 1) return [];
      return [
        looked.length === 0 ? `nothing looks for ${id}: it needs a probe, or unprobed with the reason` : `${id} has ${looked.join(' and ')}: one is enough`,
      ];
    }),
  ];
}
