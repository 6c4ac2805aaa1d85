// The account's rows as the dashboard uses them; docs/campaigns.md and docs/content.md describe them.

import type { Json } from "./types";

export interface Campaign {
  id: string;
  name: string;
  description: string | null;
  objective: string | null;
  platform: string | null;
  status: string;
  budget: number | null;
  currency: string | null;
  start_date: string | null;
  end_date: string | null;
}

/** One day of one campaign on one platform for one audience. */
export interface StatsDay {
  id: string;
  campaign_id: string;
  day: string;
  impressions: number;
  clicks: number;
  conversions: number;
  revenue: number;
  spend: number;
}

export interface StatsImported {
  rows: number;
  errors: { line: number; message: string }[];
}

interface Bounds {
  low: number;
  high: number;
}

export interface Recommendation {
  id: string;
  name: string;
  reasoning: string | null;
  recommended_budget: number | null;
  predicted_ctr: number | null;
  predicted_conversion: number | null;
  predicted_engagement: number | null;
  predicted_roi: number | null;
  prediction_intervals: {
    ctr?: Bounds;
    conversion?: Bounds;
    engagement?: Bounds;
    roi?: Bounds;
    level?: number;
  };
  /** The chance of a return above the goal it was asked for with. */
  confidence_score: number | null;
  implementation_status: "proposed" | "accepted" | "rejected" | "implemented" | "expired";
  implemented_campaign_id: string | null;
  actual_ctr: number | null;
  actual_conversion: number | null;
  actual_engagement: number | null;
  actual_roi: number | null;
  basis: "tenant_history" | "prior_only" | null;
  n: number | null;
  created_at: string;
}

export interface Coverage {
  count: number;
  within_interval: number;
}

export interface Calibration {
  interval_level: number;
  ctr: Coverage;
  conversion: Coverage;
  engagement: Coverage;
  roi: Coverage;
  judged: number;
  brier?: number;
}

export interface Variable {
  name: string;
  type?: string;
  default?: Json;
  required?: boolean;
  pii?: boolean;
  html_safe?: boolean;
  description?: string;
}

export interface Template {
  id: string;
  name: string;
  version: number;
  description: string | null;
  template_type: string;
  base_prompt: string;
  personalization_variables: Variable[];
  style_parameters: Record<string, Json>;
  usage_count: number;
  performance_score: number | null;
  success_rate: number | null;
  is_active: boolean;
}

export interface TemplatePreviewed {
  output: string;
  type: "html" | "text";
  subject?: string;
  aborted?: string;
  issues: string[];
  used: string[];
}

export interface Slot {
  slot: string;
  templates: string[];
  /** Templates of it that are active. */
  ready: number;
  policy: string;
  floor: number;
  holdout_share: number;
  enabled: boolean;
}

interface Estimate extends Bounds {
  mean: number;
}

export interface Counted {
  impressions: number;
  clicks: number;
  conversions: number;
  click_rate: Estimate;
  conversion_rate: Estimate;
}

export interface SlotPerformance {
  days: number;
  all: Counted;
  groups: { bandit?: Counted; holdout?: Counted };
  templates: (Counted & { item_id: string; vs_average: Estimate })[];
  bandit_vs_holdout?: Estimate;
}

export type Basis = "experiment" | "observational" | null;

export interface Insight {
  id: string;
  insight_type: string;
  title: string;
  description: string | null;
  improvement_percentage: number | null;
  optimization_suggestions: Json[];
  priority: "low" | "medium" | "high";
  confidence_score: number | null;
  sample_size: number | null;
  period_start: string | null;
  period_end: string | null;
  data_quality: number | null;
  implementation_status: "new" | "accepted" | "rejected" | "implemented";
  basis: Basis;
  method: string | null;
  discovered_at: string;
}

export interface Pattern {
  id: string;
  pattern_type: string;
  name: string;
  description: string | null;
  performance_impact: number | null;
  frequency: number | null;
  p_value: number | null;
  campaigns_analyzed: number | null;
  period_start: string;
  period_end: string | null;
  last_observed: string | null;
  actionable_insights: Json[];
  basis: Basis;
}

export interface BudgetLine {
  name: string;
  days: number;
  /** Spend of a day, now and as proposed. */
  present: number;
  proposed: number;
  proposed_low?: number;
  proposed_high?: number;
  least: number;
  most: number;
  /** What one more unit of money would bring. */
  next_unit?: Estimate;
  refusal: string | null;
  reason: string;
  points: (Estimate & { spend: number })[];
}

export interface BudgetPlan {
  objective: "conversions" | "revenue";
  currency?: string | null;
  first_day?: string | null;
  last_day?: string | null;
  total: number;
  present: number;
  proposed: number;
  held: number;
  unspent: number;
  gain: Estimate;
  chance_better: number;
  lines: BudgetLine[];
}
