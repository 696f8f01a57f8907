// Makes the same calls on the simulated cloud and on emulators that others wrote, and judges how the answers differ.
import { knownDifferences } from '../known-differences/index.ts';
import type { Emulator, Stage, Suite } from './case.ts';
import { suites as allSuites } from './cases/suites.ts';
import { answered, differences, type Outcome, refused } from './compare.ts';
import { emulatedStage } from './emulated.ts';
import { leftOut } from './left-out.ts';
import { simulatedStage } from './simulated.ts';
import { type Check, type Finding, judgeCompleteness, judgeFindings, judgeLists } from './verdict.ts';

export type { Check } from './verdict.ts';

export interface ConformanceOptions {
  /** Of MiniStack. The cases work in an account of their own, and leave there what they make. */
  readonly endpoint: string;
  readonly motoEndpoint: string;
  /** Is told what is under way. */
  readonly report: (line: string) => void;
}

const emulators: readonly Emulator[] = ['ministack', 'moto'];
/** Between two calls, so that neither throttling nor a change under way is met by accident. */
const pauseSeconds = 10;

/** Runs a suite on a stage: the outcome of each case, undefined for those that are not for this stage. */
async function outcomesOf(suite: Suite, stage: Stage, around: <Value>(work: () => Promise<Value>) => Promise<Value>): Promise<(Outcome | undefined)[]> {
  const { where } = stage;
  const wanted = suite.cases.map(({ on = ['ministack'] }) => where === 'simulated' || on.includes(where));
  if (!wanted.includes(true)) return wanted.map(() => undefined);
  const call = await around(() => suite.begin(stage));
  const outcomes: (Outcome | undefined)[] = [];
  for (const [index, isWanted] of wanted.entries()) {
    // Those before it may have prepared what it needs.
    const outcome = await around(async () => {
      await stage.pass(pauseSeconds);
      return call(index).then(answered, refused);
    });
    outcomes.push(isWanted ? outcome : undefined);
  }
  return outcomes;
}

/** Outcomes of all cases on the simulated cloud, suite by suite, and what it answers. Needs no emulator. */
export async function simulate(suites: readonly Suite[]): Promise<{ outcomes: Outcome[][]; answers: readonly string[] }> {
  const stage = await simulatedStage();
  try {
    const outcomes: Outcome[][] = [];
    for (const suite of suites) outcomes.push((await outcomesOf(suite, stage, (work) => stage.during(work))).filter((outcome) => outcome !== undefined));
    return { outcomes, answers: stage.answers };
  } finally {
    await stage.close();
  }
}

async function compareOn(where: Emulator, endpoint: string, suites: readonly Suite[], simulated: readonly Outcome[][]): Promise<Finding[]> {
  const stage = await emulatedStage(where, endpoint);
  try {
    const findings: Finding[] = [];
    for (const [number, suite] of suites.entries()) {
      const outcomes = await outcomesOf(suite, stage, (work) => work());
      for (const [index, theirs] of outcomes.entries()) {
        const [ours, one] = [simulated[number]?.[index], suite.cases[index]];
        if (theirs === undefined || ours === undefined || one === undefined) continue;
        findings.push({ operation: one.operation, name: one.name, where, lines: differences(ours, theirs, one.same) });
      }
    }
    return findings;
  } finally {
    stage.close();
  }
}

/**
 * Checks that the simulated cloud answers as the emulators do, but for what the lists say, and that it answers nothing unchecked.
 * The simulated cloud comes first and alone: its time is virtual, for the whole thread. Once for each pair of emulators.
 * @param suites default: all
 */
export async function checkConformance(
  { endpoint, motoEndpoint, report }: ConformanceOptions,
  suites: readonly Suite[] = allSuites,
): Promise<readonly Check[]> {
  report(`${suites.flatMap(({ cases }) => cases).length} calls on the simulated cloud`);
  const { outcomes, answers } = await simulate(suites);
  const findings: Finding[] = [];
  for (const where of emulators) {
    report(`the same calls on ${where}`);
    findings.push(...(await compareOn(where, where === 'ministack' ? endpoint : motoEndpoint, suites, outcomes)));
  }
  return [
    ...judgeFindings(findings, knownDifferences, leftOut),
    ...judgeLists(findings, knownDifferences, leftOut),
    ...judgeCompleteness(answers, kindsOf(suites, outcomes)),
  ];
}

/** Whether each case was answered or refused. */
export const kindsOf = (suites: readonly Suite[], outcomes: readonly Outcome[][]) =>
  suites.flatMap(({ cases }, number) =>
    cases.map(({ operation, name }, index) => ({ operation, name, kind: outcomes[number]?.[index]?.kind ?? ('error' as const) })),
  );
