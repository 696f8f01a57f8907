// What a failover does with a judgement: go on, wait for more evidence, or stop.
import type { Verdict } from '../contracts/records.ts';
import type { Judgement } from './judge.ts';

export interface Decided {
  readonly decision: 'pass' | 'fail' | 'wait' | 'no-evidence';
  /** what the record keeps: a target that is only better than the losing side has not passed, and proves nothing later */
  readonly verdict: Verdict;
  /** why the decision is not simply the verdict */
  readonly reasons: readonly string[];
}

/**
 * No evidence is waited out, for a bounded time (both in ms). Two cases go on without a pass: a losing side that with confidence fails more, since moving keeps
 * more users served; and a receiving side that is merely slower than the losing one, while with confidence it is within the objective.
 */
export function decide(judgement: Judgement, waited: number, patience: number): Decided {
  const { verdict, comparison, onlySlower, slowerSoFar } = judgement;
  if (verdict === 'pass') return { decision: 'pass', verdict, reasons: [] };
  if (onlySlower)
    return {
      ...{ decision: 'pass', verdict: 'pass' },
      reasons: ['going on all the same: it may be slower than the losing side, but with confidence it is within the objective'],
    };
  if (verdict === 'fail' && comparison === 'receiving-better')
    return { decision: 'pass', verdict, reasons: ['going on all the same: the losing side fails more, so that moving keeps more users served'] };
  const reasons = comparison === 'losing-better' ? ['the losing side measures better'] : [];
  if (verdict === 'fail' && !slowerSoFar) return { decision: 'fail', verdict, reasons };
  return { decision: waited < patience ? 'wait' : 'no-evidence', verdict: 'no-evidence', reasons };
}
