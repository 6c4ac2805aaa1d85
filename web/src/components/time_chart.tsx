// A number over time, with the period before as a lighter dashed line behind it. The unfinished last
// period is dashed. Points are drawn at equal distances: days, hours and months alike, so a day of 23
// hours needs no care. The pointer or the arrow keys read values; dragging chooses a range.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { minuteOfDay, pointLabel, tickLabel } from "../lib/dates";
import { change } from "../lib/format";
import { clockTicks, scaleFor } from "../lib/scale";
import type { Interval, SeriesPoint } from "../lib/types";

export interface TimeChartProps {
  label: string;
  points: readonly SeriesPoint[];
  interval: Interval;
  lastPartial: boolean;
  timeZone: string;
  format: (value: number) => string;
  exact: (value: number) => string;
  lowerIsBetter?: boolean;
  /** Moves a point's time to the period before, to name what it is compared with; null: unnamed. */
  previousShiftMs: number | null;
  /** Called with the first and last point of a dragged range. */
  onZoom: (first: SeriesPoint, last: SeriesPoint) => void;
}

const heightPx = 280;

export function TimeChart(props: TimeChartProps) {
  const { points, interval, timeZone, lastPartial } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [at, setAt] = useState<number | null>(null);
  const [theme, setTheme] = useState(0);

  useEffect(() => {
    const again = (): void => setTheme((n) => n + 1);
    addEventListener("attune:theme", again);
    return () => removeEventListener("attune:theme", again);
  }, []);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const chart = new uPlot(
      optionsFor(element, latest, setAt),
      dataFor(points, lastPartial),
      element,
    );
    plot.current = chart;
    const resize = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: heightPx }),
    );
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [points, interval, timeZone, lastPartial, theme, props.format]);

  const move = (index: number | null): void => {
    const chart = plot.current;
    if (!chart) return;
    if (index === null) {
      chart.setCursor({ left: -10, top: -10 });
      setAt(null);
      return;
    }
    const clamped = Math.max(0, Math.min(points.length - 1, index));
    chart.setCursor({ left: chart.valToPos(clamped, "x"), top: 10 });
    setAt(clamped);
  };

  const onKey = (event: KeyboardEvent): void => {
    const from = at ?? points.length - 1;
    const next = {
      ArrowLeft: from - (at === null ? 0 : 1),
      ArrowRight: from + 1,
      Home: 0,
      End: points.length - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      move(next);
    } else if (event.key === "Escape" && at !== null) {
      move(null);
    }
  };

  const point = at === null ? undefined : points[at];
  return (
    <div class="time-chart">
      <div
        class="chart-host"
        ref={host}
        style={{ height: `${heightPx}px` }}
        role="img"
        tabIndex={0}
        aria-label={`${props.label}. Left and right arrow keys read the values.`}
        onKeyDown={onKey}
        onBlur={() => move(null)}
      />
      {point && (
        <Readout
          {...props}
          point={point}
          index={at ?? 0}
          left={plot.current?.valToPos(at ?? 0, "x") ?? 0}
          bbox={plot.current?.bbox}
        />
      )}
      <p class="visually-hidden" aria-live="polite">
        {point && spoken(props, point)}
      </p>
    </div>
  );
}

interface ReadoutProps extends TimeChartProps {
  point: SeriesPoint;
  index: number;
  left: number;
  bbox: uPlot.BBox | undefined;
}

function Readout({
  point,
  index,
  left,
  bbox,
  points,
  interval,
  timeZone,
  lastPartial,
  previousShiftMs,
  ...rest
}: ReadoutProps) {
  const scale = devicePixelRatio || 1;
  const x = left + (bbox ? bbox.left / scale : 0);
  const right = index > points.length / 2;
  const difference = change(
    point.value,
    point.previous,
    rest.lowerIsBetter ? { lowerIsBetter: true } : {},
  );
  const unfinished = lastPartial && index === points.length - 1;
  return (
    <div
      class={`readout ${right ? "to-left" : "to-right"}`}
      style={{ left: `${x}px` }}
      aria-hidden="true"
    >
      <div class="readout-row">
        <i class="key now" />
        <span>
          {pointLabel(point.t_ms, interval, timeZone)}
          {unfinished && <em> so far</em>}
        </span>
        <b>{point.value === null ? "–" : rest.exact(point.value)}</b>
      </div>
      {point.previous !== null && (
        <div class="readout-row">
          <i class="key before" />
          <span>
            {previousShiftMs === null
              ? "Period before"
              : pointLabel(point.t_ms - previousShiftMs, interval, timeZone)}
          </span>
          <b>{rest.exact(point.previous)}</b>
        </div>
      )}
      {difference && difference.direction !== "same" && !unfinished && (
        <div class={`readout-change ${difference.tone}`}>
          {difference.direction === "up" ? "▲" : "▼"} {difference.text}
        </div>
      )}
    </div>
  );
}

