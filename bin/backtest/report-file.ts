// The evaluation of a backtest as JSON: what `--report` writes. docs/schemas/backtest-report.schema.json is made from it.
import { z } from 'zod';
import { MirroringLevel } from '../../core/contracts/plan.ts';
import type { Evaluation } from '../../core/prediction/evaluation/alarms.ts';
import type { Verdict } from './evaluate.ts';
import { isoTime } from './score.ts';
import type { Settings } from './settings.ts';
import type { Track } from './track.ts';

const Time = z.iso.datetime().describe('ISO 8601 with Z');
const Count = z.int().min(0);
const Share = z.number().min(0).max(1);

const EvaluationAt = z
  .strictObject({
    threshold: z.number().describe('an alarm is a row whose failureProbability is at or above it'),
    incidents: Count.describe('incidents that are judged'),
    found: Count,
    missed: Count,
    foundByChance: z.number().min(0).describe('incidents that as many false alarms at random times would have found'),
    medianDelayMinutes: z.number().nullable().describe("from the incident's start to the first alarm; negative: ahead of it; null: none was found"),
    falseAlarms: Count.describe('begun hours with an alarm outside incidents and their grace'),
    falseAlarmsPerDay: z.number().min(0).describe('per resource-day'),
    precision: Share.nullable().describe('found / (found + falseAlarms)'),
    recall: Share.nullable().describe('found / incidents'),
  })
  .describe('what one threshold would have done');

export const BacktestReport = z
  .strictObject({
    version: z.literal(1),
    settings: z.strictObject({
      horizonMinutes: z.number(),
      thresholds: z.strictObject({ partial: z.number(), full: z.number(), critical: z.number(), exitBelow: z.number(), dwellMinutes: z.number() }),
      objective: z.strictObject({ latencySeconds: z.number(), errorRate: z.number() }),
    }),
    notes: z.array(z.string()).describe('what was missing or has to be known'),
    series: z.array(
      z.strictObject({
        name: z.string(),
        metrics: z.array(z.string()),
        rows: Count,
        notScored: Count,
        from: Time,
        to: Time,
        decisions: z
          .array(
            z.strictObject({
              at: Time,
              what: z.enum(['level', 'critical', 'no longer critical']).describe('critical: a failover would have been asked for'),
              level: MirroringLevel,
              previous: MirroringLevel,
              score: z.number().nullable(),
              reasons: z.array(z.string()),
            }),
          )
          .describe('what would have been decided; interlocks and what a move would have changed are not played'),
        labelledDays: z.number().min(0).optional(),
        incidentsNotJudged: Count.optional().describe('incidents of the file outside the labelled history'),
        incidents: z
          .array(
            z.strictObject({
              start: Time,
              end: Time,
              alarms: z
                .array(z.strictObject({ threshold: z.number(), at: Time.nullable(), delayMinutes: z.number().nullable() }))
                .describe("at the plan's thresholds; null: missed"),
            }),
          )
          .optional(),
      }),
    ),
    evaluation: z
      .strictObject({
        labelledDays: z.number().min(0),
        thresholds: z.strictObject({ partial: EvaluationAt, full: EvaluationAt, critical: EvaluationAt }),
        budget: z.strictObject({
          falseAlarmsPerDay: z.number().min(0),
          own: EvaluationAt.nullable().describe('the threshold chosen on this very history: optimistic; null: no threshold keeps the budget'),
          others: EvaluationAt.omit({ threshold: true })
            .extend({ thresholds: z.record(z.string(), z.number().nullable()) })
            .nullable()
            .describe('each series judged at the threshold chosen on the others; null: there is one series'),
        }),
        failovers: z
          .strictObject({ asked: Count, inIncident: Count, after: Count, stray: Count })
          .describe('times at which a failover would have been asked for: up to an hour before or during an incident, within 30 minutes after one, or neither'),
        rocAuc: Share.nullable().describe('rows inside incidents against rows outside, by failureProbability, null as 0'),
        reliability: z
          .strictObject({
            rows: Count,
            baseRate: Share,
            brier: Share,
            baseRateBrier: Share,
            ece: Share,
            bins: z.array(z.strictObject({ mean: Share, observed: Share, rows: Count })),
          })
          .nullable()
          .describe('failureProbability against: an incident is there or begins within the horizon; scored rows only'),
      })
      .optional()
      .describe('with --incidents'),
  })
  .describe('what a backtest found');
