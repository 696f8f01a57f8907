// Step Functions: starts workflows by name, and asks how they are.
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { StateMachineName } from '../../core/contracts/deployment.ts';
import { executionArn, stateMachineArn } from '../../core/contracts/names.ts';
import { clientFor } from './clients.ts';

export class Workflows {
  readonly #arnPrefix: string;
  readonly #region: string;

  constructor(region: string, arnPrefix: string) {
    this.#region = region;
    this.#arnPrefix = arnPrefix;
  }

  get #client() {
    return clientFor(SFNClient, this.#region);
  }

  /** Starts the machine under this name. An execution of the name that exists already is success: it is the same decision. */
  async start(machine: StateMachineName, name: string, input: unknown): Promise<'started' | 'exists'> {
    try {
      await this.#client.send(new StartExecutionCommand({ stateMachineArn: stateMachineArn(this.#arnPrefix, machine), name, input: JSON.stringify(input) }));
      return 'started';
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return 'exists';
      throw error;
    }
  }

  async status(machine: StateMachineName, name: string): Promise<'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'unknown'> {
    try {
      const { status } = await this.#client.send(new DescribeExecutionCommand({ executionArn: executionArn(stateMachineArn(this.#arnPrefix, machine), name) }));
      return status === undefined || status === 'PENDING_REDRIVE' ? 'unknown' : status;
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return 'unknown';
      throw error;
    }
  }
}
