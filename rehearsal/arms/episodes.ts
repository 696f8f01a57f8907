// With recorded telemetry: brings the service home after each failover, and says which incidents were found.

import { detailType, eventSource } from '../../core/contracts/events.ts';
import { decisionName } from '../../core/contracts/names.ts';
import type { ForestallTimeline, TrafficSample } from '../results.ts';
import { day, hour, minute } from '../world/faults.ts';
import type { Run } from '../world/run.ts';
import type { Companion } from './forestall.ts';

/** A failover is called home so long after it was seen, not while an incident lasts. */
const homeAfter = 6 * hour;
/** Each incident is to begin with the service at home: it is called so long before one. */
const homeBefore = 2 * hour;
const askAgainAfter = hour;

/** Approves the fail-back that ends each episode, through the event that an operator's approval would be. */
export function bringHome(run: Run): Companion {
  let awaySince: number | undefined;
  let asked: { at: number; attempt: number } | undefined;
  return {
    tick({ runtime, watch }, at) {
      if (watch.record?.activeSide !== 'standby') {
        awaySince = undefined;
        asked = undefined;
        return;
      }
      awaySince ??= at;
      const quiet = !run.faults.all.some(({ from, until }) => at >= from && (until === null || at < until));
      const next = run.faults.all.find(({ from }) => from > at)?.from ?? Number.POSITIVE_INFINITY;
      // A failover within the horizon of an incident belongs to it, and stays.
      const foreseen = awaySince >= next - run.plan.horizonMinutes * minute;
      const due = Math.min(awaySince + homeAfter, foreseen ? Number.POSITIVE_INFINITY : Math.max(awaySince, next - homeBefore));
      if (at < due || !quiet || (asked && at < asked.at + askAgainAfter)) return;
      asked = { at, attempt: (asked?.attempt ?? -1) + 1 };
      const { service } = run.plan;
      runtime.deliverEvent({
        source: eventSource,
        detailType: detailType.failBackApproved,
        detail: {
          serviceId: service,
          decisionId: decisionName(service, 'fail-back', new Date(awaySince).toISOString(), asked.attempt),
          decidedAt: new Date(at).toISOString(),
          approvedBy: 'rehearsal',
        },
      });
    },
  };
}

export interface TelemetryFigures {
  readonly incidents: number;
  /** A failover began within the horizon before the incident or while it lasted. */
  readonly found: number;
  /** Traffic was on the standby already when the incident began. */
  readonly away: number;
  /** Of the found ones, from the incident's beginning to the failover's; negative: before it. */
  readonly medianDelayMinutes: number | null;
  /** Failovers in the labelled part that belong to no incident. */
  readonly falseFailovers: number;
  readonly labelledDays: number;
  /** Failovers before anything was labelled: nobody knows what they were. */
  readonly unlabelledFailovers: number;
}

/** What the recording says of what Forestall did. */
export function telemetryFigures(run: Run, failovers: ForestallTimeline['failovers'], samples: readonly TrafficSample[]): TelemetryFigures {
  const labelledFrom = Math.max(run.start, run.recording?.labelledFrom ?? run.start);
  const horizon = run.plan.horizonMinutes * minute;
  const incidents = run.faults.all.filter(({ from }) => from >= labelledFrom);
  const moves = failovers.filter(({ kind, outcome }) => kind !== 'fail-back' && (outcome === 'failed-over' || outcome === 'evacuated'));
  const belongs = (at: number, incident: (typeof incidents)[number]) => at >= incident.from - horizon && at < (incident.until ?? run.end);
  const delays = incidents.flatMap((incident) => {
    const move = moves.find(({ startedAt }) => belongs(startedAt, incident));
    return move ? [(move.startedAt - incident.from) / minute] : [];
  });
  const awayAt = (at: number) => (samples[Math.floor((at - run.start) / minute)]?.standbyShare ?? 0) > 0.5;
  const unfound = incidents.filter((incident) => !moves.some(({ startedAt }) => belongs(startedAt, incident)));
  const stray = moves.filter(({ startedAt }) => !incidents.some((incident) => belongs(startedAt, incident)));
  const sorted = delays.sort((a, b) => a - b);
  return {
    incidents: incidents.length,
    found: delays.length,
    away: unfound.filter(({ from }) => awayAt(from)).length,
    medianDelayMinutes: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
    falseFailovers: stray.filter(({ startedAt }) => startedAt >= labelledFrom).length,
    labelledDays: Math.max(0, run.end - labelledFrom) / day,
    unlabelledFailovers: stray.filter(({ startedAt }) => startedAt < labelledFrom).length,
  };
}

/** The figures in sentences. */
export function telemetryNotes(figures: TelemetryFigures): string[] {
  const delay = figures.medianDelayMinutes === null ? '' : `, in the median ${figures.medianDelayMinutes.toFixed(0)} minutes after its beginning`;
  return [
    `${figures.found} of ${figures.incidents} labelled incidents found${delay}; at ${figures.away} more, traffic was on the standby already.`,
    `${figures.falseFailovers} false failovers in ${figures.labelledDays.toFixed(1)} labelled days, ${figures.unlabelledFailovers} failovers before anything was labelled.`,
  ];
}
