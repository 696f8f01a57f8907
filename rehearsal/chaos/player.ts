// Plays one case: its story with its faults, until everything has settled, and what the invariants make of it.
import type { ExecutionView, RuntimeSources } from '../runtime/runtime.ts';
import { minute } from '../world/faults.ts';
import { type Fault, type FaultKind, faultName, parseFault } from './fault.ts';
import { asDeployed } from './handlers.ts';
import { type CallSite, Injector } from './injector.ts';
import { Stage } from './stage.ts';
import { StandingDecisions } from './standing-decisions.ts';
import type { Scene, Story } from './story.ts';
import { Upsets } from './upsets.ts';

/** The sweeper comes every five minutes and leaves what is younger than ten alone: after so long it has come at least twice since it may act. */
const quietMs = 17 * minute;
/** What has not settled so long after the last trouble never will, for the purpose of a run. */
const patienceMs = 150 * minute;

export interface CaseViolation {
  readonly invariant: string;
  readonly detail: string;
}

export interface CasePlayed {
  readonly caseId: string;
  readonly outcome: string;
  /** Of the case's own faults, those that struck. */
  readonly struck: readonly FaultKind[];
  readonly violations: readonly CaseViolation[];
  /** Where faults could strike, in order. */
  readonly trace: { readonly states: readonly string[]; readonly calls: readonly CallSite[]; readonly events: readonly string[] };
  /** What happened, line by line. */
  readonly lines: readonly string[];
  readonly executions: readonly ExecutionView[];
}

/** Plays a story with faults. What the rehearsal itself cannot play is a violation of the invariant `played`. */
export async function playCase(caseId: string, story: Story, faults: readonly Fault[], seed = 1, sources: RuntimeSources = asDeployed): Promise<CasePlayed> {
  const own = (story.faults ?? []).map(parseFault);
  const injector = new Injector([...faults, ...own]);
  const stage = await Stage.create(story.setting(), seed, injector, sources);
  const lines: string[] = [];
  const say = (what: string) => lines.push(`${new Date(stage.now).toISOString().slice(11, 19)} ${what}`);
  const struck = () => injector.struck.filter((fault) => faults.includes(fault)).map(({ kind }) => kind);
  const trace = () => ({
    states: injector.entries.map(({ machine, state }) => `${machine}.${state}`),
    calls: injector.calls,
    events: injector.events,
  });
  try {
    const decisions = new StandingDecisions(stage);
    const upsets = new Upsets(stage, decisions);
    listen(stage, injector, say);
    injector.surroundings = {
      now: () => stage.now,
      stopExecution: (arn) => stage.runtime.stopExecution(arn),
      upset: (fault) => upsets.begin(fault),
    };
    stage.runtime.cloud.intercept((call) => upsets.intercept(call) ?? injector.intercept(call));
    if (faults.some(({ kind }) => kind === 'clock-skew')) skewClocks(injector);
    const scene: Scene = {
      stage,
      decisions,
      at: (minutes, action) => stage.runtime.clock.at(stage.begin + minutes * minute, action),
      when: (place, action) => injector.when(place, action),
      upset: (fault) => upsets.begin(parseFault(fault)),
    };
    story.tell(scene);
    for (const fault of faults)
      if (fault.place.type === 'run' && ['stale-lock', 'clock-skew'].includes(fault.kind)) {
        injector.strike(fault);
        upsets.begin(fault);
      }
    await stage.runtime.runUntil(stage.begin + story.lasts * minute);
    await settle(stage, () => Math.max(injector.quietFrom, upsets.quietFrom));
    const { violations } = await stage.judge();
    return {
      ...{ caseId, outcome: outcomeOf(stage), struck: struck(), trace: trace(), lines },
      violations: violations.map(({ invariant, detail, at }) => ({ invariant, detail: `${new Date(at).toISOString().slice(11, 19)} ${detail}` })),
      executions: stage.runtime.executions(),
    };
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' ') : String(error);
    return { caseId, outcome: 'not played', struck: struck(), violations: [{ invariant: 'played', detail }], trace: trace(), lines, executions: [] };
  } finally {
    await stage.close();
  }
}

/** Lets time pass until nothing is under way any more and the sweeper had its chances. */
async function settle(stage: Stage, troubleUntil: () => number): Promise<void> {
  let since = stage.now;
  while (stage.now - since < quietMs) {
    const calm = Math.max(stage.begin, troubleUntil());
    if (stage.now > calm + patienceMs) return;
    await stage.runtime.runUntil(stage.now + minute);
    if (stage.now <= troubleUntil() || isBusy(stage)) since = stage.now;
  }
}

function isBusy({ runtime, service, failovers }: Stage): boolean {
  return (
    service.lock !== undefined ||
    [...failovers.values()].some(({ endedAt }) => endedAt === undefined) ||
    runtime.executions().some(({ status }) => status === 'RUNNING')
  );
}

/** How the last move ended that was not refused; without one, how the last mirroring ended. */
function outcomeOf({ failovers, runtime }: Stage): string {
  const records = [...failovers.values()].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const tried = records.filter(({ fencingToken }) => fencingToken > 0).at(-1) ?? records.at(-1);
  if (tried) return tried.outcome ?? 'open';
  const mirroring = runtime.executions().filter(({ machine }) => machine === 'adjust-mirroring');
  if (mirroring.length === 0) return 'nothing';
  return mirroring.at(-1)?.status === 'SUCCEEDED' ? 'mirrored' : 'not mirrored';
}

/** Functions see another time than everybody else. */
function skewClocks(injector: Injector): void {
  const { now } = Date;
  Date.now = () => now() + injector.skew();
}

function listen(stage: Stage, injector: Injector, say: (what: string) => void): void {
  injector.onStrike = (fault) => say(`FAULT ${faultName(fault)}`);
  injector.onEntry = ({ machine, state }) => say(`${machine}: ${state}`);
  stage.runtime.onInvocation(({ functionName, error }) => {
    if (error) say(`  ${functionName} failed: ${error.name}: ${error.message}`);
  });
  stage.runtime.cloud.onCall(({ mutating, operation, error, input, caller }) => {
    if (mutating) say(`  ${caller} ${operation}${error ? ` failed: ${error.name}` : ''} ${JSON.stringify(input).slice(0, 400)}`);
  });
  stage.runtime.onItem(({ table, sortKey, item }) => {
    if (table === 'failovers' && sortKey?.startsWith('event#')) {
      const { message, reasons } = item();
      say(`  TOLD ${String(message)}${Array.isArray(reasons) && reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`);
    }
  });
}
