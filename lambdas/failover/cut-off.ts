// A prober that is cut off from a side finds it dead; Route 53's checkers, which look from many places, say whether users find it so too.
import type { ProbeEvidence } from '../../core/canary/judge.ts';
import { entrySubject } from '../../core/contracts/names.ts';
import type { SideName } from '../../core/contracts/plan.ts';
import { logger } from '../logger.ts';
import type { Services } from '../services.ts';
import { endpointHealth } from './endpoint-health.ts';
import { stateOf } from './serving.ts';

/**
 * Whether what the prober saw of a side is about its own way there: nearly every request failed, and Route 53's checkers find the side healthy.
 * A side that died a moment ago may look so too, until its health is reported: its probes are no evidence then, which decides for nobody.
 * What Route 53 says is not always known; then the prober is believed.
 */
export async function isCutOff(
  serviceId: string,
  activeSide: SideName,
  side: SideName,
  evidence: Pick<ProbeEvidence, 'requests' | 'failed'> | undefined,
  services: Services,
): Promise<boolean> {
  if (evidence === undefined || stateOf(evidence).state !== 'dead') return false;
  try {
    const entry = await services.subjects.find(serviceId, entrySubject(activeSide));
    return (await endpointHealth(entry?.healthChecks ?? {}, services))[side] === 'healthy';
  } catch (error) {
    logger.warn('health of the sides is unknown', { serviceId, error: error as Error });
    return false;
  }
}

/** Said in the story. */
export const cutOffReason = (side: SideName): string =>
  `the prober cannot reach ${side}, which Route 53's checkers find healthy: what it saw there is no evidence of that side`;
