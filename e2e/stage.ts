// What a run needs around it: a temporary folder, the emulator behind its gateway, and the certainty that both go away.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MiniStack, startMiniStack } from './emulator/ministack.ts';
import { type PythonEnvironment, pythonEnvironment } from './emulator/python.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';

export interface Stage {
  readonly python: PythonEnvironment;
  /** For everything that the run writes. */
  readonly folder: string;
  readonly gateway: Gateway;
  readonly emulator: MiniStack;
  /** Is done at the end, last one first, whatever happens. */
  atEnd(action: () => Promise<unknown>): void;
}

/** Sets a stage up, plays on it, and strikes it: also after an error or an interruption. Throws MissingPythonError, ServerError, and what `play` throws. */
export async function onStage<Value>(report: (line: string) => void, keepFolder: boolean, play: (stage: Stage) => Promise<Value>): Promise<Value> {
  const python = await pythonEnvironment(report);
  const actions: (() => Promise<unknown>)[] = [];
  const strikeOnce = async () => {
    for (let action = actions.pop(); action !== undefined; action = actions.pop())
      await action().catch((error: unknown) => report(`while cleaning up: ${error}`));
  };
  // Two interruptions, or one while it is being struck, wait for the same end.
  let struck: Promise<void> | undefined;
  const strike = () => (struck ??= strikeOnce());
  const interrupted = (signal: NodeJS.Signals) => {
    report(`interrupted by ${signal}`);
    void strike().finally(() => process.exit(130));
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    const folder = await mkdtemp(join(tmpdir(), 'forestall-e2e-'));
    actions.push(() => (keepFolder ? Promise.resolve() : rm(folder, { recursive: true, force: true, maxRetries: 5 })));
    const gateway = await startGateway();
    actions.push(() => gateway.stop());
    const emulator = await startMiniStack({ python, folder, functionsCall: gateway.endpoint });
    actions.push(() => emulator.stop());
    gateway.forwardTo(emulator.endpoint);
    return await play({ python, folder, gateway, emulator, atEnd: (action) => actions.push(action) });
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await strike();
  }
}
