// Where the lines of a chart go. Pure; tested in tests/scale.test.ts.

const factors = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * Three to five lines above zero at round values, with as little empty room above `max` as they allow.
 * At whole numbers, because most of what is drawn is counted.
 */
export function scaleFor(max: number): { step: number; lines: number } {
  if (!(max > 0)) return { step: 1, lines: 4 };
  let best = { step: Number.POSITIVE_INFINITY, lines: 1 };
  for (const lines of [4, 5, 3]) {
    const rough = max / lines;
    const power = Math.max(1, 10 ** Math.floor(Math.log10(rough)));
    const steps = factors.map((factor) => factor * power).filter(Number.isInteger);
    const step = steps.find((each) => each >= rough * (1 - 1e-9)) ?? 10 * power;
    if (step * lines < best.step * best.lines) best = { step, lines };
  }
  return best;
}

// Minutes between labels under an axis of minutes or hours: parts of a day first, then days.
const minuteSteps = [
  1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 4_320, 7_200, 10_080, 20_160, 43_200,
];

/**
 * Which of the points of an axis of minutes or hours get a label: those at round times of the day.
 *
 * clocks  the time of day of each point in minutes after midnight, oldest first.
 * room    how many labels fit.
 */
export function clockTicks(clocks: readonly number[], room: number): number[] {
  let day = 0;
  const moments = clocks.map((minute, index) => {
    if (index > 0 && minute < (clocks[index - 1] ?? 0)) day++;
    return day * 1_440 + minute;
  });
  for (const step of minuteSteps) {
    const found = moments.flatMap((moment, index) => (moment % step === 0 ? [index] : []));
    if (found.length <= room) return found.length > 0 ? found : [0];
  }
  return [0];
}
