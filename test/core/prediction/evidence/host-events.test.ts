// Events from outside: what they say, what is of no concern, and what is not one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvidenceRecord } from '../../../../core/contracts/evidence.ts';
import { Plan } from '../../../../core/contracts/plan.ts';
import { recordsOf } from '../../../../core/prediction/evidence/concern.ts';
import { readHostEvent } from '../../../../core/prediction/evidence/host-events.ts';
import { InvalidEventError, type Report } from '../../../../core/prediction/evidence/report.ts';
import { planInput } from '../../../fixtures/plan.ts';
import { account, deployed, health, instance, iso, minute, now, stateChange } from './fixture.ts';

const read = (event: unknown) => readHostEvent(event, account, now);
const report = (event: unknown): Report => {
  const result = read(event);
  if ('ignored' in result) throw new Error(result.ignored);
  return result;
};
const shop = (changes: Partial<Plan> = {}) => ({
  serviceId: 'shop',
  plan: { ...Plan.parse(planInput()), ...changes },
  instances: new Set([instance]),
});

describe('a state change', () => {
  it.each(['stopping', 'stopped', 'shutting-down', 'terminated'])('to %s is a loss, for half an hour', (state) => {
    expect(report(stateChange({}, { state }))).toMatchObject({ kind: 'state', status: 'open', impact: 'stop', from: now, validUntil: now + 30 * minute });
  });
  it.each(['pending', 'running'])('to %s ends it', (state) => {
    expect(report(stateChange({}, { state })).status).toBe('closed');
  });
  it('of one second is ordered by the life of an instance', () => {
    const order = (state: string) => report(stateChange({}, { state })).order;
    expect(order('stopping') < order('stopped')).toBe(true);
    expect(order('pending') < order('running')).toBe(true);
  });
  it('concerns the service whose instance it is, on the side in that Region', () => {
    expect(recordsOf(report(stateChange()), shop(), now)).toMatchObject([
      { subjectId: `evidence#state#${instance}#${instance}`, side: 'primary', scope: 'instance', names: [instance] },
    ]);
    expect(recordsOf(report(stateChange({ region: 'us-east-1' })), shop(), now)).toEqual([]);
    expect(recordsOf(report(stateChange({}, { 'instance-id': 'i-0aaaaaaaaaaaaaaaa' })), shop(), now)).toEqual([]);
  });
});

