// What is announced is acted upon in time, and only as far as it has to be.
import { describe, expect, it } from 'vitest';
import { Plan } from '../../core/contracts/plan.ts';
import { type Companion, playForestall } from '../../rehearsal/arms/forestall.ts';
import { drawRun } from '../../rehearsal/scenarios/scenario.ts';
import { hour, minute } from '../../rehearsal/world/faults.ts';
import { loadOf } from '../../rehearsal/world/run.ts';
import { atTimes, healthNotice, quiet, retirement } from './announced.ts';
import { shop } from './plan.ts';

const standard = Plan.parse({ ...shop, criticality: 'standard' });
/** One instance serves, and nothing can take its place. */
const alone = Plan.parse({
  ...standard,
  sides: {
    primary: { ...shop.sides.primary, instances: 1 },
    standby: { ...shop.sides.standby, instances: { partial: 1, full: 1 } },
  },
});

/** Mean of a day at which users send so many requests a second `after` (ms) the run's start. */
function meanFor(requestsPerSecond: number, after: number): number {
  const run = drawRun(quiet(1, 100), 1, standard);
  return (100 * requestsPerSecond) / loadOf(run)(run.start + after);
}

async function play(plan: Plan, hours: number, companion: Companion, load?: number) {
  const run = drawRun(quiet(hours, load), 1, plan);
  const played = await playForestall(run, [companion]);
  const { failovers, mirroring, weights } = played.timeline;
  return { run, played, failovers, mirroring, weights };
}
/** The level in force at a time. */
const levelAt = (mirroring: Awaited<ReturnType<typeof play>>['mirroring'], at: number) => mirroring.findLast((change) => change.at <= at)?.level;

describe('an announced retirement', () => {
  const announced = 30 * minute;
  const lead = 4 * hour;

  it('of the only instance moves the service before its time', async () => {
    const { run, played, failovers } = await play(alone, 6, retirement(announced, lead));
    const time = run.start + announced + lead;
    expect(failovers.map(({ kind, outcome }) => [kind, outcome])).toEqual([['predictive', 'failed-over']]);
    expect(failovers[0]?.startedAt).toBeGreaterThan(time - 100 * minute);
    expect(Date.parse(played.result.movedAt ?? '')).toBeLessThan(time);
    expect(failovers[0]?.events.flatMap(({ reasons }) => reasons).join('\n')).toMatch(
      /i-[0-9a-f]+: EC2 has announced instance-retirement, on .* UTC, in \d+ (minutes|hours)/,
    );
    // The instance died with nobody on it.
    expect(played.result.failed / played.result.requests).toBeLessThan(0.005);
  }, 120_000);

  it('of one of four warms the standby when the others just carry the load, and moves nobody', async () => {
    const { run, failovers, mirroring, weights } = await play(standard, 4.5, retirement(announced, lead), meanFor(260, announced + lead - hour));
    const time = run.start + announced + lead;
    expect(levelAt(mirroring, run.start + announced)).toBe('minimal');
    expect(levelAt(mirroring, time - 30 * minute)).toBe('partial');
    expect(failovers).toEqual([]);
    expect(weights).toHaveLength(1);
  }, 120_000);

  it('of one of four changes nothing while two carry the load', async () => {
    const { failovers, mirroring } = await play(standard, 6, retirement(announced, lead), meanFor(180, announced + lead));
    expect(failovers).toEqual([]);
    expect(new Set(mirroring.map(({ level }) => level))).toEqual(new Set(['minimal']));
  }, 120_000);

  it('that is called off long before moves nobody', async () => {
    const off = atTimes(
      [10 * minute, ({ runtime, account }, at) => runtime.cloud.physical.announce(account.primaryInstances[0] ?? '', { ...event, notBefore: at + 5 * hour })],
      [
        hour,
        ({ runtime, account, run }) =>
          runtime.cloud.physical.announce(account.primaryInstances[0] ?? '', {
            ...event,
            description: '[Canceled] degraded hardware',
            notBefore: run.start + 5 * hour + 10 * minute,
          }),
      ],
    );
    const { failovers, mirroring } = await play(alone, 6, off);
    expect(failovers).toEqual([]);
    expect(new Set(mirroring.map(({ level }) => level))).toEqual(new Set(['minimal']));
  }, 120_000);
});

const event = { id: 'instance-event-0123456789abcdef0', code: 'instance-retirement', description: 'degraded hardware' };

describe('a notice of AWS Health', () => {
  const notices = (changes: Readonly<Record<string, unknown>>) =>
    atTimes(
      [10 * minute, (arm, at) => healthNotice(arm, at, changes)],
      [hour, (arm, at) => healthNotice(arm, at, changes)],
      [2 * hour, (arm, at) => healthNotice(arm, at, { ...changes, statusCode: 'closed', endTime: new Date(at).toUTCString() })],
    );

  it('about the Region that comes to nothing warms the standby for as long as it is open, and moves nobody', async () => {
    const { run, failovers, mirroring, weights } = await play(standard, 4, notices({}));
    expect(levelAt(mirroring, run.start + hour)).toBe('partial');
    expect(levelAt(mirroring, run.end - minute)).toBe('minimal');
    expect(failovers).toEqual([]);
    expect(weights).toHaveLength(1);
  }, 120_000);

  it('about a service that this one does not need changes nothing', async () => {
    const { failovers, mirroring } = await play(standard, 4, notices({ service: 'SAGEMAKER' }));
    expect(failovers).toEqual([]);
    expect(new Set(mirroring.map(({ level }) => level))).toEqual(new Set(['minimal']));
  }, 120_000);
});
