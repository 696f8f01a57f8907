// The signed REST requests: what is sent is checked against a signature made here by the steps of the Signature Version 4 documentation.
import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attachToClients } from '../../../lambdas/adapters/clients.ts';
import { RestError, signedRequest } from '../../../lambdas/adapters/signed-rest.ts';
import { ZonalShifts } from '../../../lambdas/adapters/zonal-shifts.ts';

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
let sent: Sent[] = [];
let answers: (() => Response)[] = [];
const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';
const shift = { zonalShiftId: 'abc-1', resourceIdentifier: arn, awayFrom: 'euw1-az1', expiryTime: 1_772_452_800, startTime: 1, status: 'ACTIVE', comment: 'x' };
const json =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });

beforeEach(() => {
  sent = [];
  answers = [];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  attachToClients({
    customiser: () => {},
    fetch: async (input, init) => {
      sent.push({ url: new URL(String(input)), method: init?.method ?? '', headers: init?.headers as Record<string, string>, body: String(init?.body ?? '') });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (!answer) throw new TypeError('fetch failed');
      return answer();
    },
  });
});
afterEach(() => {
  attachToClients(undefined);
  vi.unstubAllEnvs();
});

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** The signature that AWS would work out for what was sent. */
function signatureOf({ url, method, headers, body }: Sent): string {
  const all: Record<string, string> = { ...headers, host: url.host };
  const names = (/SignedHeaders=([^,]+)/.exec(all['authorization'] ?? '')?.[1] ?? '').split(';');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
  const canonical = [method, url.pathname, query, ...names.map((name) => `${name}:${all[name]}`), '', names.join(';'), hash(body)].join('\n');
  const time = all['x-amz-date'] ?? '';
  const scope = `${time.slice(0, 8)}/eu-west-1/arc-zonal-shift/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), 'AWS4secret');
  return hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n')).toString('hex');
}

describe('requests', () => {
  it('go to the Region of the balancer, as the API wants them, and are signed', async () => {
    answers = [json(201, { ...shift })];
    const id = await new ZonalShifts('eu-west-1').start({ loadBalancerArn: arn, awayFrom: 'euw1-az1', expiresHours: 24, comment: 'Forestall: shop' });
    expect(id).toBe('abc-1');
    const [request] = sent;
    expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json', 'x-amz-security-token': 'token' } });
    expect(request?.url.href).toBe('https://arc-zonal-shift.eu-west-1.amazonaws.com/zonalshifts');
    expect(JSON.parse(request?.body ?? '')).toEqual({ resourceIdentifier: arn, awayFrom: 'euw1-az1', expiresIn: '24h', comment: 'Forestall: shop' });
    expect(request?.headers['authorization']).toContain(`Signature=${request && signatureOf(request)}`);
  });

  it('sign the query too', async () => {
    answers = [json(200, { items: [] })];
    await new ZonalShifts('eu-west-1').active(arn);
    const [request] = sent;
    expect(request?.url.searchParams.get('resourceIdentifier')).toBe(arn);
    expect(request?.headers['authorization']).toContain(`Signature=${request && signatureOf(request)}`);
  });

  it('follow pages, and take only the active shifts of the balancer', async () => {
    answers = [
      json(200, {
        items: [
          { ...shift, resourceIdentifier: 'another' },
          { ...shift, shiftType: 'PRACTICE_RUN' },
        ],
        nextToken: 'more',
      }),
      json(200, { items: [{ ...shift, zonalShiftId: 'abc-2', shiftType: 'ZONAL_SHIFT' }] }),
    ];
    expect(await new ZonalShifts('eu-west-1').active(arn)).toEqual([
      { id: 'abc-1', awayFrom: 'euw1-az1', expiresAt: 1_772_452_800_000, comment: 'x', manual: false },
      { id: 'abc-2', awayFrom: 'euw1-az1', expiresAt: 1_772_452_800_000, comment: 'x', manual: true },
    ]);
    expect(sent[1]?.url.searchParams.get('nextToken')).toBe('more');
  });

  it('prolong and cancel by id; a shift that is over already is cancelled', async () => {
    answers = [json(200, shift), json(409, { message: 'over', reason: 'ZonalShiftStatusNotActive' }, { 'x-amzn-errortype': 'ConflictException:http://x' })];
    const shifts = new ZonalShifts('eu-west-1');
    await shifts.prolong('abc-1', 72);
    await shifts.cancel('abc-1');
    expect(sent.map(({ method, url, body }) => [method, url.pathname, body])).toEqual([
      ['PATCH', '/zonalshifts/abc-1', '{"expiresIn":"72h"}'],
      ['DELETE', '/zonalshifts/abc-1', ''],
    ]);
  });

  it('tell of a shift that stands in the way by giving no id', async () => {
    answers = [json(409, { message: 'no', reason: 'ZonalShiftAlreadyExists' }, { 'x-amzn-errortype': 'ConflictException' })];
    expect(await new ZonalShifts('eu-west-1').start({ loadBalancerArn: arn, awayFrom: 'euw1-az1', expiresHours: 1, comment: '' })).toBeUndefined();
  });
});

describe('errors', () => {
  const ask = () => signedRequest({ service: 'arc-zonal-shift', region: 'cn-north-1', method: 'GET', path: '/zonalshifts' });

  it("carry AWS's code and are not tried again when the request is at fault", async () => {
    answers = [json(403, { message: 'not you', __type: 'com.amazonaws#AccessDeniedException' })];
    const failure = await ask().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RestError);
    expect(failure).toMatchObject({ name: 'AccessDeniedException', status: 403, message: 'not you' });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url.host).toBe('arc-zonal-shift.cn-north-1.amazonaws.com.cn');
  });

  it('are tried again when the service throttles or fails', async () => {
    answers = [json(429, { message: 'slow' }, { 'x-amzn-errortype': 'ThrottlingException' }), json(500, {}), json(200, { items: [] })];
    expect(await ask()).toEqual({ items: [] });
    expect(sent).toHaveLength(3);
  });

  it('give up after four attempts when nothing answers', async () => {
    await expect(ask()).rejects.toMatchObject({ name: 'ServiceUnavailable', status: 503 });
    expect(sent).toHaveLength(4);
  });
});
