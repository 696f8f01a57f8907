// Reading a request off the wire: what is signed for a service is a call, all else passes unrecorded.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { errorCodeOf, parseCall } from '../../../e2e/gateway/parse.ts';

const signed = (service: string, headers: Record<string, string> = {}) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  'x-amz-security-token': 'forestall-score-risk',
  ...headers,
});
const json = { 'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData' };

describe('a call', () => {
  test('in a body that is packed', () => {
    const body = gzipSync(JSON.stringify({ MetricDataQueries: [] }));
    const call = parseCall({ method: 'POST', path: '/', headers: signed('monitoring', { ...json, 'content-encoding': 'gzip' }), body });
    expect(call).toMatchObject({ operation: 'GetMetricData', region: 'eu-west-1', caller: 'forestall-score-risk', input: { MetricDataQueries: [] } });
  });

  test('without a signature is none', () => {
    expect(parseCall({ method: 'POST', path: '/_ministack/reset', headers: {}, body: Buffer.alloc(0) })).toBeUndefined();
  });

  test('of somebody with another token comes from outside', () => {
    const headers = signed('sts', { 'x-amz-security-token': 'FwoGZX', 'content-type': 'application/x-www-form-urlencoded' });
    expect(parseCall({ method: 'POST', path: '/', headers, body: Buffer.from('Action=GetCallerIdentity&Version=2011-06-15') })).toMatchObject({
      caller: 'outside',
      operation: 'GetCallerIdentity',
      input: {},
    });
  });

  test.each([
    ['GET', '/2013-04-01/hostedzone/Z1/rrset?name=a', 'ListResourceRecordSets'],
    ['POST', '/2013-04-01/hostedzone/Z1/rrset/', 'ChangeResourceRecordSets'],
    ['GET', '/2013-04-01/change/C1', 'GetChange'],
    ['GET', '/2013-04-01/healthcheck/h/status', 'GetHealthCheckStatus'],
    ['DELETE', '/2013-04-01/healthcheck/h', 'DELETE /2013-04-01/healthcheck/h'],
  ])('of Route 53: %s %s', (method, path, operation) => {
    expect(parseCall({ method, path, headers: signed('route53'), body: Buffer.alloc(0) })?.operation).toBe(operation);
  });
});

describe('the code of an error', () => {
  test.each([
    ['in a header', { 'x-amzn-errortype': 'ThrottlingException:http://internal' }, '', 'ThrottlingException'],
    ['in JSON', {}, '{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}', 'QueueDoesNotExist'],
    ['in XML', {}, '<ErrorResponse><Error><Code>InvalidChangeBatch</Code></Error></ErrorResponse>', 'InvalidChangeBatch'],
    ['nowhere', {}, 'gone', '503'],
  ])('%s', (_where, headers, body, code) => {
    expect(errorCodeOf(503, headers, Buffer.from(body))).toBe(code);
  });

  test('there is none in an answer', () => {
    expect(errorCodeOf(200, {}, Buffer.from('<Code>running</Code>'))).toBeUndefined();
  });
});
