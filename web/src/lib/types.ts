// The JSON API as the dashboard uses it; docs/api.md describes it, the server's OpenAPI document too.

export interface Login {
  user: { name: string; role: string };
  csrf_token: string;
}

export interface Site {
  id: string;
  domain: string;
  name: string;
  timezone: string;
  currency: string;
  allowed_origins: string[];
  store_ip: boolean;
  created_at: string;
  /** The script tag to paste. */
  snippet: string;
}

export interface SiteDraft {
  domain: string;
  name: string;
  timezone: string;
  currency: string;
  allowed_origins: string[];
  store_ip: boolean;
}

export interface ApiKey {
  id: number;
  name: string;
  scope: "read" | "write" | "admin";
  /** The first characters of the secret, to tell keys apart. */
  hint?: string;
  created_at?: string;
}

export interface NewApiKey {
  id: number;
  key: string;
  scope: string;
}

export interface DayRange {
  from: string;
  to: string;
  timezone?: string;
}

export type MetricName =
  | "visitors"
  | "sessions"
  | "pageviews"
  | "events"
  | "bounce_rate"
  | "avg_session_duration_seconds"
  | "pages_per_session"
  | "orders"
  | "revenue";

export interface MetricValue {
  value: number | null;
  previous: number | null;
}

export interface Overview {
  range: DayRange;
  previous_range: DayRange | null;
  metrics: Partial<Record<MetricName, MetricValue>>;
}

export type Interval = "minute" | "hour" | "day" | "week" | "month";

export interface SeriesPoint {
  t: string;
  t_ms: number;
  value: number | null;
  previous: number | null;
}

export interface Timeseries {
  metric: string;
  interval: Interval;
  points: SeriesPoint[];
  last_partial: boolean;
}

export interface Rows<T> {
  rows: T[];
  total: number;
}

export interface PageRow {
  path: string;
  title: string | null;
  visitors: number;
  pageviews: number;
  avg_time_on_page_seconds: number | null;
  entries: number;
}

export interface SourceRow {
  name: string;
  visitors: number;
  sessions: number;
  bounce_rate: number | null;
}

export interface ReferrerRow {
  name: string;
  type: string;
  visitors: number;
  sessions: number;
}

export interface LiveEvent {
  t: string;
  event_type: string;
  path: string | null;
  country: string | null;
  device_type: string | null;
  visitor: string;
}

export interface Realtime {
  visitors_now: number;
  visitors_30m: number;
  minutes: { t: string; t_ms: number; visitors: number; pageviews: number }[];
  pages: { path: string; visitors: number }[];
  sources: { name: string; visitors: number }[];
  events: LiveEvent[];
}

export interface RecommendationTotals {
  decisions: number;
  shown: number;
  clicked: number;
  converted: number;
  revenue: number;
  ctr: number | null;
}

export interface StrategyRow {
  strategy: string;
  shown: number;
  clicked: number;
  converted: number;
  revenue: number;
  ctr: number | null;
  ctr_low: number | null;
  ctr_high: number | null;
}

export interface ItemRow {
  item_id: string;
  name: string | null;
  shown: number;
  clicked: number;
  converted: number;
}

/** Quality on visits that training did not see; 20 is the length of the list. */
export interface Quality {
  hr_20: number;
  mrr_20: number;
  ndcg_20: number;
}

export interface ModelInfo {
  version: string;
  algorithm: string;
  trained_at: string | null;
  status: string;
  metrics?:
    | (Quality & {
        predictions: number;
        held_out_from: string;
        popularity: Quality;
        mrr_gain_95: [number, number];
      })
    | null;
}

export interface RecommendationStats {
  totals: RecommendationTotals;
  strategies: StrategyRow[];
  items: ItemRow[];
  model: ModelInfo | null;
}

export interface RecommendedItem {
  item_id: string;
  rank: number;
  score: number;
  strategy: string;
  propensity: number;
  reason: string;
  name?: string | null;
  url?: string | null;
  image?: string | null;
  price?: number | null;
}

export interface Recommendations {
  decision_id: string | null;
  model_version: string;
  items: RecommendedItem[];
}

export interface Job {
  id: string;
  kind: string;
  state: "running" | "done" | "failed";
  done: number | null;
  rate: string | number | null;
  message: string | null;
  result?: { verdict?: string; promoted?: boolean } | null;
  site?: string | null;
  started_at: string;
  finished_at: string | null;
}
