/**
 * How long attempts take, as counts by band, which add up over any time and any number of subscriptions. Each band is at most twice as
 * wide as it is long, so that a quantile read from them is off by less than half.
 */

/** The longest that each band holds, in milliseconds; one more band holds what is longer. */
const latencyBoundsMs = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000,
  30_000,
] as const;
const latencyBands = latencyBoundsMs.length + 1;
/** No attempt takes longer than a function may run. */
const longestMs = 300_000;

/** Index of the band that a duration belongs to. */
export function latencyBand(durationMs: number): number {
  let low = 0;
  let high = latencyBands - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (durationMs <= (latencyBoundsMs[middle] ?? longestMs)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The duration that the share `q` (0–1) of what is counted in `bands` does not exceed, in milliseconds; `undefined` of nothing. */
export function latencyQuantile(bands: readonly number[], q: number): number | undefined {
  const count = bands.reduce((sum, band) => sum + band, 0);
  if (count === 0) return undefined;
  const wanted = Math.max(1, q * count);
  let before = 0;
  for (const [index, band] of bands.entries()) {
    if (band > 0 && before + band >= wanted) {
      const fromMs = latencyBoundsMs[index - 1] ?? 0;
      const toMs = latencyBoundsMs[index] ?? longestMs;
      return Math.round((fromMs + ((toMs - fromMs) * (wanted - before)) / band) * 10) / 10;
    }
    before += band;
  }
  return longestMs;
}
