// Every alarm and every notification that names one has its section in the runbooks, and every section the parts that an operator looks for.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alarmTexts, anchorOf, latchRunbook } from '../../lib/alarms.ts';
import { projectRoot, synthesise } from './fixture-app.ts';

const sections = new Map(
  readFileSync(join(projectRoot, 'docs', 'runbooks.md'), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).trim(), section] as const),
);
/** Sections that notifications of the functions name. */
const cited = readdirSync(join(projectRoot, 'lambdas'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [...readFileSync(join(projectRoot, 'lambdas', file), 'utf8').matchAll(/the runbook "([^"]+)"/g)].map(([, heading = '']) => heading));
const headings = [...new Set([...Object.values(alarmTexts).map(({ runbook }) => runbook), latchRunbook, ...cited])];

describe.each(headings)('%s', (heading) => {
  test.each(['Description', 'Investigation', 'Resolution', 'When not to'])('has %s', (part) => {
    expect(sections.get(heading)).toContain(`### ${part}\n`);
  });
});

test('there is no section without an alarm or a notification', () => expect([...sections.keys()].sort()).toEqual([...headings].sort()));

test('every alarm has an explicit name and links an existing section', () => {
  const anchors = headings.map(anchorOf);
  const alarms = [...synthesise().templates.values()].flatMap((template) => Object.values(template.findResources('AWS::CloudWatch::Alarm')));
  expect(alarms.length).toBeGreaterThan(headings.length);
  for (const { Properties } of alarms) {
    expect(Properties.AlarmName).toMatch(/^forestall-/);
    expect(anchors).toContain(/Runbook: (\S+)$/.exec(Properties.AlarmDescription)?.[1]);
  }
});
