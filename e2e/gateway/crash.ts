// A real crash: the process in which the emulator runs a function is killed, between two of its calls.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Gateway } from './gateway.ts';
import type { GatewayRecord } from './record.ts';

/** Kills the caller's process right after the first call that `at` picks was carried out, before it learns of that. Linux only: by /proc. */
export function crashOnce(
  gateway: Pick<Gateway, 'onAnswer' | 'endpoint'>,
  at: (call: GatewayRecord) => boolean,
): { readonly crashed: () => GatewayRecord | undefined } {
  let crashed: GatewayRecord | undefined;
  const end = gateway.onAnswer((call, clientPort) => {
    if (!at(call)) return;
    end();
    process.kill(processOf(clientPort, Number(new URL(gateway.endpoint).port)), 'SIGKILL');
    // Not before: without a process that was killed, nothing has crashed.
    crashed = call;
  });
  return { crashed: () => crashed };
}

/** The process that has a connection from one loopback port to another. */
function processOf(port: number, to: number): number {
  const [from, server] = [port, to].map((one) => `0100007F:${one.toString(16).toUpperCase().padStart(4, '0')}`);
  const inode = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => local === from && remote === server)?.[9];
  const socket = `socket:[${inode}]`;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    if (Number(pid) !== process.pid && openFiles(pid).includes(socket)) return Number(pid);
  throw new Error(`no process was found behind port ${port}`);
}

/** What a process has open; nothing when it has ended or is somebody else's. */
function openFiles(pid: string): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
  } catch {
    return [];
  }
}
