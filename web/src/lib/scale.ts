// Where the lines of a chart go. Pure; tested in tests/scale.test.ts.

const factors = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * Three to five lines above zero at round values, with as little empty room above `max` as they allow.
 * Below ten the lines are at whole numbers, because most of what is drawn is counted.
 */
export function scaleFor(max: number): { step: number; lines: number } {
  if (!(max > 0)) return { step: 1, lines: 4 };
  let best = { step: Number.POSITIVE_INFINITY, lines: 1 };
  for (const lines of [4, 5, 3]) {
    const rough = max / lines;
    const power = 10 ** Math.floor(Math.log10(rough));
    const factor = factors.find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
    const step = max < 10 ? Math.max(1, Math.ceil(factor * power)) : factor * power;
    if (step * lines < best.step * best.lines) best = { step, lines };
  }
  return best;
}
