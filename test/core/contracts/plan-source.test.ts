// Every mistake in a plan is found at its place and comes with a remedy; no text makes the reader throw.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../../../core/contracts/plan.ts';
import { nearest } from '../../../core/contracts/plan-remedies.ts';
import { readPlan } from '../../../core/contracts/plan-source.ts';

const shop = readFileSync('plans/shop.yaml', 'utf8');
const minimal = readFileSync('plans/minimal.yaml', 'utf8');

const problemsOf = (text: string) => {
  const read = readPlan(text);
  return read.ok ? [] : read.problems;
};
/** The plan with one change; throws when there is nothing to change. */
const changed = (from: string | RegExp, to: string, plan = shop) => {
  const text = plan.replace(from, to);
  expect(text).not.toBe(plan);
  return text;
};
const lineOf = (text: string, start: string) => text.split('\n').findIndex((line) => line.startsWith(start)) + 1;

describe('valid plans', () => {
  it('reads the examples', () => {
    const read = readPlan(shop);
    expect(read.ok && read.plan).toMatchObject({
      service: 'shop',
      mode: 'act',
      criticality: 'critical',
      data: 'external',
      caps: { perAccount: 2, perZone: 1 },
    });
    expect(readPlan(minimal)).toMatchObject({
      ok: true,
      plan: { mode: 'observe', thresholds: { partial: 30, full: 70, critical: 85, exitBelow: 10, dwellMinutes: 10 } },
    });
  });

  it('fills defaults inside a map that is given in part', () => {
    const read = readPlan(`${minimal}shift:\n  urgent:\n    bakeSeconds: 90\n`);
    expect(read.ok && read.plan.shift).toEqual({
      calm: { steps: [1, 5, 25, 50, 100], bakeSeconds: 120 },
      urgent: { steps: [10, 50, 100], bakeSeconds: 90 },
      urgentWithinMinutes: 60,
    });
  });

  it('reads what it stored: the parsed plan is a plan', () => {
    const read = readPlan(shop);
    expect(read.ok && Plan.parse(read.plan)).toEqual(read.ok && read.plan);
  });

  it('follows aliases', () => {
    const shared = minimal.replace(/endpoint:\n\s+url: https:\/\/primary.*\n/, 'endpoint: &at\n      url: https://primary.intranet.example.com/health\n');
    const [first] = problemsOf(shared.replace(/endpoint:\n\s+url: https:\/\/standby.*\n/, 'endpoint: *at\n'));
    expect(first).toMatchObject({ path: 'sides.standby.endpoint.url', problem: 'both sides have the same endpoint' });
  });
});

