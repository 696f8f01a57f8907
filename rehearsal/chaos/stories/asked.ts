// Stories of moves that people or plans ask for: approvals, drills, hand-overs with more to switch than DNS.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ownershipTag } from '../../../core/contracts/deployment.ts';
import { detailType, eventSource } from '../../../core/contracts/events.ts';
import { decisionName, entrySubject } from '../../../core/contracts/names.ts';
import type { PlanInput } from '../../../core/contracts/plan.ts';
import { chaosPlan } from '../plan.ts';
import type { Setting } from '../stage.ts';
import { type Scene, type Story, troubledPrimary } from '../story.ts';

const ready = (changes: Parameters<typeof chaosPlan>[0]): Setting => ({
  plan: chaosPlan(changes),
  level: 'full',
  mirrors: 4,
  validated: true,
  active: 'primary',
});

const asking = (): Partial<PlanInput> => ({ approval: { required: ['predictive'], timeoutMinutes: 6, escalateAfterMinutes: 3, onTimeout: 'hold' } });

/** A person answers the question that stands in the record of the failover that is open. */
async function answer({ stage }: Scene, state: 'granted' | 'denied'): Promise<void> {
  const open = [...stage.failovers.values()].find(({ endedAt, approval }) => endedAt === undefined && approval?.state === 'asked');
  if (open?.approval === undefined) return;
  const approval = { ...open.approval, state, answeredBy: 'somebody', answeredAt: new Date(stage.now).toISOString() };
  await stage.items.set('failovers', { failoverId: open.failoverId, entry: 'record' }, { approval });
}

/** Judged all the while. */
export const approved: Story = {
  name: 'approved',
  summary: 'a predictive failover waits for a person, who approves it after some minutes',
  outcome: 'failed-over',
  lasts: 18,
  setting: () => ready(asking),
  tell(scene) {
    troubledPrimary(scene);
    // A person who has not found the question yet looks again.
    for (const minutes of [4.5, 7, 20]) scene.at(minutes, () => answer(scene, 'granted'));
  },
};

/** Nobody is there. */
export const unanswered: Story = {
  name: 'unanswered',
  around: false,
  summary: 'a predictive failover waits for a person, and nobody answers: it is held',
  outcome: 'held',
  lasts: 18,
  setting: () => ready(asking),
  tell: troubledPrimary,
};

const practice = (scope: 'canary' | 'failover') => (): Partial<PlanInput> => ({
  drills: { scope, window: { days: ['tue'], from: '11:00', until: '15:00', timeZone: 'UTC' }, everyDays: 30, stayMinutes: 2 },
});

/** The plan's own schedule asks for it; here it is asked for when the story begins. */
const drillAt =
  (minutes: number, scope: 'canary' | 'failover') =>
  ({ stage, at }: Scene): void =>
    at(minutes, () => {
      const { serviceId } = stage.service;
      const decidedAt = new Date(stage.now).toISOString();
      const decisionId = decisionName(serviceId, 'drill', '2026-03-03T11:00:00.000Z');
      stage.runtime.deliverEvent({ source: eventSource, detailType: detailType.drillDue, detail: { serviceId, decisionId, decidedAt, scope } });
    });

/** Nothing moves. */
export const rehearsed: Story = {
  name: 'rehearsed',
  summary: 'a drill of the canary alone, while nothing is wrong',
  outcome: 'validated',
  lasts: 10,
  setting: () => ({ ...ready(practice('canary')), validated: false }),
  tell: drillAt(1, 'canary'),
};

/** There and home again. */
export const drilled: Story = {
  name: 'drilled',
  summary: 'a drill: over to the standby while nothing is wrong, and home again',
  outcome: 'failed-over',
  lasts: 34,
  setting: () => ready(practice('failover')),
  tell: drillAt(1, 'failover'),
};

let drivers: PlanInput['drivers'];

/** Those of the example plan. */
function exampleDrivers(): PlanInput['drivers'] {
  drivers ??= (parse(readFileSync(new URL('../../../plans/drivers.yaml', import.meta.url), 'utf8')) as PlanInput).drivers;
  return drivers;
}

/** Everything that can be switched with the traffic. */
export const switched: Story = {
  name: 'switched',
  summary: 'a predictive failover that switches a balancer, a parameter, a configuration and a zone as well',
  outcome: 'failed-over',
  lasts: 16,
  setting: () => ready(() => ({ drivers: exampleDrivers() })),
  tell: troubledPrimary,
};

/** The primary's owner has agreed, by a tag. */
const leftTo =
  (losingSide: 'decommission' | 'rebuild') =>
  ({ sides }: PlanInput): Partial<PlanInput> => ({
    after: { losingSide, soakMinutes: 5 },
    sides: {
      ...sides,
      primary: {
        ...sides.primary,
        launchTemplate: { id: 'lt-0123456789abcdef1' },
        resources: [{ kind: 'ec2-instance', tags: { service: 'shop', side: 'primary', [ownershipTag]: 'shop' } }],
      },
    },
  });

/** After the point of no return, and some peace. */
export const retired: Story = {
  name: 'retired',
  around: false,
  summary: 'a predictive failover whose losing side is taken out of service afterwards',
  outcome: 'failed-over',
  lasts: 34,
  setting: () => ready(leftTo('decommission')),
  tell(scene) {
    troubledPrimary(scene);
    // Nothing is scored here by itself; the receiving side is found well.
    for (let minutes = 8; minutes < 120; minutes += 4) scene.at(minutes, () => scored(scene));
  },
};

/** New instances first, and only then the end of the old ones. */
export const rebuilt: Story = {
  ...retired,
  name: 'rebuilt',
  again: true,
  summary: 'a predictive failover whose losing side gets new instances afterwards',
  lasts: 40,
  setting: () => ready(leftTo('rebuild')),
};

async function scored({ stage }: Scene): Promise<void> {
  const { serviceId } = stage.service;
  await stage.items.set('resources', { serviceId, subjectId: entrySubject('standby') }, { score: 2, scoredAt: new Date(stage.now).toISOString() });
}
