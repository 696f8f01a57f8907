// What the invariants have to know of the world, at this very moment. The world fills it in.
import type { SideName } from '../../core/contracts/plan.ts';

export interface WorldView {
  /** `healthy`: most users are served; `lost`: practically none, as health checkers see it; `degraded`: between, which they do not see. */
  sideState(side: SideName): 'healthy' | 'degraded' | 'lost';
  /** The side's ready instances (running, healthy, registered), by id. */
  readyInstances(side: SideName): readonly string[];
  /** Requests a second of all users. */
  demandRps(): number;
  /** Probability that a look-up is answered with this side: weights and health checks as resolvers get them. */
  routedTo(side: SideName): number;
  /** Seconds by which the standby's data are behind at this moment. Absent: this world has no data. */
  replicationLag?(): number;
}
