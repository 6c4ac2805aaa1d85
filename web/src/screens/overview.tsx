// Is the site doing better or worse than before, and why?

import { useState } from "preact/hooks";
import { sitePath, withQuery } from "../lib/api";
import { addDays, clock, dayOf, daysBetween, rangeLabel } from "../lib/dates";
import { change } from "../lib/format";
import { chartMetrics, type Metric, metricByName, metrics } from "../lib/metrics";
import { option } from "../lib/options";
import { overviewPath, seriesPath } from "../lib/questions";
import { type Resource, useResource } from "../lib/resource";
import { biggestMover, headline, reason, wholeDays } from "../lib/summary";
import type {
  DayRange,
  Interval,
  MetricName,
  MetricValue,
  Overview as OverviewData,
  Realtime,
  Rows,
  SeriesPoint,
  Site,
  SourceRow,
  Timeseries,
} from "../lib/types";
import { currentView, go, rangeQuery, toScreen, type View, withOption } from "../lib/url";
import { MinuteBars } from "../components/bars";
import { Icon } from "../components/icons";
import { Empty, Loaded } from "../components/panel";
import { SeriesTable, saveSeries } from "../components/series_table";
import { ViewLink } from "../components/shell";
import { Stat, StatSkeleton } from "../components/stats";
import { TimeChart } from "../components/time_chart";
import { FirstEvent } from "./first_event";
import { PagesPanel, SourcesPanel } from "./breakdowns";

const refreshMs = 15_000;

export function Overview({ view, site }: { view: View; site: Site }) {
  const range = rangeQuery(view);
  const everyMs = reachesNow(view, site) ? refreshMs : 0;
  const overview = useResource<OverviewData>(overviewPath(site, view), { everyMs });
  const [metricName, setMetric] = option<MetricName>(view, "metric", "visitors", chartMetrics);
  const metric = metricByName(metricName) as Metric;

  const nothing = overview.data !== null && !overview.stale && isEmpty(overview.data);
  const ever = useResource<OverviewData>(
    nothing && view.period !== "all"
      ? withQuery(sitePath(site, "stats/overview"), { period: "all", compare: "none" })
      : null,
  );
  if (nothing && (view.period === "all" || (ever.data !== null && isEmpty(ever.data)))) {
    return (
      <>
        <h1 class="visually-hidden">Overview</h1>
        <FirstEvent site={site} onEvent={overview.reload} />
      </>
    );
  }

  return (
    <div class="screen">
      <div class="screen-head">
        <div>
          <h1>Overview</h1>
          <Answer view={view} site={site} overview={overview} />
        </div>
        <NowStrip view={view} site={site} />
      </div>
      <section aria-label="Headline numbers">
        <Loaded resource={overview} skeleton={<StatSkeleton stats={7} />}>
          {(data) => (
            <Headlines data={data} site={site} selected={metricName} onSelect={setMetric} />
          )}
        </Loaded>
      </section>
      <ChartPanel view={view} site={site} metric={metric} overview={overview} everyMs={everyMs} />
      {nothing && ever.data && (
        <Empty title="Nothing was recorded in this time.">
          <p>
            This site has data from {rangeLabel(ever.data.range.from, ever.data.range.to)}.{" "}
            <ViewLink view={{ ...view, period: "all" }}>Show all of it</ViewLink>
          </p>
        </Empty>
      )}
      <div class="columns">
        <PagesPanel
          view={view}
          site={site}
          range={range}
          everyMs={everyMs}
          overview={overview.data}
        />
        <SourcesPanel
          view={view}
          site={site}
          range={range}
          everyMs={everyMs}
          overview={overview.data}
        />
      </div>
    </div>
  );
}

const isEmpty = (data: OverviewData): boolean =>
  (data.metrics.events?.value ?? 0) === 0 && (data.metrics.pageviews?.value ?? 0) === 0;

function reachesNow(view: View, site: Site): boolean {
  if (typeof view.period === "object") return view.period.to >= dayOf(Date.now(), site.timezone);
  return view.period !== "yesterday";
}

interface AnswerProps {
  view: View;
  site: Site;
  overview: Resource<OverviewData>;
}

/** One sentence under the title: how it went, and which source made the difference. */
function Answer({ view, site, overview }: AnswerProps) {
  const data = overview.stale ? null : overview.data;
  const comparable = data?.previous_range && view.compare && view.period !== "24h";
  const days =
    data && comparable && data.previous_range
      ? wholeDays(data.range, data.previous_range, dayOf(Date.now(), site.timezone))
      : null;
  const path = ({ from, to }: DayRange): string =>
    withQuery(sitePath(site, "stats/sources"), { by: "type", limit: 20, from, to });
  const now = useResource<Rows<SourceRow>>(days && path(days.now));
  const before = useResource<Rows<SourceRow>>(days && path(days.before));
  const first = data && view.compare ? headline(data.metrics.visitors) : null;
  const second =
    first && now.data && before.data && !now.stale && !before.stale
      ? reason(biggestMover(now.data.rows, before.data.rows, directionOf(data?.metrics.visitors)))
      : null;
  const range = data ? `${rangeLabel(data.range.from, data.range.to)}` : "\u00a0";
  return (
    <p class="answer">
      {first ? (
        <>
          {first} {second}
        </>
      ) : (
        range
      )}
    </p>
  );
}

