// The parts that need nothing of the others: templates, single calls, and the guide.
import { join } from 'node:path';
import type { Tally } from './check.ts';
import { checkConformance } from './conformance/conformance.ts';
import { startMiniStack } from './emulator/ministack.ts';
import { startMoto } from './emulator/moto.ts';
import { checkGuide } from './guide/guide.ts';
import type { Stage } from './stage.ts';
import { checkTemplates, synthesiseForAws } from './templates/templates.ts';
import { checkWorkarounds } from './workarounds/workarounds.ts';

export const aloneParts = ['templates', 'conformance', 'guide'] as const;
export type AlonePart = (typeof aloneParts)[number];

const root = join(import.meta.dirname, '..');

/** Plays a part that needs nothing of the others. It has an emulator to itself: the guide's functions have the names of the failovers'. */
export async function playAlone(part: AlonePart, stage: Stage, tally: Tally, report: (line: string) => void): Promise<void> {
  const { folder, emulator, python } = stage;
  const plays = {
    templates: () =>
      tally.part('The templates as AWS gets them', async () => {
        const cdkOut = join(folder, 'templates');
        await synthesiseForAws({ plans: join(root, 'plans'), output: cdkOut, log: join(folder, 'cdk.log') });
        tally.add(await checkTemplates({ cdkOut, python, report }));
      }),
    conformance: () =>
      tally.part('The simulated cloud beside two emulators', async () => {
        const ministack = await startMiniStack({ python, folder: join(folder, 'conformance') });
        stage.atEnd(() => ministack.stop());
        const moto = await startMoto({ python, folder });
        stage.atEnd(() => moto.stop());
        tally.add(await checkConformance({ endpoint: ministack.endpoint, motoEndpoint: moto.endpoint, report }));
        tally.add(await checkWorkarounds({ endpoint: ministack.endpoint, report }));
        await moto.stop();
        await ministack.stop();
      }),
    guide: () =>
      tally.part('The commands of docs/deploying.md', async () => {
        tally.add(await checkGuide({ endpoint: emulator.endpoint, folder: join(folder, 'guide'), python, report }));
      }),
  };
  await plays[part]();
}
