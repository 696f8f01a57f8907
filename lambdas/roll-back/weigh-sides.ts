// Whether going back serves more users than staying.
import { type Judgement, judge } from '../../core/canary/judge.ts';
import type { Weights } from '../../core/contracts/records.ts';
import { shareOf } from '../../core/traffic/steps.ts';
import type { Session } from '../failover/session.ts';
import type { Services } from '../services.ts';

/** Older probes say nothing of now. */
const evidenceMinutes = 5;

export interface Weighed {
  readonly goBack: boolean;
  readonly reasons: readonly string[];
}

/**
 * Back when the old side measures better, or the new one fails its objective and the old one is not proved worse, or so few users have moved
 * that little is lost by it. Otherwise the traffic stays: half of it on a side that was expected to fail is not improved by adding the rest.
 */
export async function weighSides({ record, plan }: Session, standing: Weights, { failovers, now }: Services): Promise<Weighed> {
  // Only a shift that nobody followed comes here from the drain: the weights go back to where the traffic is.
  if (record.phase === 'drain') return { goBack: true, reasons: [`${record.to} does not get the traffic`] };
  const samples = await failovers.probesSince(record.failoverId, new Date(now() - evidenceMinutes * 60_000).toISOString());
  const newest = samples.at(-1);
  const judgement: Judgement | undefined =
    newest &&
    judge({
      receiving: { live: newest[record.to], lagging: undefined },
      losing: { live: newest[record.from], lagging: undefined },
      objective: plan.objective,
      minimumProbes: Math.ceil(plan.canary.probes / 2),
    });
  const seen = newest
    ? (['primary', 'standby'] as const).map((side) => `${side}: ${newest[side].failed} of ${newest[side].requests} probes failed`)
    : ['there are no fresh probes'];
  if (judgement?.comparison === 'receiving-better') return { goBack: false, reasons: seen };
  if (judgement?.comparison === 'losing-better') return { goBack: true, reasons: seen };
  if (judgement?.verdict === 'fail' || (await lastVerdictFailed(record.failoverId)))
    return { goBack: true, reasons: [...seen, `${record.to} was found to fail its objective`] };
  const [smallest = 0] = plan.shift[record.profile].steps;
  const moved = Math.round(shareOf(record.to, standing) * 100);
  if (moved <= smallest) return { goBack: true, reasons: [...seen, `only ${moved} % of the traffic had moved`] };
  return { goBack: false, reasons: [...seen, `neither side measures better, and ${moved} % of the traffic has moved already`] };

  /** The balancer's veto is not among the probes; the story has it. */
  async function lastVerdictFailed(failoverId: string): Promise<boolean> {
    return (await failovers.story(failoverId)).findLast(({ verdict }) => verdict !== undefined)?.verdict === 'fail';
  }
}
