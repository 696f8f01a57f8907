// Stories of a standby that is kept ready.
import { detailType, eventSource } from '../../../core/contracts/events.ts';
import { entrySubject } from '../../../core/contracts/names.ts';
import { chaosPlan } from '../plan.ts';
import type { Story } from '../story.ts';

/** Level full with everything that belongs to it: instances, canary, snapshots. */
export const mirroring: Story = {
  name: 'mirroring',
  summary: 'the score rises to the level full: instances, a canary and snapshots',
  outcome: 'mirrored',
  lasts: 60,
  setting: () => ({ plan: chaosPlan(), level: 'partial', mirrors: 1, validated: false, active: 'primary' }),
  tell({ stage, at }) {
    const { serviceId } = stage.service;
    const decide = (minutes: number) =>
      at(minutes, () => {
        const decidedAt = new Date(stage.now).toISOString();
        const decisionId = `${serviceId}.due.2026030312${String(minutes).padStart(2, '0')}00Z`;
        stage.runtime.deliverEvent({ source: eventSource, detailType: detailType.mirroringDue, detail: { serviceId, decisionId, decidedAt, level: 'full' } });
      });
    at(1, async () => {
      await stage.items.set('resources', { serviceId, subjectId: entrySubject('primary') }, { level: 'full' });
      await stage.items.set('services', { serviceId }, { lastSnapshotAt: '2026-03-01T00:00:00.000Z' });
    });
    // Repeated while the mirror is behind, each quarter of an hour.
    decide(2);
    decide(32);
  },
};
