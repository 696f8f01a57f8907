// Histories from CloudWatch: what is read, at what cost, with which rights, and what to do when AWS says no.
import type { Plan } from '../../core/contracts/plan.ts';
import { findInstances } from '../../lambdas/adapters/instance-lookup.ts';
import { Telemetry } from '../../lambdas/adapters/telemetry.ts';
import { explainAws, requireRegion, useEndpoint } from '../commands/aws.ts';
import { InputError } from '../commands/command.ts';
import { historyWindow, periodNote } from './history-window.ts';
import { type ReadHistories, readHistories, readingCost } from './read-cloudwatch.ts';
import { type Subject, subjectsById, subjectsOfPlan } from './subjects.ts';

export interface CloudWatchRequest {
  readonly resources: readonly string[];
  readonly plan: Plan | undefined;
  readonly region: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly endpoint: string | undefined;
}

/** AWS did not give what was asked for: exit code 1. The message says what to do. */
export class ReadingError extends Error {
  override readonly name = 'ReadingError';
}

/** All that CloudWatch has. */
const defaultSince = '15d';

/** @param tell says to the operator what happens meanwhile @throws InputError | ReadingError */
export async function historiesFromCloudWatch(request: CloudWatchRequest, tell: (text: string) => void): Promise<ReadHistories> {
  const { resources, plan, endpoint } = request;
  const now = Date.now();
  const window = historyWindow(request.since ?? defaultSince, request.until, now);
  const region = regionOf(request);
  if (endpoint !== undefined) useEndpoint(endpoint);
  let subjects: readonly Subject[];
  try {
    subjects = plan ? await subjectsOfPlan(plan, resources, findInstances) : subjectsById(resources, region);
    tell(readingCost(subjects, window));
    tell(`${periodNote(window)}`);
    const read = await readHistories(new Telemetry(), subjects, window, now, tell);
    if (read.histories.length === 0) throw new ReadingError(['there is nothing to score', ...read.notes].join('\n'));
    return read;
  } catch (error) {
    const told = explainAws(error, region, 'call cloudwatch:GetMetricData, and ec2:DescribeInstances where a plan selects by tags');
    // A refusal of AWS is not the operator's mistake in writing the command.
    if (told !== error && told instanceof InputError) throw new ReadingError(told.message, { cause: error });
    throw error;
  }
}

function regionOf({ region, plan }: CloudWatchRequest): string {
  if (plan) {
    if (region !== undefined && region !== plan.sides.primary.region)
      throw new InputError(`the plan says ${plan.sides.primary.region}, --region says ${region}; leave --region out`);
    return plan.sides.primary.region;
  }
  const chosen = region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (!chosen) throw new InputError('no Region was given; name the one in which the instances run with --region');
  return requireRegion(chosen);
}
