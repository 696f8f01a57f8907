// Plays all cases on worker threads and adds up what came of them.
import { spread, type Work } from '../pool.ts';
import { type Base, type Case, Catalogue } from './cases.ts';
import { stories } from './catalogue.ts';
import type { FaultKind } from './fault.ts';
import type { ChaosDone, ChaosJob } from './worker.ts';

/** What the command prints as JSON. */
export interface ChaosReport {
  readonly runs: number;
  /** Faults that struck, each once however often it did. */
  readonly faultsInjected: number;
  readonly byKind: Readonly<Partial<Record<FaultKind, number>>>;
  readonly violations: readonly { readonly caseId: string; readonly invariant: string; readonly detail: string }[];
  /** How many runs ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface ChaosRun {
  readonly report: ChaosReport;
  /** Cases in which a fault had no occasion to strike, by id. */
  readonly unmet: readonly string[];
}

const work: Work<ChaosJob> = { file: new URL('./worker.ts', import.meta.url), name: (job) => job.case.id };
const jobOf = (one: Case, seed: number, traced = false): ChaosJob => ({ case: one, seed, traced });

/** Plays each story with nothing else going wrong, to learn where faults can strike. */
export async function playBases(seed: number): Promise<{ readonly catalogue: Catalogue; readonly bases: readonly ChaosDone[] }> {
  const jobs = stories.map(({ name }) => jobOf({ id: name, explicit: name, story: name, faults: [] }, seed, true));
  const bases = await spread<ChaosJob, ChaosDone>(work, jobs);
  return {
    bases,
    catalogue: new Catalogue(stories.map((story, index): Base => ({ story, trace: bases[index]?.trace ?? { states: [], calls: [], events: [] } }))),
  };
}

/** `progress` is told how many of how many runs are done. Throws RehearsalFailedError when a thread dies. */
export async function playChaos(seed: number, combinations: number, progress: (done: number, of: number) => void = () => {}): Promise<ChaosRun> {
  const { bases, catalogue } = await playBases(seed);
  const cases = [...catalogue.singles(), ...Array.from({ length: combinations }, (_, index) => catalogue.combination(seed, index + 1))];
  const done = await spread<ChaosJob, ChaosDone>(
    work,
    cases.map((one) => jobOf(one, seed)),
    (count) => progress(count, cases.length),
  );
  const wrong = stories.flatMap(({ name, outcome }, index) => {
    const got = bases[index]?.outcome;
    return got === outcome ? [] : [{ caseId: name, invariant: 'story', detail: `ends as ${got} when nothing goes wrong, not as ${outcome}` }];
  });
  const unreached = catalogue.unreached.map((place) => ({ caseId: place, invariant: 'coverage', detail: 'no story comes to this Task state' }));
  const report = addUp([...bases, ...done], new Map(cases.map(({ id, explicit }) => [id, explicit])));
  return {
    report: { ...report, violations: [...wrong, ...unreached, ...report.violations] },
    unmet: cases.flatMap(({ id, faults }, index) => ((done[index]?.struck.length ?? 0) < faults.length ? [id] : [])),
  };
}

function addUp(done: readonly ChaosDone[], explicit: ReadonlyMap<string, string>): ChaosReport {
  const byKind: Partial<Record<FaultKind, number>> = {};
  const outcomes: Record<string, number> = {};
  for (const { struck, outcome } of done) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    for (const kind of struck) byKind[kind] = (byKind[kind] ?? 0) + 1;
  }
  return {
    runs: done.length,
    faultsInjected: Object.values(byKind).reduce((sum, count) => sum + count, 0),
    byKind,
    violations: done.flatMap(({ caseId, violations }) => {
      // A combination is told in full: its number means something only as long as the stories stay what they are.
      const told = explicit.get(caseId);
      return violations.map(({ invariant, detail }) => ({ caseId, invariant, detail: told === undefined || told === caseId ? detail : `${detail} [${told}]` }));
    }),
    outcomes,
  };
}
