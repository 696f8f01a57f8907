// Asks a person, and asks again as a page: with what is to be moved, why, and the command that answers.
import type { Session } from '../failover/session.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';

/** Repeated until people were told; that they could not be told is no reason to end a move that they may learn of by other ways. */
export async function ask({ record, plan, at }: Session, services: Services): Promise<void> {
  const { failoverId } = record;
  if (record.approval === undefined) {
    await services.approvals.ask(failoverId, at);
    await services.failovers.tell(failoverId, '033-asked', {
      at,
      phase: 'approval',
      message: 'waiting for a person to approve; both sides are judged all the while',
      reasons: [`the plan waits ${plan.approval.timeoutMinutes} minutes, then: ${plan.approval.onTimeout}`],
    });
  }
  if (record.approval?.toldAt !== undefined) return;
  const said = { severity: 'info', what: 'waits for approval', askedAt: record.approval?.askedAt ?? at } as const;
  if (await tellPeople(said, { record, plan }, services)) await services.approvals.markTold(failoverId, 'toldAt', at);
}

/** Once more, as a page. */
export async function escalate({ record, plan, at }: Session, services: Services): Promise<void> {
  const { failoverId, approval } = record;
  const said = { severity: 'page', what: 'still waits for approval', askedAt: approval?.askedAt ?? at } as const;
  if (!(await tellPeople(said, { record, plan }, services))) return;
  await services.approvals.markTold(failoverId, 'escalatedAt', at);
  await services.failovers.tell(failoverId, '034-escalated', { at, phase: 'approval', message: 'nobody has answered; people were paged' });
}

interface Said {
  readonly severity: 'info' | 'page';
  readonly what: string;
  /** ISO */
  readonly askedAt: string;
}

async function tellPeople({ severity, what, askedAt }: Said, { record, plan }: Pick<Session, 'record' | 'plan'>, services: Services): Promise<boolean> {
  const { failoverId, serviceId, kind, from, to, reasons } = record;
  const until = new Date(Date.parse(askedAt) + plan.approval.timeoutMinutes * 60_000).toISOString();
  const command = `npm run -s failover:approve -- ${failoverId} --by NAME --region ${services.region}`;
  try {
    await services.notifier.tell(severity, `${serviceId}: ${kind} ${what}`, [
      `failover ${failoverId}: ${kind} of ${serviceId} from ${from} to ${to}`,
      ...reasons,
      `to approve: ${command}`,
      `to deny: ${command} --deny`,
      `without an answer until ${until} the plan's onTimeout follows: ${plan.approval.onTimeout}; see the runbook "A failover waits for approval"`,
    ]);
    return true;
  } catch (error) {
    logger.warn('people could not be told', { failoverId, error: error as Error });
    return false;
  }
}
