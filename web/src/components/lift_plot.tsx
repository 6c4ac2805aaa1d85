// A lift with its interval on a scale around zero that all rows of a table share.

import { liftRange, signed, toneOf } from "../lib/tests";
import type { Lift } from "../lib/test_types";

interface Props {
  of: Lift;
  /** The right end of the scale; the left end is its negative. */
  most: number;
  higherIsBetter?: boolean;
}

export function LiftPlot({ of, most, higherIsBetter = true }: Props) {
  const { lift, lift_low: low, lift_high: high } = of;
  if (lift === undefined) return <span class="muted">not enough data yet</span>;
  const at = (share: number): number =>
    50 + 50 * Math.max(-1, Math.min(1, share / most));
  const [left, right] = [at(low ?? -most), at(high ?? most)];
  const words = `${signed(lift)}, between ${liftRange(of).replace(" to ", " and ")}`;
  return (
    <span class={`interval lift ${toneOf(of, higherIsBetter)}`} role="img" aria-label={words} data-tip={words}>
      <i class="zero" />
      <i class="whisker" style={{ left: `${left}%`, width: `${right - left}%` }} />
      <i class="dot" style={{ left: `${at(lift)}%` }} />
    </span>
  );
}
