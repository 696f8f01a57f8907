// From a model's raw score to a probability, by the map that was fitted on rows the trees had not seen.
import type { Calibration } from './format.ts';

export const sigmoid = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

/** Log-odds of a probability, which is kept off 0 and 1 by `margin`. */
export const logOddsOf = (probability: number, margin = 1e-4): number => {
  const kept = Math.min(1 - margin, Math.max(margin, probability));
  return Math.log(kept / (1 - kept));
};

/** `raw`: log-odds as `rawScore` gives them. 0 to 1, rising in `raw`. A raw score that is not a number has no probability: null. */
export function calibrated(calibration: Calibration, raw: number): number | null {
  if (Number.isNaN(raw)) return null;
  if (calibration.method === 'platt') {
    // An infinite score times a slope of 0 would be no number.
    const logOdds = calibration.slope === 0 ? calibration.intercept : calibration.slope * raw + calibration.intercept;
    return sigmoid(logOdds);
  }
  const { x, y } = calibration;
  let low = 0;
  let high = x.length - 1;
  if (raw <= (x[low] ?? 0)) return y[low] ?? 0;
  if (raw >= (x[high] ?? 0)) return y[high] ?? 0;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) <= raw) low = middle;
    else high = middle;
  }
  const [left = 0, right = 0, below = 0, above = 0] = [x[low], x[high], y[low], y[high]];
  return below + ((raw - left) / (right - left)) * (above - below);
}
