// The parts of the test in their order: what each needs of the others, and what it looks at.
import { join } from 'node:path';
import type { Tally } from './check.ts';
import { checkConformance } from './conformance/conformance.ts';
import { Cdk } from './deployment/cdk.ts';
import { checkDifferential } from './differential/differential.ts';
import { startMiniStack } from './emulator/ministack.ts';
import { startMoto } from './emulator/moto.ts';
import { checkEndings } from './endings.ts';
import { type Played, playScenarios } from './failovers.ts';
import { checkGuide } from './guide/guide.ts';
import { crossCheck } from './permissions/cross-check.ts';
import { checkPermissions } from './permissions/permissions.ts';
import { describe } from './permissions/review.ts';
import { makeServices } from './services.ts';
import type { Stage } from './stage.ts';
import { checkDestroy, checkDiff, checkSecondDeploy } from './templates/deployment.ts';
import { checkTemplates, synthesiseForAws } from './templates/templates.ts';
import { regions } from './world/plan.ts';

export const parts = ['templates', 'conformance', 'guide', 'failovers', 'removal'] as const;
export type Part = (typeof parts)[number];

const root = join(import.meta.dirname, '..');

/** Plays the wanted parts. What fails is in the tally. */
export async function playAll(stage: Stage, wanted: ReadonlySet<Part>, tally: Tally, report: (line: string) => void): Promise<void> {
  const { folder, gateway, python } = stage;
  const log = join(folder, 'cdk.log');

  if (wanted.has('templates'))
    await tally.part('The templates as AWS gets them', async () => {
      const cdkOut = join(folder, 'templates');
      await synthesiseForAws({ plans: join(root, 'plans'), output: cdkOut, log });
      tally.add(await checkTemplates({ cdkOut, python, report }));
    });

  if (wanted.has('conformance'))
    await tally.part('The simulated cloud beside two emulators', async () => {
      const ministack = await startMiniStack({ python, folder: join(folder, 'conformance') });
      stage.atEnd(() => ministack.stop());
      const moto = await startMoto({ python, folder });
      stage.atEnd(() => moto.stop());
      tally.add(await checkConformance({ endpoint: ministack.endpoint, motoEndpoint: moto.endpoint, report }));
      await moto.stop();
      await ministack.stop();
    });

  if (wanted.has('guide'))
    await tally.part('The commands of docs/deploying.md', async () => {
      tally.add(await checkGuide({ endpoint: gateway.endpoint, folder: join(folder, 'guide'), python, report }));
    });

  if (!wanted.has('failovers') && !wanted.has('removal')) return;
  const deployed = await tally.part('Deployment', async () => {
    const { plans, services } = await makeServices(stage);
    const options = { endpoint: gateway.endpoint, region: regions.standby, plans, output: join(folder, 'cdk.out'), log, python, report };
    const cdk = new Cdk(options);
    report('cdk bootstrap of both Regions');
    await cdk.bootstrap(Object.values(regions));
    report('cdk deploy of all stacks');
    await cdk.deploy();
    tally.add([await checkDiff(options)]);
    return { options, services };
  });
  if (deployed === undefined) return;
  const { options, services } = deployed;

  if (wanted.has('failovers')) {
    const played = await tally.part<Played>('Failovers', () => playScenarios(gateway, services, report));
    if (played !== undefined) {
      await tally.part('What the emulator says of the failovers', async () => {
        tally.add(await checkEndings(stage, played));
      });
      await tally.part('The same runs on the simulated cloud', async () => {
        tally.add(await checkDifferential(played.services, gateway.calls, new Set(played.services.filter(({ rough }) => !rough).map(({ name }) => name))));
      });
      await tally.part('Permissions', async () => {
        const { checks, unused, policies, requests } = checkPermissions({
          templates: options.output,
          calls: gateway.calls,
          plans: services.map(({ account }) => account.plan),
        });
        tally.add([...checks, await crossCheck(python, policies, requests)]);
        report(`allowed, and used by the rehearsals of the unit tests but not here: ${unused.map(describe).join(', ')}`);
      });
      await tally.part('A second deployment', async () => {
        tally.add(await checkSecondDeploy({ ...options, folder, planFiles: services.map(({ planFile }) => planFile) }));
      });
    }
  }

  if (wanted.has('removal'))
    await tally.part('Removal', async () => {
      tally.add(await checkDestroy({ ...options, regions: Object.values(regions) }));
    });
}