describe('AWS Health', () => {
  it('names instances, in entities, ARNs or resources', () => {
    const ids = [instance, 'i-0bbbbbbbbbbbbbbbb'];
    const byEntity = report(health({ affectedEntities: ids.map((entityValue) => ({ entityValue, status: 'IMPAIRED' })) }));
    expect(byEntity.about).toEqual({ type: 'instances', ids, well: [], balancers: [] });
    const byResource = report(health({}, { resources: [`arn:aws:ec2:eu-west-1:${account}:instance/${instance}`] }));
    expect(byResource.about).toMatchObject({ type: 'instances', ids: [instance] });
    expect(recordsOf(byEntity, shop(), now)).toMatchObject([{ scope: 'instance', names: [instance], status: 'open' }]);
  });
  it('says which of them are well again', () => {
    const about = report(health({ affectedEntities: [{ entityValue: instance, status: 'RESOLVED' }] }));
    expect(recordsOf(about, shop(), now)).toMatchObject([{ names: [instance], status: 'closed' }]);
  });
  it("names a side's load balancer", () => {
    const arn = `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/app/shop/50dc6c495c0c9188`;
    expect(recordsOf(report(health({ affectedEntities: [{ entityValue: arn }] })), shop(), now)).toMatchObject([{ side: 'primary', scope: 'side' }]);
  });
  it.each([
    ['its text', { eventDescription: [{ latestDescription: 'in a single Availability Zone (euw1-az2) in the EU-WEST-1 Region' }] }, 'euw1-az2'],
    ['a field', { availabilityZone: 'eu-west-1a' }, 'eu-west-1a'],
    ['an entity', { affectedEntities: [{ entityValue: 'eu-west-1b' }] }, 'eu-west-1b'],
  ])('names a zone in %s', (_where, detail, zone) => {
    expect(report(health(detail)).about).toEqual({ type: 'zones', zones: [zone], awsService: 'EC2' });
    expect(recordsOf(report(health(detail)), shop(), now)).toMatchObject([{ side: 'primary', scope: 'zone', names: [zone] }]);
  });
  it('is of the Region when it names nothing, and of services that the plan needs', () => {
    expect(recordsOf(report(health({ affectedEntities: [{ entityValue: 'AWS_ACCOUNT' }] })), shop(), now)).toMatchObject([{ side: 'primary', scope: 'side' }]);
    expect(recordsOf(report(health({ eventRegion: 'eu-central-1' })), shop(), now)).toMatchObject([{ side: 'standby', scope: 'side' }]);
    expect(recordsOf(report(health({ service: 'RDS' })), shop(), now)).toEqual([]);
    expect(recordsOf(report(health({ service: 'RDS' })), shop({ awsServices: ['RDS'] }), now)).toHaveLength(1);
    expect(recordsOf(report(health({ affectedEntities: [{ entityValue: 'vol-0123456789abcdef0' }] })), shop(), now)).toEqual([]);
  });
  it('ends when it is closed, and counts for six hours otherwise', () => {
    expect(report(health()).validUntil).toBe(Date.parse('2026-03-02T17:58:00Z'));
    const closed = report(health({ statusCode: 'closed', endTime: 'Mon, 02 Mar 2026 12:10:00 GMT' }));
    expect(closed.status).toBe('closed');
    expect(closed.order > report(health()).order).toBe(true);
  });
  it('that was changed in years to come is closed by the next report all the same, and counts for six hours', () => {
    const future = report(health({ lastUpdatedTime: 'Thu, 02 Mar 2090 12:00:00 GMT' }));
    const next = readHostEvent(
      health({ statusCode: 'closed', lastUpdatedTime: 'Mon, 02 Mar 2026 12:05:00 GMT' }, { time: '2026-03-02T12:05:00Z' }),
      account,
      now + 5 * minute,
    );
    expect(future.validUntil).toBe(now + 360 * minute);
    expect('order' in next && next.order > future.order).toBe(true);
  });
  it.each([
    ['AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', 'stop'],
    ['AWS_EC2_INSTANCE_STOP_SCHEDULED', 'stop'],
    ['AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED', 'reboot'],
    ['AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED', 'maintenance'],
    ['AWS_EKS_PLANNED_LIFECYCLE_EVENT', 'none'],
  ])('schedules %s: %s', (eventTypeCode, impact) => {
    const startTime = 'Thu, 05 Mar 2026 12:00:00 GMT';
    const scheduled = report(
      health({ eventTypeCode, eventTypeCategory: 'scheduledChange', statusCode: 'upcoming', startTime, affectedEntities: [{ entityValue: instance }] }),
    );
    expect(scheduled).toMatchObject({ impact, status: 'open', from: Date.parse(startTime), until: Date.parse(startTime) + 120 * minute });
  });
  it.each([
    ['an account notification', { eventTypeCategory: 'accountNotification' }, /account notification/],
    ['another account of the organisation', { affectedAccount: '999999999999' }, /account 999999999999/],
    ['something years away', { eventTypeCategory: 'scheduledChange', startTime: 'Thu, 05 Mar 2037 12:00:00 GMT' }, /more than 400 days from now/],
    [
      'something long over',
      { statusCode: 'closed', startTime: 'Thu, 05 Mar 2020 12:00:00 GMT', endTime: 'Thu, 05 Mar 2020 13:00:00 GMT' },
      /more than 400 days ago/,
    ],
  ])('is ignored when it is %s', (_what, detail, reason) => {
    expect(read(health(detail))).toEqual({ ignored: expect.stringMatching(reason) });
  });
  it.each([
    ['no ARN', { eventArn: 'nonsense' }, /eventArn: not the ARN/],
    ['a time that is none', { startTime: 'soon' }, /startTime: not a time/],
    ['an unknown category', { eventTypeCategory: 'gossip' }, /eventTypeCategory/],
    ['an end before its beginning', { endTime: 'Mon, 02 Mar 2026 11:00:00 GMT' }, /ends before it begins/],
    ['entities of the wrong type', { affectedEntities: 'i-1' }, /affectedEntities/],
  ])('is refused with %s', (_what, detail, message) => {
    expect(() => read(health(detail))).toThrow(InvalidEventError);
    expect(() => read(health(detail))).toThrow(message);
  });
});

