// An estimate with its interval: a dot on a whisker, on a scale that all rows of a table share.

import { percent } from "../lib/format";

interface Props {
  value: number | null;
  low: number | null;
  high: number | null;
  /** Right end of the scale; the left end is zero. */
  most: number;
}

export function IntervalPlot({ value, low, high, most }: Props) {
  if (value === null || low === null || high === null)
    return <span class="muted">not enough data yet</span>;
  const at = (share: number): string => `${(Math.min(1, share / most) * 100).toFixed(2)}%`;
  return (
    <span
      class="interval"
      role="img"
      aria-label={`${percent(value)}, between ${percent(low)} and ${percent(high)}`}
      data-tip={`With 95 % certainty between ${percent(low)} and ${percent(high)}`}
    >
      <i class="whisker" style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />
      <i class="dot" style={{ left: at(value) }} />
    </span>
  );
}
