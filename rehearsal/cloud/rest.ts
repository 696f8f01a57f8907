// Answers signed REST requests of services for which there is no SDK client, with the same log, faults and retries as all others.
import { MalformedInputError, NotSimulatedError } from './call.ts';
import { type Answering, answerOnce } from './middleware.ts';
import type { Service } from './service.ts';

/** By method and path; the parts in braces become members of the input. */
const routes: readonly { readonly method: string; readonly path: RegExp; readonly operation: string }[] = [
  { method: 'POST', path: /^\/zonalshifts$/, operation: 'StartZonalShift' },
  { method: 'GET', path: /^\/zonalshifts$/, operation: 'ListZonalShifts' },
  { method: 'PATCH', path: /^\/zonalshifts\/(?<zonalShiftId>[A-Za-z0-9-]+)$/, operation: 'UpdateZonalShift' },
  { method: 'DELETE', path: /^\/zonalshifts\/(?<zonalShiftId>[A-Za-z0-9-]+)$/, operation: 'CancelZonalShift' },
];

/** undefined: the host is not AWS's, somebody else answers. */
export function restAnswerer(answering: Answering, service: Service): (...request: Parameters<typeof fetch>) => Promise<Response> | undefined {
  const host = new RegExp(`^${service.name}\\.([a-z0-9-]+)\\.amazonaws\\.com(\\.cn)?$`);
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const region = host.exec(url.hostname)?.[1];
    return region === undefined ? undefined : answer(url, region, init ?? {});
  };

  async function answer(url: URL, region: string, { method = 'GET', body, headers }: RequestInit): Promise<Response> {
    const { log } = answering;
    const route = routes.find((candidate) => candidate.method === method && candidate.path.test(url.pathname));
    if (!route) throw log.fatal(new NotSimulatedError(`${service.name}: ${method} ${url.pathname} is not simulated: add it to rehearsal/cloud/rest.ts`));
    if (!new Headers(headers).get('authorization')?.includes(`/${region}/${service.name}/aws4_request`))
      throw log.fatal(new MalformedInputError(`${service.name}:${route.operation} is not signed for its Region and service`));
    const given: object = typeof body === 'string' ? JSON.parse(body) : {};
    const args = { ...Object.fromEntries(url.searchParams), ...route.path.exec(url.pathname)?.groups, ...given };
    try {
      const { $metadata: _metadata, ...output } = await answerOnce(answering, service, route.operation, undefined, { input: args }, region, 'forestall');
      return Response.json(output, { status: route.operation === 'StartZonalShift' ? 201 : 200 });
    } catch (error) {
      if (!(error instanceof Error) || error instanceof NotSimulatedError || error instanceof MalformedInputError) throw error;
      const { $metadata, reason } = error as { readonly $metadata?: { readonly httpStatusCode?: number }; readonly reason?: string };
      const status = $metadata?.httpStatusCode;
      // Nothing came back: the connection failed.
      if (status === undefined || status < 400) throw new TypeError('fetch failed', { cause: error });
      return Response.json({ message: error.message, reason }, { status, headers: { 'x-amzn-errortype': error.name } });
    }
  }
}
