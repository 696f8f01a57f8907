// What the assertions are told of a service that was played on the emulator; everything else they read there.
import type { Plan, SideName } from '../../core/contracts/plan.ts';
import type { GatewayRecord } from '../gateway/record.ts';

export interface AssertionContext {
  /** Of the emulator. What is read through the gateway would be among its calls. */
  readonly endpoint: string;
  readonly controlRegion: string;
  /** As it was applied. */
  readonly plan: Plan;
  /** All that the gateway recorded, of every service. */
  readonly calls: readonly GatewayRecord[];
  /** The primary's instances, which were there before. */
  readonly primaryInstances: readonly string[];
  /** Health checks that the records had before. */
  readonly healthChecks: Readonly<Record<SideName, string>>;
  /** The failover in question. Default: the only one that was not refused. */
  readonly failoverId?: string;
}
