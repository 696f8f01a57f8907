// Reads an AWS request off the wire: which operation of which service in which Region, by whom, with what.
import { gunzipSync } from 'node:zlib';
import type { GatewayRecord } from './record.ts';

export interface WireRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export type WireCall = Pick<GatewayRecord, 'region' | 'service' | 'operation' | 'caller' | 'input'>;

/** Of these, what others send is much and of no interest: histories of metrics, code of functions, templates. */
const bulky = new Set(['monitoring', 's3', 'cloudformation']);

/** undefined: not a signed call of AWS's, e.g. the emulator's own paths. */
export function parseCall({ method, path, headers, body: raw }: WireRequest): WireCall | undefined {
  const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(text(headers['authorization']));
  const [, region, service] = scope ?? [];
  if (region === undefined || service === undefined) return undefined;
  const body = text(headers['content-encoding']) === 'gzip' ? gunzipSync(raw) : raw;
  // Functions have their names there (emulator/launch.py); whoever else has a token is not one of ours.
  const token = text(headers['x-amz-security-token']);
  const called = operationOf(method, path, headers, body);
  const caller = token.startsWith('forestall-') ? token : 'outside';
  return { region, service, caller, operation: called.operation, input: caller === 'outside' && bulky.has(service) ? {} : called.input };
}

function operationOf(method: string, path: string, headers: WireRequest['headers'], body: Buffer): { operation: string; input: unknown } {
  const target = text(headers['x-amz-target']);
  // AWS JSON: the operation is in a header.
  if (target !== '') return { operation: target.slice(target.lastIndexOf('.') + 1), input: body.length === 0 ? {} : JSON.parse(body.toString()) };
  // RPC v2 CBOR, which only tools from outside speak here: what is in it is of no interest.
  const rpc = /\/service\/[^/]+\/operation\/([^/?]+)/.exec(path);
  if (rpc?.[1] !== undefined) return { operation: rpc[1], input: {} };
  // Query: the operation is a field of the form.
  if (text(headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
    const { Action: operation = 'unknown', Version: _version, ...input } = Object.fromEntries(new URLSearchParams(body.toString()));
    return { operation, input };
  }
  return { operation: restOperation(method, path), input: { path, method, xml: body.toString() } };
}

/** REST: by method and path. Of those only Route 53 is called by the product; the others keep their method and path. */
function restOperation(method: string, path: string): string {
  const [, operation] = route53.find(([pattern]) => pattern.test(`${method} ${path.split('?')[0]}`)) ?? [];
  return operation ?? `${method} ${path.split('?')[0]}`;
}

const route53: readonly (readonly [RegExp, string])[] = [
  [/^POST \/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/, 'ChangeResourceRecordSets'],
  [/^GET \/2013-04-01\/hostedzone\/[^/]+\/rrset\/?$/, 'ListResourceRecordSets'],
  [/^GET \/2013-04-01\/change\/[^/]+$/, 'GetChange'],
  [/^GET \/2013-04-01\/healthcheck\/[^/]+$/, 'GetHealthCheck'],
  [/^GET \/2013-04-01\/healthcheck\/[^/]+\/status$/, 'GetHealthCheckStatus'],
  [/^GET \/2013-04-01\/healthcheck\/?$/, 'ListHealthChecks'],
  [/^POST \/2013-04-01\/healthcheck\/?$/, 'CreateHealthCheck'],
  [/^POST \/2013-04-01\/hostedzone\/?$/, 'CreateHostedZone'],
  [/^GET \/2013-04-01\/hostedzone\/[^/]+$/, 'GetHostedZone'],
];

/** The error's code in an answer, wherever the protocol puts it. undefined when there is none. */
export function errorCodeOf(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>, body: Buffer): string | undefined {
  if (status < 400) return undefined;
  const head = text(headers['x-amzn-errortype']);
  const named = head || (/"__type"\s*:\s*"([^"]+)"/.exec(body.toString())?.[1] ?? /<Code>([^<]+)<\/Code>/.exec(body.toString())?.[1] ?? String(status));
  return named.slice(named.lastIndexOf('#') + 1).split(':')[0];
}

/** Ids of what a call of EC2 made. undefined when it makes nothing. */
export function madeBy({ service, operation }: Pick<WireCall, 'service' | 'operation'>, body: Buffer): string[] | undefined {
  const id = service === 'ec2' ? { RunInstances: 'instanceId', CreateSnapshots: 'snapshotId', CopySnapshot: 'snapshotId' }[operation] : undefined;
  return id === undefined ? undefined : [...body.toString().matchAll(new RegExp(`<${id}>([^<]+)</${id}>`, 'g'))].map(([, made]) => made ?? '');
}

const text = (value: string | readonly string[] | undefined): string => (typeof value === 'string' ? value : (value?.[0] ?? ''));
