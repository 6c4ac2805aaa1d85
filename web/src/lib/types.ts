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

/** What a model has shown in the shadow of the one that serves. */
export interface Shadow {
  requests: number;
  overlap_10?: number;
  answer_us?: number;
  present_answer_us?: number;
}

/** A model of the registry; its quality is on data that training did not see. */
export interface ModelRow {
  strategy: string;
  version: string;
  algorithm: string | null;
  status: string | null;
  trained_at: string | null;
  deployed_at: string | null;
  metrics:
    | (Partial<Quality> & {
        popularity?: Quality;
        mrr_gain_95?: [number, number];
        shadow?: Shadow;
      })
    | null;
  artefact_bytes: number | null;
  has_artefact: boolean;
}

export interface ModelRows {
  models: ModelRow[];
}

export interface PersonRow {
  person: string;
  lifecycle_stage: string | null;
  funnel_position: string | null;
  sessions: number | null;
  pageviews: number | null;
  purchases: number | null;
  revenue: number | null;
  first_visit: string | null;
  last_visit: string | null;
}

export interface PeopleAnswer {
  people: PersonRow[];
}

export interface PersonAnswer {
  person: string;
  profile:
    | (Omit<PersonRow, "person"> & {
        events: number | null;
        avg_session_duration_seconds: number | null;
        avg_time_on_page_seconds: number | null;
        avg_scroll_depth: number | null;
        bounce_rate: number | null;
        favorite_categories: string[] | null;
        favorite_products: string[] | null;
        price_sensitivity: string | null;
        preferred_brands: string[] | null;
        device_preference: string | null;
        updated_at: string | null;
      })
    | null;
  interactions: {
    t: string;
    type: string;
    item_id: string | null;
    name: string | null;
    category: string | null;
    price: number | null;
    quantity: number | null;
    reward: number | null;
    recommended: boolean;
  }[];
}

export interface ProductRow {
  item_id: string;
  name: string | null;
  category: string | null;
  brand: string | null;
  price: number | null;
  currency: string | null;
  stock: number | null;
  url: string | null;
  image: string | null;
  hidden: boolean;
  source: string;
  type: "product" | "content" | "offer";
  updated_at: string;
}

export interface ProductsAnswer {
  total: number;
  products: ProductRow[];
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
  pinned?: boolean;
  reason: string;
  name?: string | null;
  url?: string | null;
  image?: string | null;
  price?: number | null;
}

export interface Recommendations {
  decision_id: string | null;
  model_version: string;
  fallback?: string;
  skipped?: string[];
  /** Of a preview, as `rules`. */
  strategies?: { strategy: string; model_version?: string; state: string; items: number }[];
  rules?: {
    id: string;
    name: string;
    kind: string;
    active: boolean;
    item_count: number;
    items: string[];
  }[];
  items: RecommendedItem[];
}

/** Where something is recommended: docs/placements.md. */
export interface Placement {
  count?: number;
  strategies?: Record<string, number>;
  fallback?: string[];
  context?: string;
  diversity?: number;
  bandit?: string;
  bandit_rewards?: BanditRewards | undefined;
  bandit_half_life_h?: number;
  exploration?: number;
  temperature?: number;
  types?: string[];
  hide_bought?: boolean;
  hide_seen?: boolean;
  hide_out_of_stock?: boolean;
  control_share?: number;
  control?: "popular" | "nothing";
  budget_ms?: number;
}

/** What a bandit learns from: a weight each, present by their sum. */
export interface BanditRewards {
  click?: number;
  cart?: number;
  purchase?: number;
  revenue?: number;
  revenue_max?: number;
}

export interface PlacementList {
  placements: (Placement & { name: string })[];
  strategies: string[];
}

export interface RuleCondition {
  categories?: string[];
  brands?: string[];
  labels?: string[];
  types?: string[];
  items?: string[];
  price_min?: number | undefined;
  price_max?: number | undefined;
  in_stock?: boolean | undefined;
}

export interface Rule {
  id?: string;
  name: string;
  kind: string;
  placement?: string | undefined;
  enabled?: boolean;
  order?: number;
  when?: RuleCondition | undefined;
  schedule?:
    | {
        from?: string | undefined;
        until?: string | undefined;
        days?: string[];
        from_hour?: number | undefined;
        until_hour?: number | undefined;
      }
    | undefined;
  item?: string;
  slot?: number | undefined;
  factor?: number | undefined;
  max?: number | undefined;
  by?: string;
  price_min?: number | undefined;
  price_max?: number | undefined;
  relative?: boolean;
}

export interface RuleList {
  rules: Rule[];
}

/** Treatment minus control; intervals at 95 %. */
export interface Difference {
  treatment: number;
  control: number;
  difference: number;
  low: number;
  high: number;
  relative: number | null;
  relative_low: number | null;
  relative_high: number | null;
  enough: boolean;
}

export interface Group {
  visitors: number;
  clickers: number;
  buyers: number;
  revenue: number;
}

export interface PlacementResult {
  placement: string;
  strategies: {
    strategy: string;
    model: string;
    items: number;
    shown: number;
    waiting: number;
    clicked: number;
    added: number;
    converted: number;
    revenue: number;
    ctr: number | null;
    ctr_low: number | null;
    ctr_high: number | null;
  }[];
  treatment: Group | null;
  control: Group | null;
  clicks: Difference | null;
  buyers: Difference | null;
  revenue: Difference | null;
}

export interface PlacementStats {
  placements: PlacementResult[];
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
  account?: number | null;
  started_at: string;
  finished_at: string | null;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A rule of a flag, as GrowthBook's SDKs have it: docs/flags.md. */
export interface FlagRule {
  id?: string;
  description?: string;
  condition?: Record<string, Json>;
  force?: Json;
  coverage?: number;
  hashAttribute?: string;
  variations?: Json[];
  weights?: number[];
  test?: string;
  values?: Record<string, Json>;
  /** The key of a test: whom its control keeps as they are, the rule leaves out. */
  holdout?: string;
  [member: string]: unknown;
}

export type FlagType = "boolean" | "string" | "number" | "json";

export interface Flag {
  key: string;
  description: string;
  value_type: FlagType;
  default_value: Json;
  rules: FlagRule[];
  enabled: boolean;
  archived: boolean;
  version: number;
  updated_at: string;
  updated_by: string;
}

export interface FlagList {
  flags: Flag[];
  client_key: string;
  published_at: string;
}

/** A list that conditions name: {"id": {"$inGroup": KEY}}. */
export interface SavedGroup {
  key: string;
  description: string;
  members: (string | number)[];
  version: number;
}

export interface SavedGroups {
  groups: SavedGroup[];
}

/** A client key of SDKs; `is_own`: the site's id. */
export interface SdkConnection {
  client_key: string;
  name: string;
  is_own: boolean;
  encrypted: boolean;
  encryption_key: string | null;
}

export interface SdkConnections {
  connections: SdkConnection[];
}

export interface FlagAnswer {
  value: Json;
  source: string;
  reason: string;
  variation?: string;
}
