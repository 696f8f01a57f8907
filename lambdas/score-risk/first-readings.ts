// New resources are read with days of history, which takes seconds each: so many at a time that an invocation ends in time.

/** Histories that one invocation reads, all its messages together: some 30 of its 50 seconds. The rest stays due and comes with the next minutes. */
export const mostHistories = 12;

interface FirstReading {
  readonly subject: { readonly kind: string };
  readonly state: { readonly observedUntil: number | null };
}

/**
 * What of each message is read now: everything that is known already, and the first histories, of all messages entries before resources: without its entry
 * nothing is decided of a service. A fleet that has just been applied becomes known service by service; without a limit none of it ever would.
 */
export function withinReach<Reading extends FirstReading>(messages: readonly (readonly Reading[])[], most = mostHistories): Reading[][] {
  const isNew = ({ state }: Reading) => state.observedUntil === null;
  const isEntry = ({ subject }: Reading) => subject.kind === 'entry';
  const histories = messages.flat().filter(isNew);
  const chosen = new Set([...histories.filter(isEntry), ...histories.filter((reading) => !isEntry(reading))].slice(0, most));
  return messages.map((readings) => readings.filter((reading) => !isNew(reading) || chosen.has(reading)));
}