function spoken(props: TimeChartProps, point: SeriesPoint): string {
  const now = point.value === null ? "no value" : props.exact(point.value);
  const before = point.previous === null ? "" : `, before: ${props.exact(point.previous)}`;
  return `${pointLabel(point.t_ms, props.interval, props.timeZone)}: ${now}${before}`;
}

/** x, the period before, the finished part, the unfinished part. */
function dataFor(points: readonly SeriesPoint[], lastPartial: boolean): uPlot.AlignedData {
  const last = points.length - 1;
  const values = points.map((point) => point.value);
  const splits = lastPartial && last > 0;
  return [
    points.map((_, index) => index),
    points.map((point) => point.previous),
    values.map((value, index) => (splits && index === last ? null : value)),
    values.map((value, index) => (splits && index >= last - 1 ? value : null)),
  ];
}

/** The canvas counts in device pixels: without this a dash is a dot on a sharp screen. */
const dash = (...lengths: number[]): number[] =>
  lengths.map((length) => length * (devicePixelRatio || 1));

function optionsFor(
  element: HTMLElement,
  latest: { current: TimeChartProps },
  setAt: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${style.fontFamily}`;
  const ink = color("--ink-3");
  const accent = color("--accent");
  const shown = (): readonly SeriesPoint[] => latest.current.points;
  const alone = shown().length === 1 || (shown().length === 2 && latest.current.lastPartial);
  return {
    width: element.clientWidth,
    height: heightPx,
    padding: [12, 24, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: (_, min, max) => (min === max ? [min - 1, max + 1] : [min, max]) },
      y: {
        range: (_, _min, max) => {
          const { step, lines } = scaleFor(max);
          return [0, step * lines];
        },
      },
    },
    cursor: {
      y: false,
      // The line stands on a point, and so do the ends of a dragged range.
      move: (chart, left, top) =>
        left < 0 ? [left, top] : [chart.valToPos(Math.round(chart.posToVal(left, "x")), "x"), top],
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: {
        size: 9,
        width: 2,
        fill: color("--page"),
        stroke: (_, series) => (series === 1 ? color("--before") : accent),
      },
    },
    axes: [
      {
        stroke: ink,
        font,
        size: 30,
        gap: 8,
        grid: { show: false },
        ticks: { show: false },
        splits: (chart) => ticks(latest.current, chart.bbox.width / devicePixelRatio),
        values: (_, splits) => splits.map((index) => tickText(latest.current, index)),
      },
      {
        stroke: ink,
        font,
        size: (_, values) =>
          14 + 7 * Math.max(2, ...(values ?? []).map((text) => String(text).length)),
        gap: 8,
        grid: { stroke: color("--line"), width: 1 },
        ticks: { show: false },
        splits: (_, _axis, _min, max) => {
          const { step, lines } = scaleFor(max);
          return Array.from({ length: lines + 1 }, (_each, index) => index * step);
        },
        values: (_, splits) => splits.map((value) => latest.current.format(value)),
      },
    ],
    series: [
      {},
      { stroke: color("--before"), width: 1.5, dash: dash(4, 4), points: { show: alone } },
      {
        stroke: accent,
        width: 2,
        fill: color("--accent-area"),
        points: { show: alone, size: 7, fill: accent },
      },
      {
        stroke: accent,
        width: 2,
        dash: dash(5, 4),
        fill: color("--accent-area"),
        points: { show: alone, size: 7 },
      },
    ],
    hooks: {
      setCursor: [
        (chart) => {
          const { idx, left } = chart.cursor;
          setAt(left !== undefined && left >= 0 && typeof idx === "number" ? idx : null);
        },
      ],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width < 8) return;
          const first = shown()[Math.max(0, Math.round(chart.posToVal(left, "x")))];
          const last =
            shown()[Math.min(shown().length - 1, Math.round(chart.posToVal(left + width, "x")))];
          if (first && last && first !== last) latest.current.onZoom(first, last);
        },
      ],
    },
  };
}

/** Which points get a label: as many as fit, about one every 80 pixels. */
function ticks({ points, interval, timeZone }: TimeChartProps, widthPx: number): number[] {
  const room = Math.max(2, Math.floor(widthPx / 80));
  if (interval === "minute" || interval === "hour") {
    return clockTicks(
      points.map((point) => minuteOfDay(point.t_ms, timeZone)),
      room,
    );
  }
  // Counted from the end, so that the newest point, which people look at first, has a label.
  const every = Math.max(1, Math.ceil(points.length / room));
  const all: number[] = [];
  for (let index = points.length - 1; index >= 0; index -= every) all.unshift(index);
  return all;
}

function tickText({ points, interval, timeZone }: TimeChartProps, index: number): string {
  const point = points[index];
  const first = points[0];
  const last = points[points.length - 1];
  if (!point || !first || !last) return "";
  return tickLabel(point.t_ms, interval, timeZone, last.t_ms - first.t_ms > 90_000_000);
}
