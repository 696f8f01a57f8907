// The error of stored state that cannot be read, where every part of the state may throw it.

/** The stored state was not written by this detector. Discard it and warm up from history again. */
export class DetectorStateError extends Error {
  override readonly name = 'DetectorStateError';
}
