// Reads back what Forestall knew and did: its tables and the log of its calls.
import { subjectKey, wholeService } from '../../core/contracts/names.ts';
import { AssessmentRecord, FailoverEvent, FailoverRecord } from '../../core/contracts/records.ts';
import type { CallRecord } from '../cloud/call.ts';
import type { ForestallTimeline } from '../results.ts';
import type { RehearsalRuntime } from '../runtime/runtime.ts';

/** `known`: what the arm has followed itself. */
export async function readTimeline(
  runtime: RehearsalRuntime,
  serviceId: string,
  known: Pick<ForestallTimeline, 'weights' | 'mirroring'>,
): Promise<ForestallTimeline> {
  const key = subjectKey(serviceId, wholeService);
  const assessments = (await runtime.items('assessments'))
    .filter((item) => item['subjectKey'] === key)
    .map((item) => AssessmentRecord.parse(item))
    .map((record) => ({
      at: Date.parse(record.timestamp),
      score: record.failureProbability,
      level: record.level ?? '',
      critical: record.critical ?? false,
      reasons: record.reasons,
    }))
    .sort((a, b) => a.at - b.at);
  return { assessments, ...known, failovers: await readFailovers(runtime), mutatingCalls: mutatingCalls(runtime.cloud.calls) };
}

async function readFailovers(runtime: RehearsalRuntime): Promise<ForestallTimeline['failovers']> {
  const items = await runtime.items('failovers');
  const events = items.filter(({ entry }) => String(entry).startsWith('event#')).map((item) => FailoverEvent.parse(item));
  return items
    .filter(({ entry, failoverId }) => entry === 'record' && !String(failoverId).startsWith('#'))
    .map((item) => FailoverRecord.parse(item))
    .map((record) => ({
      failoverId: record.failoverId,
      kind: record.kind,
      outcome: record.outcome ?? null,
      startedAt: Date.parse(record.startedAt),
      endedAt: record.endedAt === undefined ? null : Date.parse(record.endedAt),
      reasons: record.reasons,
      ...(record.drill === undefined ? {} : { drill: record.drill }),
      ...(record.measurements === undefined ? {} : { measurements: record.measurements }),
      events: events
        .filter(({ failoverId }) => failoverId === record.failoverId)
        .map(({ at, phase, message, reasons, verdict, weights }) => ({
          at: Date.parse(at),
          phase,
          message,
          reasons,
          verdict: verdict ?? null,
          weights: weights ?? null,
        }))
        .sort((a, b) => a.at - b.at),
    }))
    .sort((a, b) => a.startedAt - b.startedAt);
}

const longestSummary = 160;

function mutatingCalls(calls: readonly CallRecord[]): ForestallTimeline['mutatingCalls'] {
  return calls
    .filter(({ mutating, caller }) => mutating && caller === 'forestall')
    .map(({ at, service, operation, region, input, error }) => {
      const text = `${error ? `${error.name}: ` : ''}${JSON.stringify(input)}`;
      return { at, operation: `${service}:${operation}`, region, summary: text.length > longestSummary ? `${text.slice(0, longestSummary)}…` : text };
    });
}