export type BacktestReport = z.infer<typeof BacktestReport>;

const at = ({ threshold, ...rest }: Evaluation): z.infer<typeof EvaluationAt> => ({ threshold, ...counts(rest) });

function counts({ incidents, found, foundByChance, medianDelayMinutes, falseAlarms, falseAlarmsPerDay, precision, recall }: Omit<Evaluation, 'threshold'>) {
  return {
    incidents: incidents.length,
    found,
    missed: incidents.length - found,
    foundByChance,
    medianDelayMinutes,
    falseAlarms,
    falseAlarmsPerDay,
    precision,
    recall,
  };
}

/** @param verdict of the same tracks; undefined without incidents */
export function reportOf(tracks: readonly Track[], settings: Settings, notes: readonly string[], verdict: Verdict | undefined): BacktestReport {
  const { horizonMinutes, objective, thresholds } = settings;
  return {
    version: 1,
    settings: { horizonMinutes, thresholds, objective },
    notes: [...notes],
    series: tracks.map((track) => seriesEntry(track, verdict)),
    ...(verdict ? { evaluation: evaluationEntry(verdict) } : {}),
  };
}

function seriesEntry({ name, metrics, times, scores, decisions }: Track, verdict: Verdict | undefined): BacktestReport['series'][number] {
  const judged = verdict?.judged.find(({ track }) => track.name === name);
  return {
    name,
    metrics: [...metrics],
    rows: times.length,
    notScored: scores.reduce((sum, score) => sum + (Number.isNaN(score) ? 1 : 0), 0),
    from: isoTime(times[0] ?? 0),
    to: isoTime(times.at(-1) ?? 0),
    decisions: decisions.map(({ time, what, level, previous, score, reasons }) => ({
      at: isoTime(time),
      what,
      level,
      previous,
      score,
      reasons: reasons.map(({ detail }) => detail),
    })),
    ...(judged && verdict
      ? {
          labelledDays: judged.outline.days,
          incidentsNotJudged: judged.outside,
          incidents: judged.outline.incidents.map(({ from, until, climbs }) => ({
            start: isoTime(from),
            end: isoTime(until),
            alarms: verdict.thresholds.map(({ evaluation: { threshold } }) => {
              const alarm = climbs.find(({ score }) => score >= threshold);
              return { threshold, at: alarm ? isoTime(alarm.time) : null, delayMinutes: alarm ? (alarm.time - from) / 60_000 : null };
            }),
          })),
        }
      : {}),
  };
}

function evaluationEntry({ days, thresholds, budget, failovers, rocAuc, reliability }: Verdict): BacktestReport['evaluation'] {
  const named = (name: 'partial' | 'full' | 'critical') => {
    const found = thresholds.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no evaluation at ${name}`);
    return at(found.evaluation);
  };
  return {
    labelledDays: days,
    thresholds: { partial: named('partial'), full: named('full'), critical: named('critical') },
    budget: {
      falseAlarmsPerDay: budget.perDay,
      own: budget.own && at(budget.own),
      others: budget.others
        ? { ...counts(budget.others), thresholds: Object.fromEntries(budget.others.each.map(({ name, threshold }) => [name, threshold])) }
        : null,
    },
    failovers: { ...failovers },
    rocAuc,
    reliability: reliability
      ? {
          rows: reliability.count,
          baseRate: reliability.baseRate,
          brier: reliability.brier,
          baseRateBrier: reliability.baseBrier,
          ece: reliability.ece,
          bins: reliability.bins.map(({ mean, observed, count }) => ({ mean, observed, rows: count })),
        }
      : null,
  };
}
