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

const retryable = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestLimitExceeded',
  'EC2ThrottledException',
  'ProvisionedThroughputExceededException',
  'PriorRequestNotComplete',
  'TooManyRequestsException',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
]);

/** Whether the SDK's standard retry strategy would try again. */
export const isRetryable = (error: unknown): boolean => error instanceof Error && retryable.has(error.name);
