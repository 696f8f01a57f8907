// The lock of a service: a lease with a fencing token.
import type { Lock } from '../contracts/records.ts';

/** Longer than any pause between two writes of a workflow (the longest bake is an hour), so that only a dead holder loses it. */
export const leaseMinutes = 90;

/** `free`: nobody holds it, or the lease has run out; `mine`: a retry of the holder. */
export function lockState(lock: Lock | undefined, holder: string, now: number): 'free' | 'mine' | 'held' {
  if (!lock || Date.parse(lock.expiresAt) <= now) return 'free';
  return lock.holder === holder ? 'mine' : 'held';
}

export const leaseUntil = (now: number): string => new Date(now + leaseMinutes * 60_000).toISOString();
