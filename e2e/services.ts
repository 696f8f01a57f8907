// The services that the test protects: each plays a scenario of its own, all of them at the same time.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Scenario } from '../rehearsal/scenarios/scenario.ts';
import { badStandby } from './scenarios/bad-standby.ts';
import { grayFailure } from './scenarios/gray-failure.ts';
import type { Stage } from './stage.ts';
import { AwsCli } from './templates/aws-cli.ts';
import { type EmulatedAccount, makeAccount } from './world/account.ts';
import { EmulatorClients } from './world/clients.ts';
import { SideEndpoints } from './world/endpoints.ts';
import { regions } from './world/plan.ts';

/** `rough`: its critical event comes twice, and a function crashes at its first step. */
const casts = [
  { name: 'gray', scenario: grayFailure, rough: false },
  { name: 'bad', scenario: badStandby, rough: false },
  { name: 'rough', scenario: grayFailure, rough: true },
] as const;

export interface ProtectedService {
  readonly name: (typeof casts)[number]['name'];
  readonly scenario: Scenario;
  readonly rough: boolean;
  readonly endpoints: SideEndpoints;
  readonly account: EmulatedAccount;
  readonly planFile: string;
}

/** Makes what the plans name, and writes the plans into the stage's folder `plans`. */
export async function makeServices({
  folder,
  gateway,
  python,
  atEnd,
}: Stage): Promise<{ readonly plans: string; readonly services: readonly ProtectedService[] }> {
  const plans = join(folder, 'plans');
  await mkdir(plans);
  const clients = new EmulatorClients(gateway.endpoint);
  atEnd(async () => clients.close());
  const key = await new AwsCli({ endpoint: gateway.endpoint, python }).call(regions.standby, 'kms', 'create-key', '--description', 'mirrors');
  const kmsKeyArn = z.object({ KeyMetadata: z.object({ Arn: z.string() }) }).parse(key).KeyMetadata.Arn;
  const services: ProtectedService[] = [];
  for (const cast of casts) {
    const endpoints = await SideEndpoints.start();
    atEnd(() => endpoints.stop());
    const account = await makeAccount({ clients, service: cast.name, origins: endpoints.origins, kmsKeyArn });
    const planFile = join(plans, `${cast.name}.yaml`);
    await writeFile(planFile, account.yaml);
    services.push({ ...cast, endpoints, account, planFile });
  }
  return { plans, services };
}
