// The command chaos: what it refuses, and the replay of one case.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const chaos = (...args: string[]) => spawnSync(process.execPath, [join(process.cwd(), 'bin/forestall.ts'), 'chaos', ...args], { encoding: 'utf8' });

describe('chaos refuses', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--fast'], /--fast/],
    ['a number of runs that is none', ['--runs', 'many'], /--runs: 'many' does not do/],
    ['a seed beyond 31 bits', ['--seed', '2147483648'], /--seed: '2147483648' does not do/],
    ['an unknown story', ['--replay', 'nowhere/run/event-lost@1'], /no story 'nowhere'.*STORY\/FAULT/],
    ['an unknown kind', ['--replay', 'fresh/run/meteor'], /'run\/meteor' is no fault/],
    ['an unknown state machine', ['--replay', 'fresh/fly-over.Begin/aborted'], /'fly-over.Begin' is no place/],
  ])('%s', (_what, args, message) => {
    const { status, stdout, stderr } = chaos(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('chaos replays a case', () => {
  const id = 'fresh/shift-traffic.Bake/aborted';

  it('as JSON alone on stdout', () => {
    const { status, stdout } = chaos('--replay', id, '--json');
    expect(JSON.parse(stdout)).toEqual({ runs: 1, faultsInjected: 1, byKind: { aborted: 1 }, violations: [], outcomes: { 'rolled-back': 1 } });
    expect(status).toBe(0);
  });

  it('as a story', () => {
    const { status, stdout } = chaos('--replay', id);
    expect(stdout).toMatch(/^case fresh\/shift-traffic\.Bake\/aborted\n/);
    expect(stdout).toMatch(
      /FAULT shift-traffic\.Bake\/aborted[\s\S]*roll-back: Step back[\s\S]*ended as rolled-back; 1 of 1 faults struck\nI1 to I8 held\.\n$/,
    );
    expect(status).toBe(0);
  });
});
