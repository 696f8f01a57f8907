// What callers see of a fault: errors as Step Functions names them for a Task, and as the APIs name them.
import type { PendingCall } from '../cloud/call.ts';

export type Refusal = 'throttled' | 'access-denied' | 'time-out' | 'server-error';
export const refusals: readonly Refusal[] = ['throttled', 'access-denied', 'time-out', 'server-error'];
export const isRefusal = (kind: string): kind is Refusal => (refusals as readonly string[]).includes(kind);

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

/** Names of Step Functions' errors for the two kinds of Tasks there are. */
const taskErrors: Readonly<Record<'lambda' | 'nested', Readonly<Record<Refusal | 'answer-lost', string>>>> = {
  lambda: {
    throttled: 'Lambda.TooManyRequestsException',
    'access-denied': 'Lambda.AccessDeniedException',
    'time-out': 'States.Timeout',
    'server-error': 'Lambda.ServiceException',
    'answer-lost': 'Lambda.SdkClientException',
  },
  nested: {
    throttled: 'StepFunctions.ThrottlingException',
    'access-denied': 'StepFunctions.AccessDeniedException',
    'time-out': 'States.Timeout',
    'server-error': 'StepFunctions.SfnException',
    'answer-lost': 'StepFunctions.SdkClientException',
  },
};

/** What a state machine sees of its Task. */
export const taskError = (nested: boolean, kind: Refusal | 'answer-lost'): Error => named(taskErrors[nested ? 'nested' : 'lambda'][kind], `chaos: ${kind}`);

const throttles: Readonly<Record<string, string>> = {
  ec2: 'RequestLimitExceeded',
  route53: 'Throttling',
  elasticloadbalancing: 'Throttling',
  sns: 'Throttled',
};
const denials: Readonly<Record<string, string>> = {
  ec2: 'UnauthorizedOperation',
  route53: 'AccessDenied',
  elasticloadbalancing: 'AccessDenied',
  sns: 'AuthorizationError',
};

/** What a function sees of an API. */
export function apiError({ service, operation }: Pick<PendingCall, 'service' | 'operation'>, kind: Refusal): Error {
  const of = (name: string, status: number) =>
    Object.assign(named(name, `chaos: ${service}:${operation} ${kind}`), {
      $fault: status >= 500 ? 'server' : 'client',
      $metadata: { httpStatusCode: status },
    });
  switch (kind) {
    case 'throttled':
      return of(throttles[service] ?? 'ThrottlingException', 400);
    case 'access-denied':
      return of(denials[service] ?? 'AccessDeniedException', 403);
    case 'time-out':
      return Object.assign(named('TimeoutError', `chaos: ${service}:${operation} did not answer`), { $metadata: {} });
    case 'server-error':
      return of(service === 'ec2' || service === 'route53' ? 'InternalError' : 'InternalServerError', 500);
  }
}

/** Lambda's word for a process that ended. */
export const processDied = (): Error => named('Runtime.ExitError', 'RequestId: chaos Error: Runtime exited with error: signal: killed');
