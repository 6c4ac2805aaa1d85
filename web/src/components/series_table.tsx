// The numbers behind the chart.

import { download, toCsv } from "../lib/csv";
import { pointLabel } from "../lib/dates";
import { change } from "../lib/format";
import type { Metric } from "../lib/metrics";
import type { Site, Timeseries } from "../lib/types";
import { ChangeMark } from "./stats";

export function SeriesTable({
  series,
  metric,
  site,
}: {
  series: Timeseries;
  metric: Metric;
  site: Site;
}) {
  const compared = series.points.some((point) => point.previous !== null);
  const last = series.points.length - 1;
  const show = (value: number | null): string =>
    value === null ? "–" : metric.exact(value, site.currency);
  return (
    <div class="series-table" tabIndex={0} role="region" aria-label={`${metric.label} as a table`}>
      <table class="full">
        <caption class="visually-hidden">{metric.label}</caption>
        <thead>
          <tr>
            <th scope="col" class="name">
              Time ({site.timezone})
            </th>
            <th scope="col" class="number">
              {metric.label}
            </th>
            {compared && (
              <th scope="col" class="number">
                Before
              </th>
            )}
            {compared && (
              <th scope="col" class="number">
                Change
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {series.points.map((point, index) => {
            const difference = change(
              point.value,
              point.previous,
              metric.lowerIsBetter ? { lowerIsBetter: true } : {},
            );
            return (
              <tr key={point.t_ms}>
                <th scope="row" class="name">
                  {pointLabel(point.t_ms, series.interval, site.timezone)}
                  {series.last_partial && index === last && <em> so far</em>}
                </th>
                <td class="number">{show(point.value)}</td>
                {compared && <td class="number">{show(point.previous)}</td>}
                {compared && (
                  <td class="number">{difference ? <ChangeMark change={difference} /> : "–"}</td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function saveSeries(metric: Metric, series: Timeseries, timeZone: string): void {
  const rows = series.points.map((point) => [
    point.t,
    pointLabel(point.t_ms, series.interval, timeZone),
    point.value,
    point.previous,
  ]);
  download(
    `${metric.name}.csv`,
    toCsv(["time", `time (${timeZone})`, metric.name, "previous"], rows),
  );
}
