// Runs the conformance test alone: starts both emulators, prints each check that failed, and ends with the plain count.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMiniStack } from '../emulator/ministack.ts';
import { startMoto } from '../emulator/moto.ts';
import { pythonEnvironment } from '../emulator/python.ts';
import { checkConformance } from './conformance.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);
// A signal would end this process without its exit handlers, and leave the servers behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const folder = await mkdtemp(join(tmpdir(), 'forestall-conformance-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const started: { stop(): Promise<void> }[] = [];
try {
  const python = await pythonEnvironment(print);
  const ministack = await startMiniStack({ python, folder });
  started.push(ministack);
  const moto = await startMoto({ python, folder });
  started.push(moto);
  const checks = await checkConformance({ endpoint: ministack.endpoint, motoEndpoint: moto.endpoint, report: print });
  const failed = checks.filter(({ ok }) => !ok);
  for (const { name, detail = '' } of failed) print(`failed: ${name}\n${detail.replace(/^/gm, '  ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
  print(`${checks.length - failed.length} passed, ${failed.length} failed`);
} finally {
  for (const server of started) await server.stop();
}
