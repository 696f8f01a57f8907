// The cases of chaos: every fault alone, and combinations drawn from a seed.
import { drawsOf } from '../cloud/draw.ts';
import { storyNamed } from './catalogue.ts';
import { type Fault, parseFault, UnknownFaultError } from './fault.ts';
import { faultsOfStory, type Trace } from './faults-of-story.ts';
import type { Story } from './story.ts';
import { exceptions, placeOf, type TaskState, taskStates } from './task-states.ts';

/** `explicit`: the case as STORY/FAULT[+FAULT...], which can be replayed whatever else changes. */
export interface Case {
  readonly id: string;
  readonly explicit: string;
  readonly story: string;
  /** Names of faults. */
  readonly faults: readonly string[];
}

/** What a story did when nothing else went wrong. */
export interface Base {
  readonly story: Story;
  readonly trace: Trace;
}

/** Stories that are played to come to certain states: what happens around a failover is tried in the others. */
const plain = (story: Story) => story.faults === undefined && story.around !== false;

/** Of the faults of a combination, at least so many are such as do not end the move by themselves. */
const absorbedShare = 0.6;

const caseOf = (story: string, faults: readonly string[], id?: string): Case => {
  const explicit = `${story}/${faults.join('+')}`;
  return { id: id ?? explicit, explicit, story, faults };
};

export class Catalogue {
  readonly #bases: readonly Base[];
  readonly #tasks: readonly TaskState[];
  readonly #byStory: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

  constructor(bases: readonly Base[], tasks: readonly TaskState[] = taskStates()) {
    this.#bases = bases;
    this.#tasks = tasks;
    this.#byStory = new Map(bases.map(({ story, trace }) => [story.name, faultsOfStory(trace, tasks)]));
  }

  /** Task states that no story comes to, but for those that no execution can come to. */
  get unreached(): string[] {
    const reached = new Set(this.#bases.flatMap(({ trace }) => trace.states));
    return this.#tasks.map(placeOf).filter((place) => !reached.has(place) && exceptions[place] === undefined);
  }

  /** Every fault once: at each place in the first story that comes there; what happens around a failover in each plain story. */
  singles(): Case[] {
    const hosted = new Set<string>();
    return this.#bases.flatMap(({ story }) => {
      const faults = this.#byStory.get(story.name) ?? new Map<string, string[]>();
      const here = (place: string) => (name: string) => !hosted.has(place) || isAround(name) || (story.again === true && isMain(name));
      const own = [...faults].flatMap(([place, names]) => names.filter(here(place)).filter((name) => plain(story) || !isAround(name)));
      for (const place of faults.keys()) if (place !== 'run') hosted.add(place);
      return own.map((name) => caseOf(story.name, [name]));
    });
  }

  /** The n-th (from 1) combination of a seed: two to four faults of one story. */
  combination(seed: number, number: number): Case {
    const draws = drawsOf(seed);
    const of = <Item>(items: readonly Item[], ...what: (string | number)[]): Item => {
      const item = items[Math.floor(items.length * draws.uniform('combo', number, ...what))];
      if (item === undefined) throw new Error('there is nothing to draw from');
      return item;
    };
    const story = of(this.#bases, 'story').story.name;
    const places = [...(this.#byStory.get(story) ?? [])];
    const count = 2 + Math.floor(3 * draws.uniform('combo', number, 'count'));
    const faults = new Set<string>();
    // A place first, so that places with many calls do not crowd out the others.
    for (let index = 0; faults.size < count && index < 20; index++) {
      const [, names] = of(places, 'place', index);
      // What retries absorb leaves the others something to strike at.
      const absorbed = names.filter((name) => !/~lasting$|\/aborted/.test(name));
      faults.add(of(absorbed.length > 0 && draws.uniform('combo', number, 'absorbed', index) < absorbedShare ? absorbed : names, 'fault', index));
    }
    return caseOf(story, [...faults], `combo-${seed}-${number}`);
  }

  /** The case of an id. Throws UnknownFaultError. */
  find(id: string): Case {
    const drawn = /^combo-(\d{1,10})-([1-9]\d{0,6})$/.exec(id);
    return drawn ? this.combination(Number(drawn[1]), Number(drawn[2])) : explicitCase(id);
  }
}

/** Of a state's faults, those that the way through the states matters to. */
const isMain = (name: string) => /\/(aborted|killed|answer-lost|delayed|server-error)(@\d+)?(~lasting)?$/.test(name);

/** About what surrounds a failover, not about a single state. */
const isAround = (name: string) =>
  name.startsWith('run/') ||
  /\/(standby-dies|primary-recovers|foreign-weights|region-unreachable|partition|route53-down|metrics-missing|lock-taken|switched-off)(@|$)/.test(name);

/** A case by STORY/FAULT[+FAULT...]. Throws UnknownFaultError. */
export function explicitCase(id: string): Case {
  const slash = id.indexOf('/');
  const name = slash < 0 ? id : id.slice(0, slash);
  if (storyNamed(name) === undefined)
    throw new UnknownFaultError(`there is no story '${name}'; write STORY/FAULT, as in fresh/fail-over.Hand over/killed@3, or combo-SEED-N`);
  const faults = slash < 0 ? [] : id.slice(slash + 1).split('+');
  for (const fault of faults) parseFault(fault);
  return caseOf(name, faults, id);
}

export const faultsOf = ({ faults }: Case): Fault[] => faults.map(parseFault);
