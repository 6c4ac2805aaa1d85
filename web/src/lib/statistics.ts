// The little statistics that the dashboard does itself. Pure; tested in tests/statistics.test.ts.

const z95 = 1.959963984540054;

/**
 * The 95 % interval of a rate.
 *
 * Returns  null without a single trial.
 * Source   Wilson, Probable inference, the law of succession, and statistical inference, 1927, equation (5).
 */
export function wilson(successes: number, trials: number): { low: number; high: number } | null {
  if (trials <= 0) return null;
  const share = Math.min(1, successes / trials);
  const spread = z95 * z95;
  const middle = share + spread / (2 * trials);
  const half = z95 * Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials * trials));
  const whole = 1 + spread / trials;
  // Exact ends: rounding must not leave a trace of a rate where nothing was counted.
  return {
    low: successes === 0 ? 0 : (middle - half) / whole,
    high: successes >= trials ? 1 : (middle + half) / whole,
  };
}
