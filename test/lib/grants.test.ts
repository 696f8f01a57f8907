// Grants and code say the same: every call that a function can make is granted, and nothing is granted that it never calls.
// The calls are read from the source, from the handler on through what it imports, declaration by declaration.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FunctionName, functions } from '../../core/contracts/deployment.ts';
import { grants } from '../../lib/grants.ts';
import type { PermissionName } from '../../lib/permissions/permissions.ts';
import { projectRoot } from './fixture-app.ts';

/** What a method of an adapter or of a resource kind needs. */
const needs: Record<string, readonly PermissionName[]> = {
  'services.get': ['read services'],
  'services.all': ['list services'],
  'services.acquireLock': ['update services'],
  'services.holdsLock': ['update services'],
  'services.releaseLock': ['update services'],
  'services.rememberEnding': ['read services', 'update services'],
  'services.setToldRefusals': ['update services'],
  'services.setLevel': ['update services'],
  'services.setCanary': ['update services'],
  'services.setSnapshotTaken': ['update services'],
  'services.handOver': ['update services'],
  'services.latch': ['update services'],
  'services.liftLatch': ['update services'],
  'subjects.due': ['find due resources'],
  'subjects.find': ['read subjects'],
  'subjects.ofService': ['list resources'],
  'subjects.withEvidence': ['list resources'],
  'subjects.save': ['update subjects'],
  'subjects.makeDue': ['update subjects'],
  'subjects.addLatch': ['record latches'],
  'subjects.removeLatch': ['record latches'],
  'subjects.forgetRelease': ['forget latches'],
  'evidence.kept': ['list resources'],
  'evidence.record': ['record evidence'],
  'instanceWatch.running': ['see announcements'],
  'retirements.takenAway': ['list resources'],
  'mirrors.instances': ['list resources'],
  'mirrors.snapshots': ['list resources'],
  'mirrors.intend': ['record mirrors'],
  'mirrors.save': ['record mirrors'],
  'mirrors.intendSnapshot': ['record mirrors'],
  'mirrors.saveSnapshot': ['record mirrors'],
  'assessments.since': ['read assessments'],
  'assessments.add': ['write assessments'],
  'failovers.get': ['read failovers'],
  'failovers.find': ['read failovers'],
  'failovers.story': ['read stories'],
  'failovers.probesSince': ['read stories'],
  'failovers.running': ['read failovers'],
  'failovers.claim': ['read failovers', 'add to failovers'],
  'failovers.markStarted': ['update failovers'],
  'failovers.create': ['add to failovers', 'update failovers'],
  'failovers.open': ['read failovers'],
  'failovers.removeOpen': ['update failovers'],
  'failovers.forget': ['update failovers'],
  'failovers.noteEnded': ['update failovers'],
  'failovers.update': ['update failovers'],
  'failovers.tell': ['add to failovers'],
  'failovers.addProbes': ['add to failovers'],
  'failovers.addRunning': ['add to failovers', 'update failovers'],
  'failovers.removeRunning': ['update failovers'],
  'quotas.value': ['read quotas'],
  'telemetry.read': ['read metrics'],
  'telemetry.reportEvacuated': ['latch sides'],
  'router.read': ['read records'],
  'router.endpointCheck': ['read health checks'],
  'router.setWeights': ['change weights'],
  'router.isInSync': ['follow record changes'],
  'targets.health': ['see targets'],
  'targets.register': ['register targets'],
  'targets.deregister': ['deregister targets'],
  'bus.emit': ['emit events'],
  'queue.send': ['queue scoring'],
  'workflows.start': ['start workflows'],
  "workflows.start('roll-back'": ['start roll-backs'],
  "workflows.start('retire-side'": ['start retirements'],
  'workflows.status': ['follow failovers'],
  'forwardWeights.read': ['see target group weights'],
  'forwardWeights.write': ['change target group weights'],
  'parameters.read': ['read parameters'],
  'parameters.replace': ['change parameters'],
  'environment.deployments': ['see deployments'],
  'environment.deployment': ['follow deployments'],
  'environment.start': ['deploy configurations'],
  'zonalShifts.active': ['see zonal shifts'],
  'zonalShifts.start': ['begin and end zonal shifts'],
  'zonalShifts.cancel': ['begin and end zonal shifts'],
  'zonalShifts.prolong': ['prolong zonal shifts'],
  'notifier.tell': ['notify'],
  'prober.probe': [],
  'retirements.retired': ['list resources'],
  'retirements.replacements': ['list resources'],
  'retirements.intendRetired': ['record mirrors'],
  'retirements.saveRetired': ['record mirrors'],
  'retirements.intendReplacement': ['record mirrors'],
  'retirements.saveReplacement': ['record mirrors'],
  'leftTargets.health': ['see targets'],
  'leftTargets.register': ['register replacements'],
  'leftTargets.deregister': ['deregister left targets'],
  'leftKind.status': ['see left sides'],
  'leftKind.owned': ['see left sides'],
  'leftKind.launch': ['launch replacements'],
  'leftKind.stop': ['stop left instances'],
  'leftKind.terminate': ['terminate left instances'],
  'kind.status': ['see instances'],
  'kind.owned': ['see instances'],
  'kind.launch': ['launch mirrors'],
  'kind.start': ['start mirrors'],
  'kind.terminate': ['terminate mirrors'],
  'kind.snapshot': ['see snapshots', 'take snapshots'],
  'kind.copySnapshot': ['see snapshots', 'copy snapshots'],
  'kind.snapshotStatus': ['see snapshots'],
  'kind.snapshotsMade': ['see snapshots'],
  'kind.deleteSnapshot': ['delete snapshots'],
};

