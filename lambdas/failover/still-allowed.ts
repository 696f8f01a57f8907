// Asked again between the opening of a failover and its first users: windows, the target's risk, and what the data of the other side lack.
import type { FailoverRecord } from '../../core/contracts/records.ts';
import { riskOf, standingWindow } from '../../core/failover/interlocks.ts';
import { checkLag, type LagCheck, lagFreshness } from '../../core/failover/replication-lag.ts';
import { checkTargetRisk } from '../../core/failover/target-risk.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { type Session, updateRecord } from './session.ts';
import { sideScores } from './side-scores.ts';

export interface StillAllowed {
  /** why the move must not go on; empty: it may */
  readonly refusals: readonly string[];
  /** what was found, for the record */
  readonly findings: readonly string[];
}

/** A move that has begun, by its first change of weights, is not asked any more. The lag that was found goes into the record. */
export async function stillAllowed(session: Session, services: Services): Promise<StillAllowed> {
  const { record, service, plan } = session;
  if (record.intended !== undefined || record.kind === 'evacuation') return { refusals: [], findings: [] };
  const window = standingWindow(plan, record, services.now());
  const risk = checkTargetRisk({ ...riskOf(record, await sideScores(service, services)), thresholds: plan.thresholds });
  const lag = record.drill === 'canary' ? undefined : await lagNow(session, services);
  if (lag?.seconds !== undefined) await rememberLag(session, lag.seconds, services);
  return {
    refusals: [window?.reason, risk.refusal, lag?.refusal].filter((reason) => reason !== undefined),
    findings: [risk.finding, lag?.finding].filter((finding) => finding !== undefined),
  };
}

/** undefined: the plan has no metric for it. */
async function lagNow({ plan, record }: Session, services: Services): Promise<LagCheck | undefined> {
  if (!plan.replication) return undefined;
  const { lag, region = plan.sides.standby.region } = plan.replication;
  const now = services.now();
  const period = lag.periodSeconds * 1000;
  try {
    const from = Math.floor((now - lagFreshness - period) / period) * period;
    const read = await services.telemetry.read(region, [{ key: 'replication-lag', metric: lag }], from, now);
    return checkLag(plan, lag.periodSeconds, read.get('replication-lag'), record, now);
  } catch (error) {
    logger.warn('replication lag not read', { failoverId: record.failoverId, error: error as Error });
    return checkLag(plan, lag.periodSeconds, undefined, record, now);
  }
}

async function rememberLag(session: Session, replicationLagSeconds: number, services: Services): Promise<void> {
  const { measurements, startedAt }: FailoverRecord = session.record;
  await updateRecord(session, { measurements: { decidedAt: startedAt, ...measurements, replicationLagSeconds } }, services);
}
