// Table `failovers`: the question to a person in a failover's record. Each change holds only from the state that it was decided on.
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Answer } from '../../core/failover/approval.ts';
import { conditionally, TableAdapter } from './document-client.ts';

const open = 'attribute_exists(failoverId) AND attribute_not_exists(endedAt)';
const unanswered = `${open} AND approval.#state = :asked`;

export class ApprovalStore extends TableAdapter {
  /** Asks the question. False: it was asked before, or the failover has ended. */
  async ask(failoverId: string, at: string): Promise<boolean> {
    return this.#update(failoverId, 'SET approval = :approval, phase = :phase, phaseStartedAt = :at', `${open} AND attribute_not_exists(approval)`, {
      ':approval': { state: 'asked', askedAt: at },
      ':phase': 'approval',
      ':at': at,
    });
  }

  /** People were told: of the question, or once more, as a page. */
  async markTold(failoverId: string, what: 'toldAt' | 'escalatedAt', at: string): Promise<void> {
    await this.#update(failoverId, `SET approval.${what} = :at`, unanswered, { ':at': at, ':asked': 'asked' });
  }

  /** Nobody answered in time. False: somebody has, meanwhile, or the failover has ended. */
  async timeOut(failoverId: string): Promise<boolean> {
    return this.#update(failoverId, 'SET approval.#state = :state', unanswered, { ':state': 'timed-out', ':asked': 'asked' });
  }

  /** A person's answer. False: nothing is asked (any more), and nothing was written. */
  async answer(failoverId: string, answer: Answer, by: string, at: string): Promise<boolean> {
    return this.#update(failoverId, 'SET approval.#state = :state, approval.answeredBy = :by, approval.answeredAt = :at', unanswered, {
      ':state': answer,
      ':by': by,
      ':at': at,
      ':asked': 'asked',
    });
  }

  async #update(failoverId: string, update: string, condition: string, values: Record<string, unknown>): Promise<boolean> {
    const named = update.includes('#state') || condition.includes('#state');
    return conditionally(
      this.client.send(
        new UpdateCommand({
          TableName: this.table,
          Key: { failoverId, entry: 'record' },
          UpdateExpression: update,
          ConditionExpression: condition,
          ...(named ? { ExpressionAttributeNames: { '#state': 'state' } } : {}),
          ExpressionAttributeValues: values,
        }),
      ),
    );
  }
}
