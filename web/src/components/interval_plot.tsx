// An estimate with its interval: a dot on a whisker, on a scale that all rows of a table share.

import { percent } from "../lib/format";

interface Props {
  value: number | null;
  low: number | null;
  high: number | null;
  /** Right end of the scale. */
  most: number;
  /** Left end of the scale. */
  least?: number;
  /** How sure the interval is, in percent. */
  level?: number;
  /** What came of it: a line across. */
  actual?: number | null;
}

export function IntervalPlot({ value, low, high, most, least = 0, level = 95, actual }: Props) {
  if (value === null || low === null || high === null)
    return <span class="muted">not enough data yet</span>;
  const at = (share: number): string =>
    `${(Math.max(0, Math.min(1, (share - least) / (most - least))) * 100).toFixed(2)}%`;
  const known = actual !== undefined && actual !== null;
  return (
    <span
      class="interval"
      role="img"
      aria-label={`${percent(value)}, between ${percent(low)} and ${percent(high)}${known ? `; it was ${percent(actual)}` : ""}`}
      data-tip={`With ${level} % certainty between ${percent(low)} and ${percent(high)}`}
    >
      <i class="whisker" style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />
      <i class="dot" style={{ left: at(value) }} />
      {known && <i class="actual" style={{ left: at(actual) }} />}
    </span>
  );
}
