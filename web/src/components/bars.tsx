// Thirty minutes as bars from a zero baseline, newest on the right.

import { clock } from "../lib/dates";
import { plural } from "../lib/format";
import type { Realtime } from "../lib/types";

interface Props {
  minutes: Realtime["minutes"];
  timeZone: string;
  /** Small: a strip without labels. */
  small?: boolean;
}

export function MinuteBars({ minutes, timeZone, small = false }: Props) {
  const most = Math.max(1, ...minutes.map((minute) => minute.visitors));
  const total = minutes.reduce((sum, minute) => sum + minute.pageviews, 0);
  return (
    <div class={`minute-bars${small ? " small" : ""}`}>
      <div
        class="bars"
        role="img"
        aria-label={`Visitors in each of the last 30 minutes: at most ${most} in one minute, ${plural(total, "pageview")} in all.`}
      >
        {minutes.map((minute, index) => (
          <div
            key={minute.t_ms}
            class={`bar-slot${index === minutes.length - 1 ? " unfinished" : ""}`}
            {...(small
              ? {}
              : {
                  "data-tip": `${clock(minute.t_ms, timeZone)}${index === minutes.length - 1 ? " so far" : ""} · ${plural(minute.visitors, "visitor")}, ${plural(minute.pageviews, "pageview")}`,
                })}
          >
            <div class="bar-fill" style={{ height: `${(minute.visitors / most) * 100}%` }} />
          </div>
        ))}
      </div>
      {!small && (
        <div class="bars-axis" aria-hidden="true">
          <span>30 min ago</span>
          <span>15</span>
          <span>now</span>
        </div>
      )}
    </div>
  );
}