const directionOf = (metric: MetricValue | undefined): number =>
  Math.sign((metric?.value ?? 0) - (metric?.previous ?? 0));

function NowStrip({ view, site }: { view: View; site: Site }) {
  const realtime = useResource<Realtime>(sitePath(site, "stats/realtime"), { everyMs: 5_000 });
  const data = realtime.data;
  if (!data || realtime.stale) return <div class="now-strip" aria-hidden="true" />;
  return (
    <ViewLink view={toScreen(view, "realtime")} class="now-strip">
      <span class="now-text">
        <i class={`live-dot${data.visitors_now > 0 ? " on" : ""}`} aria-hidden="true" />
        <b>{data.visitors_now}</b> {data.visitors_now === 1 ? "visitor" : "visitors"} now
      </span>
      <MinuteBars minutes={data.minutes} timeZone={site.timezone} small />
    </ViewLink>
  );
}

interface HeadlineProps {
  data: OverviewData;
  site: Site;
  selected: MetricName;
  onSelect: (metric: MetricName) => void;
}

function Headlines({ data, site, selected, onSelect }: HeadlineProps) {
  const sells = metrics.some(
    ({ name, shop }) =>
      shop && ((data.metrics[name]?.value ?? 0) > 0 || (data.metrics[name]?.previous ?? 0) > 0),
  );
  const shown = metrics.filter((metric) => (sells ? metric.name !== "events" : !metric.shop));
  return (
    <div class="stats">
      {shown.map((metric) => {
        const { value = null, previous = null } = data.metrics[metric.name] ?? {};
        const before = data.previous_range;
        return (
          <Stat
            key={metric.name}
            label={metric.label}
            definition={metric.definition}
            value={value === null ? "–" : metric.format(value, site.currency)}
            exact={value === null ? "Not enough data yet" : metric.exact(value, site.currency)}
            change={change(value, previous, metric.lowerIsBetter ? { lowerIsBetter: true } : {})}
            before={
              previous === null || !before
                ? undefined
                : `${metric.exact(previous, site.currency)} in ${rangeLabel(before.from, before.to)}`
            }
            selected={metric.name === selected}
            onSelect={chartMetrics.includes(metric.name) ? () => onSelect(metric.name) : undefined}
          />
        );
      })}
    </div>
  );
}

const intervalWords: Record<Interval, string> = {
  minute: "By minute",
  hour: "By hour",
  day: "By day",
  week: "By week",
  month: "By month",
};

/** Intervals that make sense for a number of days: neither a single point nor thousands. */
function intervalsFor(days: number): Interval[] {
  const all: Interval[] = [];
  if (days <= 1) all.push("minute");
  if (days <= 31) all.push("hour");
  if (days > 1 && days <= 1_000) all.push("day");
  if (days > 7) all.push("week");
  if (days > 31) all.push("month");
  return all;
}

interface ChartProps {
  view: View;
  site: Site;
  metric: Metric;
  overview: Resource<OverviewData>;
  everyMs: number;
}

