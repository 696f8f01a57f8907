// A service for trying the checks of deployments alone: applied, with weights, mode and latch that no template would give it.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { clientEnvironment, withoutAws } from '../emulator/ministack.ts';
import type { AwsCli } from './aws-cli.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** Makes a zone with weights 25 and 75 for the shop, applies its plan, and sets mode `advise` and a latch. Needs the tables. */
export async function addTrialService(aws: AwsCli, endpoint: string, region: string, folder: string): Promise<void> {
  const created = z
    .string()
    .parse(await aws.call(region, 'route53', 'create-hosted-zone', '--name', 'example.com', '--caller-reference', 'trial', '--query', 'HostedZone.Id'));
  const zone = created.replace('/hostedzone/', '');
  const record = (SetIdentifier: string, Weight: number) => ({
    Action: 'CREATE',
    ResourceRecordSet: { Name: 'shop.example.com', Type: 'A', SetIdentifier, Weight, TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] },
  });
  const batch = JSON.stringify({ Changes: [record('primary', 25), record('standby', 75)] });
  await aws.call(region, 'route53', 'change-resource-record-sets', '--hosted-zone-id', zone, '--change-batch', batch);

  const plan = await readFile(join(root, 'plans', 'shop.yaml'), 'utf8');
  const file = join(folder, 'trial.yaml');
  await writeFile(file, plan.replace(/hostedZoneId: .*/, `hostedZoneId: ${zone}`).replace(/tags:\n.*\n.*\n/, 'ids: [i-0123456789abcdef0]\n'));
  await run(process.execPath, ['bin/forestall.ts', 'plan:apply', file, '--endpoint-url', endpoint, '--skip-lookups'], {
    cwd: root,
    env: { ...withoutAws(process.env), ...clientEnvironment(endpoint, region) },
  });
  const values = JSON.stringify({ ':mode': { S: 'advise' }, ':latched': { M: { primary: { S: '2026-03-02T12:00:00Z' } } } });
  const update = [
    '--update-expression',
    'SET #mode = :mode, latched = :latched',
    '--expression-attribute-names',
    '{"#mode":"mode"}',
    '--expression-attribute-values',
    values,
  ];
  await aws.call(region, 'dynamodb', 'update-item', '--table-name', 'forestall-services', '--key', '{"serviceId":{"S":"shop"}}', ...update);
}
