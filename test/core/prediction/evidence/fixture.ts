// Events and evidence as they come, for tests.
import type { EvidenceRecord } from '../../../../core/contracts/evidence.ts';

export const now = Date.parse('2026-03-02T12:00:00Z');
export const minute = 60_000;
export const account = '123456789012';
export const instance = 'i-0123456789abcdef0';
export const iso = (time: number) => new Date(time).toISOString();

export const record = (changes: Partial<EvidenceRecord> = {}): EvidenceRecord => ({
  ...{ serviceId: 'shop', subjectId: 'evidence#announced#e-1', kind: 'announced', event: 'e-1', side: 'primary', scope: 'instance', names: [instance] },
  ...{ impact: 'stop', status: 'open', from: iso(now + 30 * minute), validUntil: iso(now + 120 * minute), label: 'EC2 has announced instance-retirement' },
  ...{ order: iso(now), expiresAt: 1 },
  ...changes,
});

export const stateChange = (changes: Record<string, unknown> = {}, detail: Record<string, unknown> = {}) => ({
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  ...{ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', account, region: 'eu-west-1', time: '2026-03-02T12:00:00Z' },
  resources: [`arn:aws:ec2:eu-west-1:${account}:instance/${instance}`],
  detail: { 'instance-id': instance, state: 'stopping', ...detail },
  ...changes,
});

export const health = (detail: Record<string, unknown> = {}, changes: Record<string, unknown> = {}) => ({
  ...{ source: 'aws.health', 'detail-type': 'AWS Health Event', account, region: 'eu-west-1', time: '2026-03-02T12:00:00Z', resources: [] },
  detail: {
    eventArn: 'arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_VKTXI_1',
    ...{ service: 'EC2', eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE', eventTypeCategory: 'issue', eventScopeCode: 'PUBLIC', statusCode: 'open' },
    ...{ startTime: 'Mon, 02 Mar 2026 11:40:00 GMT', lastUpdatedTime: 'Mon, 02 Mar 2026 11:58:00 GMT', eventRegion: 'eu-west-1', affectedAccount: account },
    eventDescription: [{ language: 'en_US', latestDescription: 'We are investigating increased error rates.' }],
    ...detail,
  },
  ...changes,
});

export const deployed = (detail: Record<string, unknown>, changes: Record<string, unknown> = {}) => ({
  ...{ source: 'forestall.deployment', 'detail-type': 'Deployment', account, region: 'eu-west-1', time: '2026-03-02T12:00:00Z', resources: [] },
  detail,
  ...changes,
});