const adapters = new Set(Object.keys(needs).map((call) => call.split('.')[0] ?? ''));
/** `telemetry.read(`, `services.telemetry.read(`, `mirrorKind(plan, services).status(`; methods of arrays of the same name are no calls of ours. */
const callPattern = /(?:\b(\w+)|\b\w*[kK]ind\([^()]*\)|\bkinds\[[^\]]*\])\.(\w+)\(('roll-back'|'retire-side')?/g;
const ofLanguage = new Set([
  'now',
  'map',
  'flatMap',
  'filter',
  'find',
  'some',
  'every',
  'at',
  'slice',
  'sort',
  'length',
  'entries',
  'values',
  'keys',
  'forEach',
  'reduce',
]);

interface Source {
  readonly text: string;
  readonly declarations: ReadonlyMap<string, string>;
  readonly imports: ReadonlyMap<string, string>;
}
const sources = new Map<string, Source>();

function sourceOf(file: string): Source {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*\*).*$/gm, '');
  const declarations = new Map<string, string>();
  for (const part of text.split(/\n(?=(?:export )?(?:async )?(?:function|const|class) )/)) {
    const name = /^(?:export )?(?:async )?(?:function|const|class) (\w+)/.exec(part)?.[1];
    if (name !== undefined) declarations.set(name, part);
  }
  const imports = new Map<string, string>();
  for (const [, names = '', from = ''] of text.matchAll(/import \{([^}]*)\} from '(\.[^']+)'/g))
    for (const name of names.split(',').map((each) => each.trim()))
      if (name !== '' && !name.startsWith('type ')) imports.set(name, resolve(dirname(file), from));
  const source = { text, declarations, imports };
  sources.set(file, source);
  return source;
}

/** Steps and what they share; what they call is looked up in `needs`, not followed. */
const followed = (file: string) => file.startsWith(join(projectRoot, 'lambdas')) && !/lambdas\/(adapters|resources)\/|lambdas\/services\.ts$/.test(file);

function callsFrom(file: string, declaration: string | undefined, seen = new Set<string>()): Set<string> {
  const key = `${file}#${declaration}`;
  if (seen.has(key) || !followed(file)) return new Set();
  seen.add(key);
  const { text, declarations, imports } = sourceOf(file);
  const body = declaration === undefined ? text : (declarations.get(declaration) ?? '');
  const calls = new Set<string>();
  for (const [, receiver = 'kind', method = '', rollBack] of body.matchAll(callPattern)) {
    if (!adapters.has(receiver)) continue;
    const call = `${receiver}.${method}${rollBack !== undefined && receiver === 'workflows' && method === 'start' ? `(${rollBack}` : ''}`;
    if (call in needs || !ofLanguage.has(method)) calls.add(call);
  }
  for (const word of new Set(body.match(/\w+/g) ?? [])) {
    const from = imports.get(word);
    const further =
      from !== undefined ? callsFrom(from, word, seen) : declarations.has(word) && word !== declaration ? callsFrom(file, word, seen) : new Set<string>();
    for (const call of further) calls.add(call);
  }
  return calls;
}

describe.each(Object.keys(functions) as FunctionName[])('%s', (name) => {
  const handler = join(projectRoot, 'lambdas', name, 'handler.ts');

  test('is granted what it calls, and nothing else', () => {
    expect(existsSync(handler), handler).toBe(true);
    const calls = [...callsFrom(handler, undefined)].sort();
    expect(calls.length, 'no call was found: is the source still read correctly?').toBeGreaterThan(0);
    expect(
      calls.filter((call) => !(call in needs)),
      'unknown to this test',
    ).toEqual([]);
    expect([...new Set(grants[name])].sort()).toEqual([...new Set(calls.flatMap((call) => needs[call] ?? []))].sort());
  });
});
