// Every number the dashboard shows by name: what it is called, what it means, how it is written.

import { count, decimal, duration, exact, exactMoney, money, percent } from "./format";
import type { MetricName } from "./types";

export interface Metric {
  name: MetricName;
  label: string;
  /** One sentence that says what is counted. */
  definition: string;
  lowerIsBetter?: boolean;
  /** Shown only where a site sells something. */
  shop?: boolean;
  format: (value: number, currency: string) => string;
  exact: (value: number, currency: string) => string;
}

const counted = { format: (n: number) => count(n), exact: (n: number) => exact(n) };

export const metrics: readonly Metric[] = [
  {
    name: "visitors",
    label: "Visitors",
    definition: "Different people (browsers) seen in this time, each counted once.",
    ...counted,
  },
  {
    name: "sessions",
    label: "Sessions",
    definition: "Visits: a visit ends after 30 minutes without any event.",
    ...counted,
  },
  {
    name: "pageviews",
    label: "Pageviews",
    definition: "Pages that were opened, every time counted.",
    ...counted,
  },
  {
    name: "events",
    label: "Events",
    definition:
      "Everything people did besides opening pages: clicks, forms, purchases and your own events.",
    ...counted,
  },
  {
    name: "bounce_rate",
    label: "Bounce rate",
    definition:
      "Share of sessions with exactly one pageview and no click, form, purchase or event of your own.",
    lowerIsBetter: true,
    format: (n) => percent(n),
    exact: (n) => `${(n * 100).toFixed(3)} %`,
  },
  {
    name: "avg_session_duration_seconds",
    label: "Session duration",
    definition: "Time from the first to the last event of a session, on average.",
    format: (n) => duration(n),
    exact: (n) => `${exact(n)} seconds`,
  },
  {
    name: "pages_per_session",
    label: "Pages / session",
    definition: "Pageviews divided by sessions.",
    format: (n) => decimal(n),
    exact: (n) => String(n),
  },
  {
    name: "orders",
    label: "Orders",
    definition: "Purchases that were completed.",
    shop: true,
    ...counted,
  },
  {
    name: "revenue",
    label: "Revenue",
    definition: "Sum of all orders, in the currency of the site.",
    shop: true,
    format: money,
    exact: exactMoney,
  },
];

export const metricByName = (name: string): Metric | undefined =>
  metrics.find((metric) => metric.name === name);

/** The metrics that the time series can draw. */
export const chartMetrics: readonly MetricName[] = [
  "visitors",
  "sessions",
  "pageviews",
  "events",
  "revenue",
];
