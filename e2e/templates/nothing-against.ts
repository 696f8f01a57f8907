// A check that passes when nothing was found that speaks against it.
import type { Check } from '../check.ts';

/** `found`: what speaks against it, one per line of the detail. */
export function nothingAgainst(name: string, found: readonly string[], shown = 20): Check {
  if (found.length === 0) return { name, ok: true };
  const more = found.length > shown ? [`and ${found.length - shown} more`] : [];
  return { name, ok: false, detail: [...found.slice(0, shown), ...more].join('\n') };
}
