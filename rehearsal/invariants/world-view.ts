// What the invariants have to know of the world, at this very moment. The world fills it in.
import type { SideName } from '../../core/contracts/plan.ts';

export interface WorldView {
  /** Whether users who are sent to this side are served, for the most part. */
  sideHealthy(side: SideName): boolean;
  /** The side's ready instances (running, healthy, registered), by id. */
  readyInstances(side: SideName): readonly string[];
  /** Requests a second of all users. */
  demandRps(): number;
  /** Probability that a look-up is answered with this side: weights and health checks as resolvers get them. */
  routedTo(side: SideName): number;
}
