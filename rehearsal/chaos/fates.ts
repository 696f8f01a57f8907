// Faults of events and clocks: who hears of what, when, and what time functions believe it is.
import type { FunctionName } from '../../core/contracts/deployment.ts';
import { drawsOf } from '../cloud/draw.ts';
import type { EventEnvelope } from '../cloud/eventbridge.ts';
import { minute, second } from '../world/faults.ts';
import type { Fault } from './fault.ts';

const duplicates = [300, 1_500, 45 * second, 10 * minute];
const mostLate = 4 * minute;
/** Lambda's clocks are kept within milliseconds; these are what a broken time source does. */
const skews: Readonly<Record<string, number>> = { ahead: 5 * minute, behind: -5 * minute };
const jitter = 30 * second;

export class Fates {
  readonly #faults: readonly Fault[];
  readonly #silenced = new Set<string>();
  readonly #draws = drawsOf(20_260_303);
  readonly #skews = new WeakMap<object, number>();
  #clocks = 0;

  constructor(faults: readonly Fault[]) {
    this.#faults = faults.filter(({ place }) => place.type === 'run');
  }

  /** The events of an execution's ending are lost. */
  silence(executionArn: string): void {
    this.#silenced.add(executionArn);
  }

  /** When the run's n-th event is delivered; undefined: as usual. */
  deliveries(event: EventEnvelope, number: number): { readonly delays: readonly number[] | undefined; readonly fault?: Fault } {
    if (event.resources.some((arn) => this.#silenced.has(arn))) return { delays: [] };
    for (const fault of this.#faults) {
      if (fault.kind === 'event-lost' && Number(fault.part ?? 1) === number) return { delays: [], fault };
      if (fault.kind === 'event-duplicated') return { delays: duplicates, fault };
      if (fault.kind === 'event-reordered') return { delays: [this.#draws.between(0, mostLate, 'late', number)], fault };
    }
    return { delays: undefined };
  }

  /** By how much a function's clock is wrong in one invocation, ms. */
  skew(_name: FunctionName, invocation: object): number {
    const fault = this.#faults.find(({ kind }) => kind === 'clock-skew');
    if (fault === undefined) return 0;
    const fixed = skews[fault.part ?? 'ahead'];
    if (fixed !== undefined) return fixed;
    const known = this.#skews.get(invocation);
    if (known !== undefined) return known;
    const drawn = this.#draws.between(-jitter, jitter, 'clock', ++this.#clocks);
    this.#skews.set(invocation, drawn);
    return drawn;
  }
}
