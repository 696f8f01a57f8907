// Every kind of stack as a whole, and what holds across them.
import { describe, expect, test } from 'vitest';
import { control, plan, planInput, synthesise } from './fixture-app.ts';

/** Hashes of code and workflows change with every edit; what is deployed around them is what is compared here. */
const withoutHashes = (template: unknown): unknown => JSON.parse(JSON.stringify(template).replaceAll(/[0-9a-f]{64}/g, 'HASH'));

const { templates } = synthesise({ alarmEmail: 'oncall@example.com' });

test.each([...templates])('%s is as it was', (_id, template) => {
  expect(withoutHashes(template.toJSON())).toMatchSnapshot();
});

test('one set of stacks per control Region, and forwarding from each observed Region', () => {
  const other = plan({ service: 'other', controlRegion: 'eu-north-1', record: { ...planInput.record, name: 'other.example.com' } });
  const regions = [control(), { ...control(other), observedRegions: ['eu-central-1', 'eu-west-1'] }];
  expect([...synthesise({ controlRegions: regions }).templates.keys()]).toEqual([
    'forestall-eu-central-1-state',
    'forestall-eu-central-1-prediction',
    'forestall-eu-central-1-failover',
    'forestall-eu-central-1-operations',
    'forestall-eu-central-1-events-of-eu-west-1',
    'forestall-eu-north-1-state',
    'forestall-eu-north-1-prediction',
    'forestall-eu-north-1-failover',
    'forestall-eu-north-1-operations',
    'forestall-eu-north-1-events-of-eu-central-1',
    'forestall-eu-north-1-events-of-eu-west-1',
  ]);
});

describe('across stacks', () => {
  const everything = [...templates].map(([id, template]) => [id, JSON.stringify(template.toJSON())] as const);

  test.each(everything)('%s neither exports nor imports', (_id, text) => {
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain('"Export"');
    expect(text).not.toContain('AWS::CloudFormation::CustomResource');
  });

  test.each(everything)('%s has no record and no weight', (_id, text) => {
    expect(text).not.toContain('AWS::Route53::RecordSet');
    expect(text).not.toMatch(/"Weight"/);
  });

  test.each([...templates])('%s keeps logs for a stated time', (_id, template) => {
    for (const { Properties } of Object.values(template.findResources('AWS::Logs::LogGroup'))) expect(Properties.RetentionInDays).toBeGreaterThan(0);
  });

  test.each([...templates])('%s has room to grow below the limit of CloudFormation', (_id, template) => {
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(350);
    expect(JSON.stringify(template.toJSON()).length).toBeLessThan(700_000);
  });
});

test('a given account is in the templates, without one they fit any', () => {
  const bus = (account: string | undefined) => JSON.stringify(synthesise({ account }).templates.get('forestall-eu-central-1-prediction')?.toJSON());
  expect(bus(undefined)).not.toContain('cdk-hnb659fds-assets-1234');
  expect(bus('123456789012')).toContain('cdk-hnb659fds-assets-123456789012-eu-central-1');
});
