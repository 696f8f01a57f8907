// The features that models are trained on by default. A plain placeholder until the resource-level features are wired in.
import type { FeatureExtractor } from './labelled-rows.ts';

interface Usual {
  seen: number;
  readonly means: Float64Array;
  readonly spreads: Float64Array;
}

const warmUp = 120;

/** How far the metrics are from their running means, in spreads: of the five that are farthest, of the farthest, and of all. */
export const extractor: FeatureExtractor<Usual> = {
  names: ['mean of five', 'largest', 'mean'],
  initial: (metrics) => ({ seen: 0, means: new Float64Array(metrics).fill(Number.NaN), spreads: new Float64Array(metrics) }),
  observe(state, _timestamp, values) {
    state.seen += 1;
    const rate = Math.max(1 / state.seen, 1 / 2000);
    const away: number[] = [];
    values.forEach((value, metric) => {
      if (!Number.isFinite(value)) return;
      const mean = state.means[metric] ?? Number.NaN;
      if (Number.isNaN(mean)) {
        state.means[metric] = value;
        return;
      }
      const spread = state.spreads[metric] ?? 0;
      const distance = Math.abs(value - mean);
      if (spread > 0) away.push(Math.min(20, distance / spread));
      state.means[metric] = mean + rate * (value - mean);
      state.spreads[metric] = spread + rate * (distance - spread);
    });
    if (state.seen < warmUp || away.length === 0) return { state, features: null };
    away.sort((a, b) => b - a);
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
    return { state, features: Float64Array.of(mean(away.slice(0, 5)), away[0] ?? 0, mean(away)) };
  },
};