function ChartPanel({ view, site, metric, overview, everyMs }: ChartProps) {
  const range = overview.stale ? undefined : overview.data?.range;
  const days = range ? daysBetween(range.from, range.to) : 0;
  const possible = intervalsFor(days);
  const [wanted, setInterval] = option<Interval | "auto">(view, "interval", "auto");
  const interval = wanted === "auto" || (range && !possible.includes(wanted)) ? "auto" : wanted;
  const [form, setForm] = option(view, "chart", "line", ["line", "table"] as const);
  const series = useResource<Timeseries>(
    seriesPath(site, view, metric.name, interval),
    { everyMs },
  );
  const zoom = zoomOf(view);
  const shown = series.data ? within(series.data, zoom) : null;
  const drawn: Resource<Timeseries> = { ...series, data: shown };
  const onZoom = (first: SeriesPoint, last: SeriesPoint): void =>
    zoomTo(first, last, series.data?.interval ?? "day", site.timezone);
  const format = useStableFormat(metric, site.currency);

  return (
    <section class="panel chart-panel" aria-label={`${metric.label} over time`}>
      <header class="panel-head">
        <h2 data-tip={metric.definition}>{metric.label}</h2>
        {zoom && (
          <button
            type="button"
            class="chip"
            onClick={() => go(withOption(currentView(), "zoom", null))}
          >
            {clock(zoom.fromMs, site.timezone)} – {clock(zoom.toMs, site.timezone)}
            <Icon name="close" size={12} />
            <span class="visually-hidden">Show the whole range</span>
          </button>
        )}
        <div class="panel-actions">
          <label class="select">
            <span class="visually-hidden">Interval</span>
            <select
              value={interval}
              onChange={(event) => setInterval(event.currentTarget.value as Interval | "auto")}
            >
              <option value="auto">
                {interval === "auto" && series.data
                  ? intervalWords[series.data.interval]
                  : "Automatic"}
              </option>
              {possible
                .filter((each) => interval !== "auto" || each !== series.data?.interval)
                .map((each) => (
                  <option key={each} value={each}>
                    {intervalWords[each]}
                  </option>
                ))}
            </select>
          </label>
          <button
            type="button"
            class="icon-button"
            aria-label={form === "line" ? "Show as a table" : "Show as a chart"}
            data-tip={form === "line" ? "Show as a table" : "Show as a chart"}
            onClick={() => setForm(form === "line" ? "table" : "line")}
          >
            <Icon name={form === "line" ? "table" : "line"} />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={`${metric.label} as CSV`}
            data-tip="Download as CSV"
            disabled={!shown}
            onClick={() => shown && saveSeries(metric, shown, site.timezone)}
          >
            <Icon name="download" />
          </button>
        </div>
      </header>
      <div class="chart-frame">
        <Loaded resource={drawn} skeleton={<div class="chart-skeleton" />}>
          {(data) =>
            form === "table" ? (
              <SeriesTable series={data} metric={metric} site={site} />
            ) : (
              <TimeChart
                label={`${metric.label} over time`}
                points={data.points}
                interval={data.interval}
                lastPartial={data.last_partial && !zoom}
                timeZone={site.timezone}
                format={format}
                exact={(value) => metric.exact(value, site.currency)}
                previousShiftMs={previousShift(overview.data, data.interval)}
                onZoom={onZoom}
                {...(metric.lowerIsBetter ? { lowerIsBetter: true } : {})}
              />
            )
          }
        </Loaded>
      </div>
      <Legend overview={overview.data} series={shown} view={view} site={site} />
    </section>
  );
}

function Legend({
  overview,
  series,
  view,
  site,
}: {
  overview: OverviewData | null;
  series: Timeseries | null;
  view: View;
  site: Site;
}) {
  const previous = view.compare ? overview?.previous_range : null;
  const unfinished = series?.last_partial && series.points.length > 0;
  return (
    <p class="legend">
      <span>
        <i class="key now" />{" "}
        {overview ? rangeLabel(overview.range.from, overview.range.to) : "\u00a0"}
      </span>
      {previous && (
        <span>
          <i class="key before" /> {rangeLabel(previous.from, previous.to)}
        </span>
      )}
      {unfinished && (
        <span class="legend-note">
          <i class="key unfinished" /> not over yet
        </span>
      )}
      <span class="legend-zone" data-tip="Days are days of the site's time zone.">
        {site.timezone}
      </span>
    </p>
  );
}

/** The same function until metric or currency change, so that the chart is not built anew for nothing. */
function useStableFormat(metric: Metric, currency: string): (value: number) => string {
  const [held, setHeld] = useState(() => ({
    metric,
    currency,
    format: (n: number) => metric.format(n, currency),
  }));
  if (held.metric === metric && held.currency === currency) return held.format;
  const next = { metric, currency, format: (n: number) => metric.format(n, currency) };
  setHeld(next);
  return next.format;
}

function previousShift(overview: OverviewData | null, interval: Interval): number | null {
  if (!overview?.previous_range || interval === "month") return null;
  return (daysBetween(overview.previous_range.from, overview.range.from) - 1) * 86_400_000;
}

interface Zoom {
  fromMs: number;
  toMs: number;
}

function zoomOf(view: View): Zoom | null {
  const match = /^(\d{10,14})-(\d{10,14})$/.exec(view.options["zoom"] ?? "");
  return match ? { fromMs: Number(match[1]), toMs: Number(match[2]) } : null;
}

function within(series: Timeseries, zoom: Zoom | null): Timeseries {
  if (!zoom) return series;
  const points = series.points.filter(({ t_ms }) => t_ms >= zoom.fromMs && t_ms <= zoom.toMs);
  return points.length > 0 ? { ...series, points } : series;
}

/** A dragged range becomes the time range of the whole screen when it spans days, else of the chart. */
function zoomTo(first: SeriesPoint, last: SeriesPoint, interval: Interval, timeZone: string): void {
  const view = currentView();
  const from = dayOf(first.t_ms, timeZone);
  let to = dayOf(last.t_ms, timeZone);
  if (interval === "week") to = addDays(to, 6);
  if (interval === "month")
    to = addDays(dayOf(last.t_ms + 32 * 86_400_000, timeZone).slice(0, 8) + "01", -1);
  const today = dayOf(Date.now(), timeZone);
  if (to > today) to = today;
  if (from < to || interval === "day") {
    go({ ...withOption(view, "interval", null), period: { from, to } });
  } else {
    go(withOption(view, "zoom", `${first.t_ms}-${last.t_ms}`));
  }
}
