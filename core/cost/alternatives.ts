// What the same telemetry costs when it is watched in another way, a month of 30 days.
import { costOfUsage } from './prices.ts';

const minutesAMonth = 30 * 24 * 60;

/** All metrics read at a fixed distance, for GetMetricData alone; and how late a change is read, which comes at any moment between two readings. */
export function fixedPolling(resources: number, metrics: number, everyMinutes: number) {
  return {
    ...costOfUsage({ metricRead: (resources * metrics * minutesAMonth) / everyMinutes }),
    meanDelayMinutes: everyMinutes / 2,
    worstDelayMinutes: everyMinutes,
  };
}

/** An alarm of CloudWatch on an anomaly band for each metric. */
export const anomalyAlarms = (resources: number, metrics: number) => costOfUsage({ anomalyAlarm: resources * metrics });
