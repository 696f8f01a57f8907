// Observed calls of a run on the emulator, from what its gateway recorded.
import type { GatewayRecord } from '../gateway/record.ts';
import { sdkInputOf } from '../gateway/sdk-input.ts';
import type { ObservedCall } from './observed-call.ts';

/** Signing names that differ from IAM's prefixes. */
const prefixes: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/**
 * A call with its input as the SDK was given it. The gateway calls functions by their names, as nameOf does.
 * Throws UnknownCallError of the gateway for an operation that the product does not use.
 */
export function fromGateway(record: GatewayRecord): ObservedCall {
  const { caller, service, region, made } = record;
  return { caller, service: prefixes[service] ?? service, ...sdkInputOf(record), region, ...(made === undefined ? {} : { made }) };
}
