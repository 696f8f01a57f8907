// Reading CDK context: what is accepted, grouped, and refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { readConfig } from '../../lib/config.ts';
import { fixtureApp, planInput } from './fixture-app.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'forestall-config-'));
  vi.stubEnv('CDK_DEFAULT_ACCOUNT', undefined);
});
afterEach(() => {
  rmSync(root, { recursive: true });
  vi.unstubAllEnvs();
});

const write = (name: string, content: unknown) => writeFileSync(join(root, name), typeof content === 'string' ? content : stringify(content));
const read = (context: Record<string, unknown> = { plans: '.' }) => readConfig(fixtureApp(context).node, root);

describe('plans', () => {
  test('of a directory are read in the order of their names, other files are left alone', () => {
    write('b.yaml', { ...planInput, service: 'second', record: { ...planInput.record, name: 'second.example.com' } });
    write('a.yml', planInput);
    write('README.md', 'not a plan');
    expect(read().controlRegions.flatMap(({ plans }) => plans.map(({ service }) => service))).toEqual(['shop', 'second']);
  });

  test('of one control Region come together, and sides elsewhere are observed', () => {
    write('shop.yaml', planInput);
    write('third.yaml', { ...planInput, service: 'third', controlRegion: 'eu-north-1', record: { ...planInput.record, name: 'third.example.com' } });
    expect(read({ plans: 'shop.yaml, third.yaml' }).controlRegions.map(({ region, observedRegions }) => [region, observedRegions])).toEqual([
      ['eu-central-1', ['eu-west-1']],
      ['eu-north-1', ['eu-central-1', 'eu-west-1']],
    ]);
  });

  test('are all checked before anything is refused, each mistake with file, path and remedy', () => {
    write('one.yaml', { ...planInput, data: 'local', mode: 'act' });
    write('two.yaml', { ...planInput, horizonMinutes: 1 });
    expect(() => read()).toThrow(/one\.yaml:\d+:\d+: mode: .*advise[\s\S]*two\.yaml:\d+:\d+: horizonMinutes: /);
  });

  test('that are no YAML are refused with their line', () => {
    write('broken.yaml', 'service: shop\n  data: [');
    expect(() => read()).toThrow(/broken\.yaml:\d+:\d+: /);
  });

  test('that share a service or a record are refused', () => {
    write('one.yaml', planInput);
    write('two.yaml', planInput);
    expect(() => read()).toThrow(/two\.yaml: service 'shop' is already in .*one\.yaml[\s\S]*record shop\.example\.com in zone/);
  });

  test('have to exist', () => {
    expect(() => read({ plans: 'nowhere' })).toThrow(/nowhere: there is no such file or directory; name plans with -c plans=/);
    expect(() => read()).toThrow(/there is no \.yaml file in it/);
  });
});

describe('the account', () => {
  beforeEach(() => write('shop.yaml', planInput));

  test('is left open without context and credentials', () => expect(read().account).toBeUndefined());
  test('is that of the credentials', () => {
    vi.stubEnv('CDK_DEFAULT_ACCOUNT', '111111111111');
    expect(read().account).toBe('111111111111');
    expect(read({ plans: '.', account: '222222222222' }).account).toBe('222222222222');
  });
  test.each([123456789012, '1234', ''])('is refused when it is %j', (account) => expect(() => read({ plans: '.', account })).toThrow(/12 digits/));
});

describe('context', () => {
  beforeEach(() => write('shop.yaml', planInput));

  test('takes an address for alarms', () => {
    expect(read({ plans: '.', alarmEmail: 'oncall@example.com' }).alarmEmail).toBe('oncall@example.com');
    expect(() => read({ plans: '.', alarmEmail: 'oncall' })).toThrow(/give an e-mail address/);
  });
  test('with a mistyped key is refused', () => expect(() => read({ plans: '.', alarmMail: 'oncall@example.com' })).toThrow(/context 'alarmMail' is unknown/));
});

describe('what is left out', () => {
  test('is nothing, unless the test on the emulator asks for it', () => {
    write('shop.yaml', planInput);
    expect([...read().omitted]).toEqual([]);
    expect([...read({ plans: '.', e2e: 'ministack' }).omitted].sort()).toEqual(['healthChecks', 'metricMathAlarms']);
  });

  test.each(['true', 'MiniStack', ''])('is refused for an emulator that is not known: %j', (e2e) => {
    write('shop.yaml', planInput);
    expect(() => read({ plans: '.', e2e })).toThrow(/context 'e2e'.*leave it out for AWS/);
  });
});
