// One run as a piece of work that can be given to a worker thread.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plan } from '../core/contracts/plan.ts';
import type { FailureModel } from '../core/prediction/model/format.ts';
import { useModel } from '../lambdas/services.ts';
import { rehearse } from './rehearse.ts';
import { writeReport } from './report/report.ts';
import type { ScenarioResult } from './results.ts';
import { scenarioNamed } from './scenarios/catalogue.ts';
import { drawRun } from './scenarios/scenario.ts';
import { drawTelemetryRun } from './scenarios/telemetry.ts';
import type { Recording } from './world/run.ts';

export interface Job {
  readonly scenario: string;
  readonly seed: number;
  readonly plan: Plan;
  /** Where the report goes, and what the result calls that place. */
  readonly report: { readonly file: string; readonly name: string };
  /** Only for the scenario `telemetry`. */
  readonly recording?: Recording;
  /** judges metrics of unknown meaning; absent: the model that is shipped */
  readonly model?: FailureModel;
}

export interface JobDone {
  readonly result: ScenarioResult;
  readonly description: string;
  readonly notes: readonly string[];
  readonly violations: readonly { readonly invariant: string; readonly at: number; readonly detail: string }[];
}

/** Plays the run and writes its report. */
export async function playJob(job: Job, progress: (share: number) => void): Promise<JobDone> {
  useModel(job.model);
  const { result, report, notes } = await rehearse(runOf(job), job.report.name, progress);
  await mkdir(dirname(job.report.file), { recursive: true });
  await writeReport(report, job.report.file);
  return { result, notes, description: report.description, violations: report.violations };
}

function runOf({ scenario: name, seed, plan, recording }: Job) {
  if (recording) return drawTelemetryRun(recording, seed, plan);
  const scenario = scenarioNamed(name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return drawRun(scenario, seed, plan);
}