describe('a deployment', () => {
  const codeDeploy = { application: 'shop', deploymentGroup: 'web', deploymentId: 'd-123456789', state: 'START' };
  const ofCodeDeploy = (detail: object) => deployed({ ...codeDeploy, ...detail }, { source: 'aws.codedeploy' });
  const deployments: Plan['deployments'] = [{ kind: 'codedeploy', application: 'shop', deploymentGroup: 'web', side: 'primary' }];

  it('of a pipeline concerns the service that it names, on the side that it names', () => {
    const generic = report(deployed({ service: 'shop', version: '1.4.2', state: 'started' }));
    expect(generic).toMatchObject({ kind: 'deployment', label: 'deployment of 1.4.2 began', validUntil: now + 240 * minute });
    expect(recordsOf(generic, shop(), now).map(({ side }) => side)).toEqual(['primary', 'standby']);
    expect(recordsOf(report(deployed({ service: 'shop', side: 'standby' })), shop(), now).map(({ side }) => side)).toEqual(['standby']);
    expect(recordsOf(report(deployed({ service: 'till' })), shop(), now)).toEqual([]);
  });
  it('that has begun is taken to be under way for hours, and counts for half an hour after its end', () => {
    const ecs = (eventName: string) =>
      report(deployed({ eventName, deploymentId: 'ecs-svc/1' }, { source: 'aws.ecs', resources: [`arn:aws:ecs:eu-west-1:${account}:service/prod/web`] }));
    for (const begun of [ofCodeDeploy({}), ofCodeDeploy({ state: 'READY' }), deployed({ service: 'shop', state: 'started' })])
      expect(report(begun).validUntil).toBe(now + 240 * minute);
    expect(ecs('SERVICE_DEPLOYMENT_IN_PROGRESS').validUntil).toBe(now + 240 * minute);
    for (const ended of ['SUCCESS', 'FAILURE', 'STOP'].map((state) => ofCodeDeploy({ state })))
      expect(report(ended)).toMatchObject({ validUntil: now + 30 * minute });
    expect(ecs('SERVICE_DEPLOYMENT_COMPLETED').validUntil).toBe(now + 30 * minute);
    expect(report(ofCodeDeploy({ state: 'SUCCESS' })).order > report(ofCodeDeploy({})).order).toBe(true);
  });
  it('of CodeDeploy concerns the services whose plan names it', () => {
    expect(recordsOf(report(ofCodeDeploy({})), shop({ deployments }), now)).toMatchObject([{ side: 'primary', scope: 'side', impact: 'none' }]);
    expect(recordsOf(report(ofCodeDeploy({ deploymentGroup: 'batch' })), shop({ deployments }), now)).toEqual([]);
    expect(report(ofCodeDeploy({ state: 'FAILURE' })).label).toBe('deployment d-123456789 of shop failed');
  });
  it('of ECS is known by the ARN of the service', () => {
    const detail = { eventType: 'INFO', eventName: 'SERVICE_DEPLOYMENT_COMPLETED', deploymentId: 'ecs-svc/123' };
    const resources = [`arn:aws:ecs:eu-west-1:${account}:service/prod/web`];
    const ecs: Plan['deployments'] = [{ kind: 'ecs', cluster: 'prod', service: 'web', side: 'primary' }];
    expect(recordsOf(report(deployed(detail, { source: 'aws.ecs', resources })), shop({ deployments: ecs }), now)).toHaveLength(1);
    expect(() => read(deployed(detail, { source: 'aws.ecs' }))).toThrow(/names no service/);
    const short = `arn:aws:ecs:eu-west-1:${account}:service/web`;
    expect(read(deployed(detail, { source: 'aws.ecs', resources: [short] }))).toEqual({ ignored: `${short} does not name the cluster` });
  });
  it('with a key that is none is refused', () => {
    expect(() => read(deployed({ service: 'shop', sevice: 'x' }))).toThrow(/sevice/);
    expect(() => read(deployed({}))).toThrow(/service/);
  });
});

describe('any event', () => {
  it('of another account is ignored, of an unknown source refused', () => {
    expect(read(stateChange({ account: '999999999999' }))).toEqual({ ignored: 'it is of account 999999999999' });
    expect(() => read(stateChange({ source: 'aws.s3' }))).toThrow(InvalidEventError);
  });

  it('is read, ignored or refused with an InvalidEventError, never anything else, and what is kept of it is well formed', () => {
    const anything = fc.oneof(fc.anything(), fc.string(), fc.integer(), fc.constant(undefined));
    const mutated = fc
      .tuple(fc.constantFrom(stateChange(), health(), deployed({ service: 'shop' })), fc.string(), anything, fc.boolean())
      .map(([event, key, value, inDetail]) => {
        const keys = Object.keys(inDetail ? event.detail : event);
        const at = keys.length > 0 ? (keys[key.length % keys.length] ?? key) : key;
        return inDetail ? { ...event, detail: { ...event.detail, [at]: value } } : { ...event, [at]: value };
      });
    fc.assert(
      fc.property(fc.oneof(anything, mutated), (event) => {
        try {
          const result = read(event);
          if ('ignored' in result) return;
          for (const kept of recordsOf(result, shop(), now)) expect(EvidenceRecord.safeParse(kept).error).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidEventError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of a time to come is of now: a later one replaces it', () => {
    const future = report(deployed({ service: 'shop', state: 'started' }, { time: '2027-03-01T12:00:00Z' }));
    expect(future).toMatchObject({ from: now, validUntil: now + 240 * minute });
    expect(report(deployed({ service: 'shop' })).order > future.order).toBe(true);
  });

  it('keeps no time that cannot be written', () => {
    expect(() => read(stateChange({ time: 'yesterday' }))).toThrow(/time/);
    expect(iso(report(stateChange()).from)).toBe('2026-03-02T12:00:00.000Z');
  });
});
