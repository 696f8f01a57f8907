// What has to be true after certain blocks of the guide, read from the emulator and not from what the commands print.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Check } from '../check.ts';
import type { AwsCli } from '../templates/aws-cli.ts';
import { keptAfterDestroy } from '../templates/deployment.ts';
import { inventory } from '../templates/inventory.ts';
import { nothingAgainst } from '../templates/nothing-against.ts';
import type { Outcome } from './shell.ts';
import { primaryRegion, service, standbyRegion } from './world.ts';

export interface Expectation {
  /** Text in exactly one block of the page. */
  readonly after: string;
  readonly check: (aws: AwsCli, outcome: Outcome, folder: string) => Promise<Check>;
}

const Records = z.array(
  z.object({ SetIdentifier: z.string(), Weight: z.number(), HealthCheckId: z.string().optional(), AliasTarget: z.object({ DNSName: z.string() }) }),
);
const ServiceItem = z.tuple([z.string(), z.string(), z.boolean().nullable()]);

async function records(aws: AwsCli) {
  const [zone = ''] = await aws.texts(primaryRegion, 'route53', 'list-hosted-zones', '--query', "HostedZones[?Name=='example.net.'].Id");
  const query = "ResourceRecordSets[?SetIdentifier!=null].{SetIdentifier:SetIdentifier,Weight:Weight,HealthCheckId:HealthCheckId||'',AliasTarget:AliasTarget}";
  return Records.parse(await aws.call(primaryRegion, 'route53', 'list-resource-record-sets', '--hosted-zone-id', zone, '--query', query));
}

/** The weights as they were made, each record with its balancer, and a health check of its own or none. */
const recordsAre = (name: string, withChecks: boolean, after: string): Expectation => ({
  after,
  check: async (aws) => {
    const found = await records(aws);
    const weights = Object.fromEntries(found.map(({ SetIdentifier, Weight }) => [SetIdentifier, Weight]));
    const checks = new Set(found.map(({ HealthCheckId = '' }) => HealthCheckId));
    const balancers = new Set(found.map(({ AliasTarget }) => AliasTarget.DNSName));
    const right =
      found.length === 2 &&
      weights['primary'] === 100 &&
      weights['standby'] === 0 &&
      balancers.size === 2 &&
      (withChecks ? checks.size === 2 && !checks.has('') : checks.size === 1 && checks.has(''));
    return { name, ok: right, detail: JSON.stringify(found) };
  },
});

const serviceIs = (mode: string, after: string): Expectation => ({
  after,
  check: async (aws) => {
    const key = JSON.stringify({ serviceId: { S: service } });
    const item = await aws.call(
      standbyRegion,
      'dynamodb',
      'get-item',
      '--table-name',
      'forestall-services',
      '--key',
      key,
      '--consistent-read',
      '--query',
      'Item.[mode.S,activeSide.S,killSwitch.BOOL]',
    );
    const found = ServiceItem.parse(item);
    return {
      name: `the service is in mode ${mode}, on its primary side, and not switched off`,
      ok: found[0] === mode && found[1] === 'primary' && found[2] !== true,
      detail: JSON.stringify(found),
    };
  },
});

const printsNothing = (name: string, after: string): Expectation => ({
  after,
  check: (_aws, { output }) =>
    Promise.resolve(
      nothingAgainst(
        name,
        output.split('\n').filter((line) => line.trim() !== ''),
      ),
    ),
});

const leftIn = async (aws: AwsCli) => [
  ...(await inventory(aws, standbyRegion)),
  ...(await inventory(aws, primaryRegion)).map((item) => `${primaryRegion}: ${item}`),
];

export const expectations: readonly Expectation[] = [
  {
    after: 'npm run -s backtest',
    check: (_aws, _outcome, folder) => {
      const rows = readFileSync(join(folder, 'home', 'forestall', 'history.csv'), 'utf8')
        .trim()
        .split('\n');
      return Promise.resolve({
        name: 'the exported history has a row for each minute',
        ok: rows.length > 150 && rows.every((row) => row.split(',').length === 5),
        detail: `${rows.length} rows`,
      });
    },
  },
  recordsAre('attaching the health checks keeps weights and targets', true, 'attach $PRIMARY_CHECK $STANDBY_CHECK'),
  serviceIs('observe', 'until scores service'),
  serviceIs('advise', 'mode advise'),
  serviceIs('act', 'service:pause -- $SERVICE off'),
  serviceIs('act', 'weights | diff'),
  recordsAre('a second deployment keeps weights and health checks', true, 'weights | diff'),
  recordsAre('detaching the health checks keeps weights and targets', false, "attach '' ''"),
  {
    after: 'cdk destroy',
    check: async (aws) => {
      const left = await leftIn(aws);
      return {
        name: 'cdk destroy leaves the four tables, the event log and the key, and nothing else',
        ok: left.length === 6 && left.every((item) => keptAfterDestroy.test(item)),
        detail: left.join('\n'),
      };
    },
  },
  { after: 'aws dynamodb delete-table', check: async (aws) => nothingAgainst('after the last commands nothing of Forestall is left', await leftIn(aws)) },
  printsNothing('the final look of the guide finds nothing', 'aws iam list-roles'),
];
