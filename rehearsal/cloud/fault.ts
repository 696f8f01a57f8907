// Errors as the SDK would make them from AWS's answers.

interface ExceptionOptions {
  readonly name: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string; readonly attempts: number; readonly totalRetryDelay: number };
  readonly message: string;
}
type ExceptionConstructor = new (options: ExceptionOptions) => Error;

/** Exports of an SDK client module: its exception classes are looked up by name. */
export type ClientModule = Readonly<Record<string, unknown>>;

/** Makes errors of one service. `name` is AWS's error code; a modelled error is an instance of the SDK's class for it. */
export type Faults = (name: string, message: string, extra?: { readonly status?: number; readonly fields?: Readonly<Record<string, unknown>> }) => Error;

/** @param base the class of errors that are not modelled, e.g. `EC2ServiceException` */
export function faultsOf(module: ClientModule, base: string): Faults {
  const constructorOf = (name: string) => module[name] as ExceptionConstructor | undefined;
  return (name, message, extra = {}) => {
    const status = extra.status ?? 400;
    const make = typeof module[name] === 'function' && /[A-Z]/.test(name[0] ?? '') ? constructorOf(name) : constructorOf(base);
    if (make === undefined) throw new TypeError(`the SDK client has no class ${base}`);
    const options: ExceptionOptions = {
      name,
      $fault: status >= 500 ? 'server' : 'client',
      $metadata: { httpStatusCode: status, requestId: '00000000-0000-4000-8000-000000000000', attempts: 1, totalRetryDelay: 0 },
      message,
      ...extra.fields,
    };
    return new make(options);
  };
}

/** Errors that are tried again whatever their status, as the SDK's standard strategy lists them. */
const throttling = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);
const transient = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException']);

/** Whether the SDK's standard retry strategy would try again: throttling, time-outs, and every answer of the 500 class. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return throttling.has(error.name) || transient.has(error.name) || status === 429 || (status >= 500 && status <= 599);
}
