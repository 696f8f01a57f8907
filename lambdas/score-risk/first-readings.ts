// New resources are read with days of history, which takes seconds each: so many at a time that an invocation ends in time.

/** Histories that one invocation reads, all its messages together: some 30 of its 50 seconds. The rest stays due and comes with the next minutes. */
export const mostHistories = 12;

interface FirstReading {
  readonly subject: { readonly kind: string };
  readonly state: { readonly observedUntil: number | null };
}

/**
 * What of each message is read now: everything that is known already, and the first histories, entries before resources. A fleet that has just been
 * applied becomes known service by service; without a limit none of it ever would.
 */
export function withinReach<Reading extends FirstReading>(messages: readonly (readonly Reading[])[], most = mostHistories): Reading[][] {
  const isNew = ({ state }: Reading) => state.observedUntil === null;
  let left = most;
  const chosen = new Set<Reading>();
  for (const readings of messages)
    for (const reading of [...readings].sort((a, b) => Number(b.subject.kind === 'entry') - Number(a.subject.kind === 'entry'))) {
      if (!isNew(reading)) chosen.add(reading);
      else if (left > 0) {
        left -= 1;
        chosen.add(reading);
      }
    }
  return messages.map((readings) => readings.filter((reading) => chosen.has(reading)));
}
