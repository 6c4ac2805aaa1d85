// The first questions of the overview, as addresses of the API: asked by its screen, and before that by
// the start of the program, which must ask the very same.

import { sitePath, withQuery } from "./api";
import type { MetricName } from "./types";
import { rangeQuery, type View } from "./url";

const compareQuery = (view: View): string => (view.compare ? "previous" : "none");

export const overviewPath = (site: { id: string }, view: View): string =>
  withQuery(sitePath(site, "stats/overview"), { ...rangeQuery(view), compare: compareQuery(view) });

export const seriesPath = (
  site: { id: string },
  view: View,
  metric: MetricName,
  interval: string,
): string =>
  withQuery(sitePath(site, "stats/timeseries"), {
    metric,
    interval,
    ...rangeQuery(view),
    compare: compareQuery(view),
  });
