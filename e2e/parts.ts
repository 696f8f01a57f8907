// The parts of the test in their order: what each needs of the others, and what it looks at.
import { join } from 'node:path';
import { aloneParts, playAlone } from './alone.ts';
import { runBeside } from './beside.ts';
import type { Tally } from './check.ts';
import { Cdk } from './deployment/cdk.ts';
import { checkOmissions } from './deployment/lacking.ts';
import { checkDifferential } from './differential/differential.ts';
import { checkEndings } from './endings.ts';
import { type Played, playScenarios } from './failovers.ts';
import { crossCheck } from './permissions/cross-check.ts';
import { checkPermissions } from './permissions/permissions.ts';
import { describe } from './permissions/review.ts';
import { makeServices } from './services.ts';
import type { Stage } from './stage.ts';
import type { Account } from './summary.ts';
import { AwsCli } from './templates/aws-cli.ts';
import { checkDestroy, checkDiff, checkSecondDeploy } from './templates/deployment.ts';
import { inventory } from './templates/inventory.ts';
import { regions } from './world/plan.ts';

export const parts = [...aloneParts, 'failovers', 'removal'] as const;
export type Part = (typeof parts)[number];

/** Plays the wanted parts, and tells what was deployed and played. What fails is in the tally. */
export async function playAll(stage: Stage, wanted: ReadonlySet<Part>, tally: Tally, report: (line: string) => void): Promise<Account> {
  const { folder, gateway, python } = stage;
  const account: { deployed: Account['deployed']; played: Account['played'] } = { deployed: new Map(), played: undefined };
  const log = join(folder, 'cdk.log');

  const aloneWanted = aloneParts.filter((part) => wanted.has(part));
  if (!wanted.has('failovers')) for (const part of aloneWanted) await playAlone(part, stage, tally, report);
  if (!wanted.has('failovers') && !wanted.has('removal')) return account;
  const deployed = await tally.part('Deployment', async () => {
    const { plans, services } = await makeServices(stage);
    const options = { endpoint: gateway.endpoint, region: regions.standby, plans, output: join(folder, 'cdk.out'), log, python, report };
    const cdk = new Cdk(options);
    report('cdk bootstrap of both Regions');
    await cdk.bootstrap(Object.values(regions));
    report('cdk deploy of all stacks');
    await cdk.deploy();
    tally.add([await checkDiff(options)]);
    const aws = new AwsCli(options);
    tally.add(await checkOmissions(aws, options.region));
    account.deployed = new Map(await Promise.all(Object.values(regions).map(async (region) => [region, await inventory(aws, region)] as const)));
    return { options, services };
  });
  if (deployed === undefined) return account;
  const { options, services } = deployed;

  if (wanted.has('failovers')) {
    const beside = aloneWanted.length > 0 ? runBeside(aloneWanted) : undefined;
    if (beside !== undefined) stage.atEnd(() => beside.stop());
    const played = await tally.part<Played>('Failovers', () => playScenarios(gateway, services, report));
    account.played = played;
    if (beside !== undefined)
      await tally.part(`Meanwhile: ${aloneWanted.join(', ')}`, async () => {
        const { output, ...counts } = await beside.done;
        // Hundreds of checks that held: their count suffices.
        const told = output
          .trimEnd()
          .split('\n')
          .filter((line) => !line.startsWith('  ok '));
        tally.note(told.map((line) => `  | ${line}`).join('\n'));
        tally.merge(aloneWanted.join(', '), counts);
      });
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
  return account;
}
