// Stories of a failover that is made before the primary fails.
import { chaosPlan } from '../plan.ts';
import type { Setting } from '../stage.ts';
import { type Story, troubledPrimary } from '../story.ts';

const validated = (): Setting => ({ plan: chaosPlan(), level: 'full', mirrors: 4, validated: true, active: 'primary' });

/** All is ready when the score crosses. */
export const fresh: Story = {
  name: 'fresh',
  summary: 'a predictive failover with a standby that is ready and validated',
  outcome: 'failed-over',
  lasts: 12,
  setting: validated,
  tell: troubledPrimary,
};

/** The standby is large enough, but nothing proves it. */
export const canary: Story = {
  name: 'canary',
  summary: 'a predictive failover without a fresh canary: probes and the smallest step come first',
  outcome: 'failed-over',
  lasts: 14,
  setting: () => ({ ...validated(), validated: false }),
  tell: troubledPrimary,
};

/** The score rose faster than the mirror. */
export const small: Story = {
  name: 'small',
  around: false,
  summary: 'a predictive failover to a standby that is too small and has to be warmed first',
  outcome: 'failed-over',
  lasts: 20,
  setting: () => ({ ...validated(), level: 'partial', mirrors: 1 }),
  tell: troubledPrimary,
};

/** Found out by the users of the first step. */
export const turnsBad: Story = {
  name: 'turns-bad',
  summary: 'the standby turns bad under its first users, and they are taken back',
  outcome: 'rolled-back',
  lasts: 14,
  setting: validated,
  tell(scene) {
    troubledPrimary(scene);
    scene.when('shift-traffic.Bake#2', () => scene.stage.weather.set('standby', { hiddenErrors: 0.5 }));
    scene.at(40, () => scene.stage.heal('standby'));
  },
};

/** The evacuation check moves the users instead. */
export const unsteered: Story = {
  name: 'unsteered',
  again: true,
  summary: "Route 53's control plane does not answer: a predictive failover goes by the evacuation check, and the weights follow later",
  outcome: 'failed-over',
  lasts: 26,
  setting: validated,
  tell(scene) {
    troubledPrimary(scene);
    scene.upset('run/route53-down');
  },
};

/** As large as it gets, and still too small. */
export const tooSmall: Story = {
  name: 'too-small',
  around: false,
  summary: 'the standby cannot be made large enough: nothing moves, and people are told',
  outcome: 'held',
  lasts: 20,
  setting: () => ({
    ...validated(),
    // Five times the demand has to be ready, more than all instances carry.
    plan: chaosPlan(({ failover }) => ({ failover: { ...failover, headroom: 5 } })),
    level: 'partial',
    mirrors: 1,
  }),
  tell: troubledPrimary,
};

/** The way back is barred: people decide. */
export const halted: Story = {
  name: 'halted',
  summary: 'the standby turns bad under its first users, and they cannot be taken back',
  outcome: 'halted',
  lasts: 20,
  setting: validated,
  tell: turnsBad.tell,
  faults: ['roll-back.Step back/access-denied~lasting'],
};

/** Settled by the roll-back machine alone, with the weights back. */
export const stopped: Story = {
  name: 'stopped',
  summary: 'somebody stops the execution at the first step, and the roll-back machine ends the failover',
  outcome: 'rolled-back',
  lasts: 14,
  setting: validated,
  tell: troubledPrimary,
  faults: ['fail-over.Shift traffic/aborted'],
};

/** As above, when there is nothing left to do but to hand over. */
export const stoppedLate: Story = {
  name: 'stopped-late',
  summary: 'somebody stops the execution when all users have moved, and the roll-back machine finishes the failover',
  outcome: 'failed-over',
  lasts: 18,
  setting: validated,
  tell: troubledPrimary,
  faults: ['fail-over.Shifted?/aborted'],
};

/** As above, but the primary is too bad to go back to. */
export const stoppedWorse: Story = {
  name: 'stopped-worse',
  around: false,
  summary: 'somebody stops the execution when half of the users have moved, and the primary is worse: they stay',
  outcome: 'held',
  lasts: 14,
  setting: validated,
  tell(scene) {
    troubledPrimary(scene);
    scene.when('shift-traffic.Bake#2', () => {
      scene.stage.weather.set('primary', { errors: 0.4 });
      const running = scene.stage.runtime.executions().find(({ machine, status }) => machine === 'fail-over' && status === 'RUNNING');
      if (running) scene.stage.runtime.stopExecution(running.arn);
    });
  },
};

/** Home again, with the same gates. */
export const failBack: Story = {
  name: 'fail-back',
  summary: 'an approved fail-back from the standby to a primary that is well again',
  outcome: 'failed-over',
  lasts: 24,
  setting: () => ({ ...validated(), active: 'standby' }),
  tell({ stage, at }) {
    at(12, () => {
      const { service } = stage;
      const decidedAt = new Date(stage.now).toISOString();
      stage.runtime.deliverEvent({
        source: 'forestall',
        detailType: 'Fail-back approved',
        detail: { serviceId: service.serviceId, decisionId: `${service.serviceId}.fail-back.20260303T122200Z`, decidedAt, approvedBy: 'somebody' },
      });
    });
  },
};