describe('the file as a whole', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefgh'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[index]}`).join(', ')}]`),
  ].join('\n');
  it.each([
    ['empty', '', 1, 1, /empty/],
    ['comments only', '# nothing\n', 1, 1, /empty/],
    ['a list', '- service: shop\n', 1, 1, /not a map/],
    ['text', 'hello', 1, 1, /not a map/],
    ['two documents', `${minimal}---\nservice: other\n`, minimal.split('\n').length, 1, /more than one/],
    ['an open bracket', 'service: [shop\ndata: external\n', 2, 1, /not valid YAML/],
    ['a tab', 'service: shop\nrecord:\n\tname: x\n', 3, 1, /not valid YAML: tabs/],
    ['a tag', 'service: !secret shop\n', 1, 10, /not valid YAML: unresolved tag/],
    ['an unknown alias', 'service: *shop\n', 1, 10, /no anchor &shop/],
    ['a duplicate key', 'service: shop\ndata: external\nservice: shop\n', 3, 1, /`service` is here twice/],
    ['a merge key', 'service: shop\n<<: {data: external}\n', 2, 1, /merge keys/],
    ['a key that is a list', '? [a]\n: 1\n', 1, 3, /cannot be a key/],
    ['a prototype', '__proto__: {a: 1}\n', 1, 1, /cannot be a key/],
    ['an alias bomb', bomb, undefined, undefined, /grows beyond/],
    ['a circle', 'a: &a\n  b: *a\n', 2, 3, /contains itself/],
    ['deep nesting', '['.repeat(100_000), 1, 1, /nested too deeply/],
    ['a large file', `a: ${'x'.repeat(1_000_001)}`, 1, 1, /larger/],
  ])('refuses %s', (_name, text, line, column, problem) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.problem).toMatch(problem);
    expect(problems[0]?.remedy).not.toBe('');
    if (line !== undefined) expect(problems[0]).toMatchObject({ line, column });
  });

  it('never throws, whatever the text', () => {
    const damage = fc.tuple(fc.nat(shop.length), fc.nat(40), fc.string({ unit: fc.constantFrom(...' \n\t:-[]{}&*!|>\'"%@`#a1?,\u0000é') }));
    fc.assert(
      fc.property(damage, ([at, length, insert]) => {
        for (const { line, column, problem, remedy } of problemsOf(shop.slice(0, at) + insert + shop.slice(at + length))) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(problem.length * remedy.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('keys', () => {
  it('names an unknown key, its place and the key that was meant', () => {
    const text = changed('  hostedZoneId:', '  hosted_zone_id:');
    expect(problemsOf(text)).toContainEqual({
      path: 'record.hosted_zone_id',
      line: lineOf(text, '  hosted_zone_id'),
      column: 3,
      problem: 'unknown key `hosted_zone_id`',
      remedy: 'did you mean `hostedZoneId`?',
    });
  });

  it('says where a key belongs that is known elsewhere', () => {
    expect(problemsOf(`${shop}ttlSeconds: 60\n`)).toMatchObject([{ path: 'ttlSeconds', remedy: '`ttlSeconds` belongs under `record`' }]);
  });

  it('puts a missing key at its parent', () => {
    const text = changed('    zone: eu-west-1a\n', '');
    expect(problemsOf(text)).toEqual([
      {
        path: 'sides.primary.zone',
        line: lineOf(text, '  primary:'),
        column: 3,
        problem: 'the key `zone` is missing',
        remedy: 'add `zone:` under `sides.primary` (Availability Zone of the side)',
      },
    ]);
  });

  it.each([
    ['service: 12', /^service: shop$/m, 'service', 'expected text, found 12', 'put it in quotes, as in "12"'],
    ['    instances: "4"', /^ {4}instances: 4$/m, 'sides.primary.instances', "expected a number, found '4'", 'leave the quotes out: 4'],
    ['  types: A', /^ {2}types: \[A\]$/m, 'record.types', "expected a list, found 'A'", 'write it as a list, as in [A]'],
    ['objective:\nsilence:', /^objective:$/m, 'objective', '`objective` has no value', /leave the key out/],
    ['mode: acct', /^mode: act$/m, 'mode', "'acct' is not known here", 'did you mean act? use one of observe, advise, act'],
    ['      - kind: auto-scaling-group', /^ {6}- kind: .*$/m, 'sides.primary.resources.0.kind', "'auto-scaling-group' is not supported", 'use ec2-instance'],
    ['horizonMinutes: 2', /^horizonMinutes: 60$/m, 'horizonMinutes', '2 is too small', 'use at least 5'],
    ['      url: https://x:99999/', /^ {6}url: https:\/\/primary.*$/m, 'sides.primary.endpoint.url', /not an http or https URL/, /write it as in/],
  ])('explains %j', (to, from, path, problem, remedy) => {
    const found = problemsOf(changed(from, to)).find((entry) => entry.path === path);
    expect(found?.problem).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
    expect(found?.remedy).toEqual(typeof remedy === 'string' ? remedy : expect.stringMatching(remedy));
  });
});

describe('what a plan may not say', () => {
  it.each([
    ['act with local data', 'data: external', 'data: local', 'mode', /lose the writes/],
    ['an Auto Scaling group', 'side: primary', 'aws:autoscaling:groupName: shop', 'sides.primary.resources.0.tags.aws:autoscaling:groupName', /Auto Scaling/],
    ['a private zone', '  types: [A]', '  private: true', 'record.private', /private hosted zones/],
    ['records that are not weighted', '  types: [A]', '  routing: latency', 'record.routing', /weighted/],
    ['ids and tags', '        tags:', '        ids: [i-0123456789abcdef0]\n        tags:', 'sides.primary.resources.0', /both/],
    ['neither ids nor tags', / {8}tags:\n.*\n.*\n/, '', 'sides.primary.resources.0', /neither/],
    ['no tags', / {8}tags:\n.*\n.*\n/, '        tags: {}\n', 'sides.primary.resources.0.tags', /no tag/],
    ['the control Region in the primary', 'mode: act', 'mode: act\ncontrolRegion: eu-west-1', 'controlRegion', /is to leave/],
    ['one Region', /eu-central-1/g, 'eu-west-1', 'sides.standby.region', /one Region/],
    ['one identifier', 'setIdentifier: standby', 'setIdentifier: primary', 'sides.standby.setIdentifier', /same record set identifier/],
    ['one endpoint', 'https://standby.shop', 'https://primary.shop', 'sides.standby.endpoint.url', /same endpoint/],
    ['the record as endpoint', 'https://primary.shop', 'https://shop', 'sides.primary.endpoint.url', /itself/],
    ['a foreign zone', 'zone: eu-west-1a', 'zone: eu-west-2a', 'sides.primary.zone', /not in Region/],
    [
      'a foreign target group',
      'elasticloadbalancing:eu-central-1',
      'elasticloadbalancing:eu-west-1',
      'sides.standby.loadBalancer.targetGroupArn',
      /not in Region/,
    ],
    ['a foreign key', 'kms:eu-central-1', 'kms:eu-west-1', 'sides.standby.kmsKeyArn', /not in Region/],
    ['a network load balancer', 'app/shop-primary', 'net/shop-primary', 'sides.primary.loadBalancer.dimension', /Network Load Balancer/],
    ['a time-out within the objective', 'latencySeconds: 1', 'latencySeconds: 3', 'sides.primary.endpoint.timeoutSeconds', /count as failed/],
    ['a small standby', 'full: 4', 'full: 3', 'sides.standby.instances.full', /could not take over/],
    ['partial above full', 'partial: 3', 'partial: 5', 'sides.standby.instances', /more than `full`/],
    ['falling thresholds', '  full: 70', '  full: 20', 'thresholds', /do not rise/],
    ['a level that is never left', 'exitBelow: 10', 'exitBelow: 40', 'thresholds.exitBelow', /kept below/],
    ['rarer snapshots at risk', 'mode: act', 'mode: act\nmirroring: {snapshotEveryHours: {full: 12}}', 'mirroring.snapshotEveryHours', /rarer/],
    ['steps that fall', 'mode: act', 'mode: act\nshift: {calm: {steps: [50, 10, 100]}}', 'shift.calm.steps', /do not rise/],
    ['steps that stop short', 'mode: act', 'mode: act\nshift: {calm: {steps: [10, 50]}}', 'shift.calm.steps', /do not rise to 100/],
    [
      'a shift longer than its machine',
      'mode: act',
      'mode: act\nshift: {calm: {steps: [10, 20, 40, 60, 80, 100], bakeSeconds: 3600}}',
      'shift.calm',
      /do not fit/,
    ],
    ['more waiting than a history holds', 'mode: act', 'mode: act\ncanary: {evidenceWaitMinutes: 60}', 'shift.calm', /do not fit/],
    ['a rebuild from nothing', 'mode: act', 'mode: act\nafter: {losingSide: rebuild}', 'after.losingSide', /how its instances are made/],
    [
      'an escalation after the end',
      'mode: act',
      'mode: act\napproval: {required: [predictive], timeoutMinutes: 10}',
      'approval.escalateAfterMinutes',
      /told again/,
    ],
    ['a CNAME beside an A', 'types: [A]', 'types: [A, CNAME]', 'record.types', /CNAME/],
    ['an instance twice', / {8}tags:\n.*\n.*\n/, '        ids: [i-0123456789abcdef0, i-0123456789abcdef0]\n', 'sides.primary.resources.0.ids.1', /twice/],
    [
      'a form that there is not',
      'mode: act',
      'mode: act\ndeployments: [{kind: code-deploy, application: a}]',
      'deployments.0.kind',
      /^'code-deploy' is not known here$/,
    ],
    ['an entry without its form', 'mode: act', 'mode: act\ndeployments: [{application: a}]', 'deployments.0.kind', /^the key `kind` is missing$/],
    [
      'two metrics of one name',
      'mode: act',
      `mode: act\nentryMetrics: [${Array(2).fill('{name: a, namespace: n, metric: m, statistic: Sum, role: errors}').join(', ')}]`,
      'entryMetrics',
      /two metrics are called a/,
    ],
  ])('refuses %s', (_name, from, to, path, problem) => {
    const problems = problemsOf(changed(from, to));
    expect(problems.map((entry) => entry.path)).toContain(path);
    const found = problems.find((entry) => entry.path === path);
    expect(found?.problem).toMatch(problem);
    expect(found?.remedy).not.toBe('');
  });
});

describe('nearest', () => {
  it('finds spellings and slips, not other words', () => {
    expect(nearest('hosted-zone-id', ['hostedZoneId', 'name'])).toBe('hostedZoneId');
    expect(nearest('treshold', ['thresholds', 'horizonMinutes'])).toBe('thresholds');
    expect(nearest('colour', ['service', 'mode', 'data'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('finds every word in a list that holds it', () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{2,12}$/), { minLength: 1 }), (words) => words.every((word) => nearest(word, words) === word)));
  });
});
