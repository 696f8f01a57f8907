// Whether the side that is to receive the traffic is the safer one, as far as its score is known.
import type { Plan } from '../contracts/plan.ts';
import type { FailoverRecord } from '../contracts/records.ts';

export interface TargetRisk {
  readonly move: Pick<FailoverRecord, 'kind' | 'drill' | 'to' | 'from'>;
  readonly thresholds: Plan['thresholds'];
  /** 0-100; null: not known, or not fresh */
  readonly target: number | null;
  readonly losing: number | null;
}

export interface RiskCheck {
  /** why the traffic must not go there */
  readonly refusal: string | undefined;
  /** what was found, for the record */
  readonly finding: string;
}

/**
 * A predictive move goes to a side whose score is lower than that of the side it leaves, and below `full`. A way home and a drill go to a calm
 * side (below `partial`), and a drill leaves a calm one; but when the side that serves is itself at `full` or above, the way home is an escape, and the rule
 * of a predictive move holds. An unknown score refuses nothing: what proves such a side is the canary, and the record says so.
 */
export function checkTargetRisk({ move, thresholds, target, losing }: TargetRisk): RiskCheck {
  const { kind, to, from } = move;
  const calm = kind !== 'predictive' && (losing ?? 0) < thresholds.full;
  if (kind === 'drill' && losing !== null && losing >= thresholds.partial)
    return refused(`${from} has the score ${show(losing)}: a drill leaves a side that is calm (below ${thresholds.partial})`);
  if (target === null) return { refusal: undefined, finding: `${to} has no fresh score: only the canary says that it is fit` };
  if (calm && target >= thresholds.partial)
    return refused(`${to} has the score ${show(target)}: without need traffic goes to a calm side (below ${thresholds.partial})`);
  if (target >= thresholds.full) return refused(`${to} has the score ${show(target)} and is expected to fail itself (${thresholds.full} or more)`);
  if (!calm && losing !== null && target >= losing) return refused(`${to} has the score ${show(target)}, ${from} ${show(losing)}: moving would lower no risk`);
  return { refusal: undefined, finding: `${to} has the score ${show(target)}${losing === null ? '' : `, ${from} ${show(losing)}`}` };
}

const refused = (reason: string): RiskCheck => ({ refusal: reason, finding: reason });
const show = (score: number) => String(Math.round(score * 10) / 10);
