// Events as EventBridge forwards them, read into reports. Pure: neither who is concerned nor what is known already is asked here.
import { z } from 'zod';
import { deploymentSource, HostEvent } from '../../contracts/evidence.ts';
import { readDeployment } from './deployments.ts';
import { readHealthEvent } from './health-events.ts';
import { type Ignored, InvalidEventError, isOff, orderOf, parsed, plausible, type Report } from './report.ts';

const minute = 60_000;
/** A stop that somebody made is news for so long; afterwards what is left is how it is, ms. */
const stateCounts = 30 * minute;

/** In the order of an instance's life: for reports of one second. */
const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;
const goneStates: readonly string[] = ['stopping', 'stopped', 'shutting-down', 'terminated'];

const StateChange = z.object({ 'instance-id': z.string().regex(/^i-[0-9a-f]{8,17}$/), state: z.enum(states) });

/**
 * The report of an event, or why it is of no concern. Throws InvalidEventError.
 * @param account of this deployment: what AWS says of other accounts (an organisation's view) is not about it
 * @param now ms since the epoch
 */
export function readHostEvent(input: unknown, account: string, now: number): Report | Ignored {
  const event = parsed(HostEvent, input, 'a host event');
  if (event.account !== account) return { ignored: `it is of account ${event.account}` };
  const report = reportOf(event, plausible(Date.parse(event.time), now), now);
  if ('ignored' in report) return report;
  const off = isOff(report, now);
  return off === undefined ? report : { ignored: off };
}

function reportOf(event: HostEvent, at: number, now: number): Report | Ignored {
  switch (event.source) {
    case 'aws.ec2':
      return stateChange(event, at);
    case 'aws.health':
      return readHealthEvent(event, at, now);
    case 'aws.codedeploy':
    case 'aws.ecs':
    case deploymentSource:
      return readDeployment(event, at);
    default:
      throw new InvalidEventError(`there is no reading of events of ${event.source}; correct the rule that sends them here`);
  }
}

function stateChange(event: HostEvent, at: number): Report {
  const detail = parsed(StateChange, event.detail, 'a state change of an instance');
  const gone = goneStates.includes(detail.state);
  return {
    kind: 'state',
    event: detail['instance-id'],
    region: event.region,
    about: { type: 'instances', ids: [detail['instance-id']], well: [], balancers: [] },
    impact: 'stop',
    status: gone ? 'open' : 'closed',
    from: at,
    until: null,
    validUntil: at + stateCounts,
    label: `somebody has brought it to the state ${detail.state}`,
    order: orderOf(at, states.indexOf(detail.state)),
  };
}
