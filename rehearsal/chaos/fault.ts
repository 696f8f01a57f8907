// A fault by its name: where it strikes, what it does, to what part and for how long.
import { type FunctionName, functions, type StateMachineName, stateMachines } from '../../core/contracts/deployment.ts';

/** What can go wrong, and what it means. docs/chaos.md lists the same. */
export const faultKinds = {
  throttled: 'refused for now: too many requests',
  'access-denied': 'refused: a permission is missing',
  'time-out': 'no answer in time, and nothing was done',
  'server-error': 'the service has an internal error, and nothing was done',
  'answer-lost': 'it was done, but the caller hears of an error',
  killed: 'the function (or nested execution) is ended half-way',
  delayed: 'the answer takes longer than the caller waits, and it is done all the same, late',
  aborted: 'the execution is stopped from outside',
  'aborted-unheard': 'as above, and the event that tells of it is lost',
  'event-duplicated': 'every event comes four times, the last one ten minutes late',
  'event-reordered': 'every event is late by a time of its own, up to four minutes',
  'event-lost': 'one event never arrives',
  'stale-lock': 'a lock of an earlier failover still stands',
  'lock-taken': "the lease is taken over by another holder's token",
  'foreign-weights': 'somebody else sets the weights',
  'switched-off': "an operator turns the service's mode to observe, or its kill switch on",
  'standby-dies': 'the standby dies with everything in it',
  'primary-recovers': 'the primary is well again',
  'region-unreachable': "the APIs of the primary's Region cannot be reached",
  partition: "neither the APIs of the primary's Region nor the primary itself can be reached from where Forestall runs; users reach it",
  'route53-down': "Route 53's control plane does not work",
  'metrics-missing': 'CloudWatch gets no more metrics of the service',
  'clock-skew': "Lambda's clock is wrong",
} as const;
export type FaultKind = keyof typeof faultKinds;

/** Where a fault strikes: at a visit of a state (the n-th of the whole run), in a function, or throughout the run. */
export type Place =
  | { readonly type: 'state'; readonly machine: StateMachineName; readonly state: string; readonly visit: number }
  | { readonly type: 'function'; readonly name: FunctionName }
  | { readonly type: 'run' };

/**
 * `part`: which call of the function, by number or as `service:Operation`, or which event, or which variant of the kind.
 * `lasting`: strikes again and again for a quarter of an hour, so that no retry outlives it; else once.
 */
export interface Fault {
  readonly place: Place;
  readonly kind: FaultKind;
  readonly part: string | undefined;
  readonly lasting: boolean;
}

/** A name is no fault of this harness. */
export class UnknownFaultError extends Error {
  override readonly name = 'UnknownFaultError';
}

const lastingMark = '~lasting';

/** `shift-traffic.Bake#2/aborted`, `fail-over.Hand over/killed@3`, `fn.start-workflow/throttled~lasting`, `run/event-lost@1`. */
export function faultName({ place, kind, part, lasting }: Fault): string {
  const where =
    place.type === 'run'
      ? 'run'
      : place.type === 'function'
        ? `fn.${place.name}`
        : `${place.machine}.${place.state}${place.visit === 1 ? '' : `#${place.visit}`}`;
  return `${where}/${kind}${part === undefined ? '' : `@${part}`}${lasting ? lastingMark : ''}`;
}

/** The fault of a name. Throws UnknownFaultError. */
export function parseFault(name: string): Fault {
  const slash = name.lastIndexOf('/');
  const what = name.slice(slash + 1);
  const lasting = what.endsWith(lastingMark);
  const [kind = '', part] = (lasting ? what.slice(0, -lastingMark.length) : what).split('@');
  if (slash < 1 || !Object.hasOwn(faultKinds, kind)) throw new UnknownFaultError(`'${name}' is no fault; write it as WHERE/KIND, with a kind of docs/chaos.md`);
  return { place: parsePlace(name.slice(0, slash)), kind: kind as FaultKind, part, lasting };
}

function parsePlace(where: string): Place {
  if (where === 'run') return { type: 'run' };
  const dot = where.indexOf('.');
  const [first, rest] = [where.slice(0, dot), where.slice(dot + 1)];
  if (first === 'fn' && Object.hasOwn(functions, rest)) return { type: 'function', name: rest as FunctionName };
  const machine = stateMachines.find((one) => one === first);
  if (machine === undefined || rest === '') throw new UnknownFaultError(`'${where}' is no place; write MACHINE.STATE, fn.FUNCTION or run`);
  const [state = '', visit = '1'] = rest.split('#');
  if (!/^[1-9]\d?$/.test(visit)) throw new UnknownFaultError(`'${where}': the visit of a state is a number from 1 to 99`);
  return { type: 'state', machine, state, visit: Number(visit) };
}
