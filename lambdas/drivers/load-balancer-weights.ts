// Driver `load-balancer-weights`: weighted target groups of an Application Load Balancer in front of both sides.
import type { SideName } from '../../core/contracts/plan.ts';
import { type DriverOf, driverKey, regionOfArn } from '../../core/contracts/plan-drivers.ts';
import { shareOf } from '../../core/traffic/steps.ts';
import { type Forwarding, ForwardWeights } from '../adapters/forward-weights.ts';
import { WeightsChangedError } from '../adapters/record-router.ts';
import { type DriverPort, DriverRefusedError, type DriverRequest } from './port.ts';

type Settings = DriverOf<'load-balancer-weights'>;

/**
 * Elastic Load Balancing has no compare-and-set: what stands is read and compared with what the record says that Forestall left, and what was
 * written is read back. A change by somebody else in the moment between the two calls is overwritten; one before or after it is noticed.
 * The token is the standby's share, in percent; before a write it lists every share that may stand after a crash, as in `10>50`.
 */
export const loadBalancerWeights: DriverPort<'load-balancer-weights'> = {
  name: 'load-balancer-weights',
  gradual: true,

  async read({ settings }) {
    const standing = await forwarding(settings);
    const standby = standbyShare(standing, settings);
    return { standby, detail: `${driverKey(settings)} forwards ${standby} % to the standby`, stickySeconds: standing.stickySeconds };
  },

  intent: (request) => [...new Set([...left(request), standbyPercent(request)])].join('>'),

  async apply(request) {
    const { settings } = request;
    const wanted = standbyPercent(request);
    const forwardWeights = frontOf(settings);
    const standing = await forwarding(settings);
    const share = standbyShare(standing, settings);
    const done = { state: 'done', token: String(wanted) } as const;
    if (share === wanted) return done;
    const expected = left(request);
    if (!expected.includes(share))
      throw new WeightsChangedError(
        `${driverKey(settings)} forwards ${share} % to the standby, not ${expected.join(' or ')} % as Forestall left it: somebody else changed it`,
      );
    await forwardWeights.write(
      standing,
      new Map([...standing.weights.keys()].map((arn) => [arn, arn === settings.targetGroups.standby ? wanted : 100 - wanted])),
    );
    const now = standbyShare(await forwarding(settings), settings);
    if (now !== wanted)
      throw new WeightsChangedError(`${driverKey(settings)} was set to ${wanted} % for the standby and reads ${now} %: somebody else changed it`);
    return done;
  },

  isDone: async () => true,
};

const frontOf = ({ ruleArn, listenerArn }: Settings): ForwardWeights => {
  const region = regionOfArn(ruleArn ?? listenerArn ?? '');
  return new ForwardWeights(ruleArn === undefined ? { region, listenerArn: listenerArn ?? '' } : { region, ruleArn });
};

async function forwarding(settings: Settings): Promise<Forwarding> {
  const { primary, standby } = settings.targetGroups;
  const forwardWeights = frontOf(settings);
  const found = await forwardWeights.read();
  const key = driverKey(settings);
  if (!found) throw new DriverRefusedError(`${key} has no forward action; make it forward to ${primary} and ${standby}`);
  const others = [...found.weights.keys()].filter((arn) => arn !== primary && arn !== standby);
  if (others.length > 0) throw new DriverRefusedError(`${key} forwards to ${others.join(', ')} as well; take it out of the action, or name another rule`);
  if (!found.weights.has(primary) || !found.weights.has(standby))
    throw new DriverRefusedError(
      `${key} does not forward to both target groups of the plan; put ${primary} and ${standby} into its action, one of them with weight 0`,
    );
  return found;
}

/** In whole percent: finer shares are somebody else's. Throws DriverRefusedError when both weights are 0, since nobody is served then. */
function standbyShare({ weights }: Forwarding, settings: Settings): number {
  const of = (side: SideName) => weights.get(settings.targetGroups[side]) ?? 0;
  const total = of('primary') + of('standby');
  if (total === 0) throw new DriverRefusedError(`${driverKey(settings)} has no weight for either side; set the weight of the side that serves`);
  return Math.round((of('standby') / total) * 1000) / 10;
}

const standbyPercent = ({ to, percent }: DriverRequest<'load-balancer-weights'>): number => (to === 'standby' ? percent : 100 - percent);

/** Shares that Forestall may have left: those of the record's token, or, at first, what the records gave the standby at the start. */
function left({ known, record, to }: DriverRequest<'load-balancer-weights'>): number[] {
  if (known?.token !== undefined) return known.token.split('>').map(Number);
  const start = record.weightsAtStart ?? (to === 'standby' ? { primary: 1, standby: 0 } : { primary: 0, standby: 1 });
  return [Math.round(shareOf('standby', start) * 100)];
}
