// The lift as it was at the end of each day, with its interval as a band around it. The pointer or the
// arrow keys read the days.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { dayLabel, tickLabel } from "../lib/dates";
import { exact } from "../lib/format";
import { liftRange, scaleOf, signed } from "../lib/tests";
import type { DayLift } from "../lib/test_types";

const heightPx = 240;

interface Props {
  label: string;
  /** What the band is, in words. */
  band: string;
  days: readonly DayLift[];
}

export function LiftChart({ label, band, days }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const again = (): void => setTheme((n) => n + 1);
    addEventListener("attune:theme", again);
    return () => removeEventListener("attune:theme", again);
  }, []);
  const key = JSON.stringify(days);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const chart = new uPlot(optionsFor(element, days, setAt), dataFor(days), element);
    const resize = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: heightPx }),
    );
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
    };
  }, [key, theme]);
  const onKey = (event: KeyboardEvent): void => {
    const last = days.length - 1;
    const next = { ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: last }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(last, next)));
  };
  const day = at === null ? undefined : days[at];
  return (
    <div class="time-chart">
      <div
        class="chart-host"
        ref={host}
        style={{ height: `${heightPx}px` }}
        role="img"
        tabIndex={0}
        aria-label={`${label}. Left and right arrow keys read the days.`}
        onKeyDown={onKey}
        onBlur={() => setAt(null)}
      />
      <p class="legend" aria-live="polite">
        {day ? (
          <span>
            <b>{dayLabel(day.day)}</b>: {said(day)}
          </span>
        ) : (
          <span>
            <i class="key now" /> Lift of everybody so far, inside {band}
          </span>
        )}
      </p>
    </div>
  );
}

function said(day: DayLift): string {
  if (day.lift === undefined) return "not enough data yet";
  return `${signed(day.lift)} (${liftRange(day)}), ${exact(day.units)} people`;
}

function dataFor(days: readonly DayLift[]): uPlot.AlignedData {
  // An interval without an end goes out of the picture.
  const far = 1e6;
  const end = (day: DayLift, bound: number | null | undefined, beyond: number): number | null =>
    day.lift === undefined ? null : (bound ?? beyond);
  return [
    days.map((_, index) => index),
    days.map((day) => end(day, day.lift_high, far)),
    days.map((day) => end(day, day.lift_low, -far)),
    days.map((day) => day.lift ?? null),
  ];
}

function optionsFor(
  element: HTMLElement,
  days: readonly DayLift[],
  setAt: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${style.fontFamily}`;
  const most = scaleOf(days) * 1.1;
  const axis = { stroke: color("--ink-3"), font, gap: 8, ticks: { show: false } };
  const edge = { stroke: color("--before"), width: 1, points: { show: days.length === 1 } };
  const every = Math.max(1, Math.ceil(days.length / Math.max(2, element.clientWidth / 90)));
  return {
    width: element.clientWidth,
    height: heightPx,
    padding: [12, 24, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
      y: { range: [-most, most] },
    },
    cursor: { y: false, drag: { x: false, y: false } },
    bands: [{ series: [1, 2], fill: color("--accent-area") }],
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        splits: () => days.map((_, index) => index).filter((index) => index % every === 0),
        values: (_, splits) =>
          splits.map((index) => tickLabel(Date.parse(days[index]?.day ?? ""), "day", "UTC", false)),
      },
      {
        ...axis,
        size: 72,
        grid: { stroke: color("--line"), width: 1 },
        values: (_, splits) => splits.map((value) => (value === 0 ? "0" : signed(value))),
      },
    ],
    series: [
      {},
      edge,
      edge,
      { stroke: color("--accent"), width: 2, points: { show: days.length < 3, size: 7 } },
    ],
    hooks: {
      setCursor: [
        ({ cursor: { idx, left } }) =>
          setAt(left !== undefined && left >= 0 && typeof idx === "number" ? idx : null),
      ],
    },
  };
}
