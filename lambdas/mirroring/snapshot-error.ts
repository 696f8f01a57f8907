// What ends a workflow of snapshots, and is told to people.

/** A snapshot or its copy failed in EC2, or did not come to an end. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}
