// What becomes of the side that a failover has left: once the other one has served well for long enough, the next thing that is safe now.
import type { FailoverStep } from '../../core/contracts/workflow.ts';
import type { Services } from '../services.ts';
import type { Step } from '../task-handler.ts';
import { NotNow, requireProgress, requireSafe } from './gate.ts';
import { type LeftSide, readLeftSide } from './left-side.ts';
import { discard, replace } from './replace.ts';
import { takeAway } from './take-away.ts';

/** Between two steps, seconds: instances boot in minutes, and balancers drain for some. */
const stepSeconds = 60;

export const retireSide: Step<'retire-side'> = async (step, services) => {
  try {
    const side = await readLeftSide(await requireSafe(step, services), services);
    const done = side.plan.after.losingSide === 'rebuild' ? await replace(side, services) : await takeAway(side, side.retired, 'stopped', services);
    if (!done) {
      await requireComing(side, services);
      return { decision: 'wait', waitSeconds: stepSeconds };
    }
    await tellDone(side, services);
    return { decision: 'done', waitSeconds: 0 };
  } catch (error) {
    if (!(error instanceof NotNow)) throw error;
    await tellNotNow(step, error, services);
    return { decision: error.decision, waitSeconds: error.waitSeconds };
  }
};

async function requireComing({ record, service, retired, plan }: LeftSide, services: Services): Promise<void> {
  const made = (await services.retirements.replacements(service.serviceId)).filter(({ failoverId }) => failoverId === record.failoverId);
  requireProgress(
    [...retired, ...made].map(({ updatedAt }) => updatedAt),
    `to ${plan.after.losingSide} ${record.from} was begun`,
    services,
  );
}

async function tellDone({ record, service, plan, retired }: LeftSide, services: Services): Promise<void> {
  const rebuilt = plan.after.losingSide === 'rebuild';
  const made = rebuilt ? (await services.retirements.replacements(service.serviceId)).filter(({ failoverId }) => failoverId === record.failoverId) : [];
  const reasons = [
    `${rebuilt ? 'terminated' : 'stopped'}: ${retired.map(({ instanceId }) => instanceId).join(', ')}`,
    ...(rebuilt
      ? [
          `in their place: ${made.map(({ instanceId }) => instanceId).join(', ')}`,
          'apply the plan again, so that they are scored; the side stays latched until the fail-back',
        ]
      : ['before the way home the side needs its instances again']),
  ];
  const message = `${record.from} is ${rebuilt ? 'rebuilt' : 'out of service'}`;
  await services.failovers.tell(record.failoverId, '089-left-side', { at: new Date(services.now()).toISOString(), phase: record.phase, message, reasons });
  await services.notifier.tell('info', `${service.serviceId}: ${message}`, [`failover ${record.failoverId}`, ...reasons]);
}

/** What was begun and cannot go on is a person's to finish. */
async function tellNotNow(step: FailoverStep, { decision, reasons: why }: NotNow, services: Services): Promise<void> {
  const { serviceId, failoverId } = step;
  const { phase, from } = await services.failovers.get(failoverId);
  const refused = decision === 'refused';
  const begun = refused && (await isBegun(step, services));
  const running = begun ? await discard(step, services) : [];
  const reasons = [...why, ...(running.length === 0 ? [] : [`started, and still running: ${running.join(', ')}`])];
  const message = refused ? `nothing more is done to ${from}` : `nothing is done to ${from} yet`;
  await services.failovers.tell(failoverId, refused ? '089-left-side' : '080-left-side', {
    at: new Date(services.now()).toISOString(),
    phase,
    message,
    reasons,
  });
  if (!refused) return;
  await services.notifier.tell(begun ? 'page' : 'info', `${serviceId}: ${message}`, [
    `failover ${failoverId}`,
    ...reasons,
    'see the runbook "The side that was left"',
  ]);
}

async function isBegun({ serviceId, failoverId }: FailoverStep, { retirements }: Services): Promise<boolean> {
  const taken = (await retirements.retired(serviceId, failoverId)).some(({ status }) => status !== 'intended');
  return taken || (await retirements.replacements(serviceId)).some((place) => place.failoverId === failoverId);
}
