// What one played run left behind, in the same form from either cloud.
import type { StateMachineName } from '../../core/contracts/deployment.ts';
import type { Plan } from '../../core/contracts/plan.ts';
import type { FailoverEvent, FailoverRecord, ServiceRecord } from '../../core/contracts/records.ts';

/** One answered call of the product's functions, with the input of its SDK command. */
export interface TracedCall {
  /** ms since the epoch */
  readonly at: number;
  /** As the simulated cloud names them: `ec2`, `cloudwatch`, `elasticloadbalancing` ... */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** DynamoDB's items in attribute values. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Name of the error that it was answered with. */
  readonly error?: string | undefined;
}

/** How often a state was entered, and how its tasks went. */
export interface TracedExecution {
  readonly arn: string;
  readonly machine: StateMachineName;
  readonly name: string;
  /** ARN of the execution that started it as a nested one. */
  readonly parent?: string | undefined;
  readonly status: string;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly input: unknown;
  /** Names, in the order in which they were entered. */
  readonly states: readonly string[];
}

/** Everything of one service. */
export interface RunRecord {
  readonly plan: Plan;
  /** In the order in which they were answered. */
  readonly calls: readonly TracedCall[];
  readonly executions: readonly TracedExecution[];
  readonly service: ServiceRecord;
  readonly failovers: readonly FailoverRecord[];
  readonly events: readonly FailoverEvent[];
}
