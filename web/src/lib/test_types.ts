// A/B tests as the API has them: docs/experiments.md.

import type { Json } from "./types";

export type TestStatus = "Draft" | "Active" | "Paused" | "Completed" | "Cancelled";
export type Engine = "frequentist" | "sequential" | "bayesian" | "bandit";
export type SequentialMethod = "confidence_sequence" | "msprt";
export type MetricKind = "conversion" | "count" | "sum" | "revenue" | "ratio" | "retention" | "quantile";

/** Which events count: by name, perhaps a number in their data, perhaps only some of them. */
export interface Selection {
  event?: string | undefined;
  property?: string | undefined;
  where?: Record<string, string> | undefined;
}

export interface TestMetric extends Selection {
  name: string;
  kind: MetricKind;
  denominator?: Selection | undefined;
  winsor?: { cap?: number; quantile?: number; ignore_zeros?: boolean } | undefined;
  /** Of kind quantile: which one, of whose values, and whether 0 is one. */
  quantile?: number | undefined;
  per?: "person" | "event" | undefined;
  ignore_zeros?: boolean | undefined;
  window_days?: number | undefined;
  higher_is_better?: boolean | undefined;
}

export interface Guardrail {
  metric: string;
  margin: number;
}

export type Correction = "holm" | "bh" | "none";

/** What is varied independently of the rest: "button" is "red" or "blue". */
export interface Factor {
  name: string;
  levels: string[];
}

export interface TestDesign {
  metrics?: TestMetric[];
  auto_stop?: boolean;
  /** Of the engine sequential. */
  sequential_method?: SequentialMethod;
  /** The smallest lift worth having, as a share. */
  smallest_lift?: number;
  correction?: Correction;
  cuped_days?: number;
  namespace?: { id: string; range: [number, number] };
  /** The key of a running test, whose control stays out of this one. */
  holdout?: string;
  sticky?: boolean;
  factors?: Factor[];
  condition?: Record<string, Json>;
  url_targets?: { include: boolean; type: string; pattern: string }[];
  [member: string]: unknown;
}

export interface LogEntry {
  action: string;
  at: string;
  by: string;
  reason: string;
}

export interface AbTest {
  id: string;
  name: string;
  test_type: string;
  hypothesis: string | null;
  status: TestStatus;
  engine: Engine;
  site_id: string | null;
  test_key: string | null;
  primary_metric: string | null;
  guardrail_metrics: (Guardrail | string)[] | null;
  sample_size: number | null;
  duration_days: number | null;
  /** When the server starts and ends it by itself. */
  start_date: string | null;
  end_date: string | null;
  coverage: number;
  hash_attribute: string;
  winning_variation: string | null;
  started_at: string | null;
  ended_at: string | null;
  decided_by: string | null;
  decision: { log?: LogEntry[]; winner?: string; outcome?: Verdict["outcome"] } | null;
  weights: { day: string; weights: Record<string, number> }[] | null;
  design: TestDesign | null;
}

export interface TestVariation {
  id: string;
  ab_test_id: string;
  variation_id: string;
  name: string;
  traffic_percentage: number;
  is_control: boolean;
  configuration: Record<string, Json> | null;
  created_at: string;
}

/** The last snapshot of a test; one is made each midnight (UTC) and at the end. */
export interface TestSnapshot {
  calculated_at: string;
  units: number;
  conversions: number;
  duration_days: number | null;
  outcome: string | null;
  winner: string | null;
  significance: Verdict["significance"];
  p_value: number | null;
  projected_lift: number | null;
  projected_lift_low: number | null;
  projected_lift_high: number | null;
  /** A sample ratio mismatch: no number may be trusted. */
  is_broken: boolean;
  is_enough: boolean;
}

export interface TestSummary {
  /** Counted up to `refreshed_at`, which is later than the snapshot. */
  people: number;
  mixed: number | null;
  refreshed_at: string | null;
  snapshot: TestSnapshot | null;
}

export interface AbTests {
  ab_tests: AbTest[];
  more: boolean;
  /** By id; when they were asked for, of tests that were started. */
  summaries?: Record<string, TestSummary>;
}

export interface TestVariations {
  test_variations: TestVariation[];
}

/** A lift over the control with its interval, as shares; null: without an end. */
export interface Lift {
  lift?: number;
  lift_low?: number | null;
  lift_high?: number | null;
}

export interface Comparison extends Lift {
  variation: string;
  p_value?: number;
  p_value_corrected?: number;
  chance_to_beat?: number;
  expected_loss?: number;
  error?: string;
  /** Of a ratio whose denominator is noisy: what is to be read in place of the interval. */
  note?: string;
  fieller?: Ends & { control: Ends; treatment: Ends };
}

/** An interval, or why there is none. */
export interface Ends {
  low?: number;
  high?: number;
  error?: string;
}

/** A lift in the light of the account's finished tests, or why there is none. */
export interface ShrunkLift extends Lift {
  tests: number;
  needed: number;
  kept?: number;
  mean?: number;
  error?: string;
}

export interface MetricVerdict {
  name: string;
  kind: MetricKind;
  role: "primary" | "guardrail" | "goal";
  higher_is_better: boolean;
  variations: { id: string; units: number; sum?: number; mean?: number; error?: string }[];
  quantile?: number;
  per?: "person" | "event";
  ignore_zeros?: boolean;
  winsor?: { quantile: number; cap?: number; people?: number; note?: string };
  comparisons: Comparison[];
}

export interface GuardrailVerdict {
  metric: string;
  variation: string;
  margin: number;
  state: "safe" | "harmed" | "undecided";
  error?: string;
}

export interface DimensionRow extends Lift {
  value: string;
  units_control: number;
  units: number;
  p_value_corrected?: number;
  error?: string;
}

export interface Dimension {
  dimension: string;
  variation: string;
  p_value_of_difference?: number;
  values: DimensionRow[];
}

/** A change, or two together, against the levels of the control. */
export interface FactorLift extends Lift {
  p_value?: number;
  p_value_corrected?: number;
  chance_to_beat?: number;
  /** Of how many levels of everything else it is a mean. */
  combinations?: number;
  error?: string;
}

export interface MainEffect extends FactorLift {
  factor: string;
  level: string;
  base: string;
}

export interface Interaction extends FactorLift {
  factors: string[];
  levels: string[];
  bases: string[];
}

/** Of a test that changes several things at once. */
export interface FactorVerdict {
  main?: MainEffect[];
  interactions?: Interaction[];
  cuped?: boolean;
  /** Combinations that no variation shows, some of so many. */
  missing?: string[][];
  missing_count?: number;
  untold_interactions?: number;
  error?: string;
}

export interface DayLift extends Lift {
  day: string;
  variation: string;
  units: number;
}

export interface Verdict {
  units: number;
  mixed: number;
  refreshed_at: string | null;
  engine: Engine;
  /** How its intervals are made, by name. */
  method?: string;
  duration_days: number;
  sample_size: number;
  conversions: number;
  outcome: "won" | "lost" | "harmed" | "neutral" | "inconclusive";
  neutral_basis?: "interval" | "power";
  smallest_lift?: number;
  winner?: string;
  significance: "Not Significant" | "Approaching" | "Significant" | "Highly Significant";
  advice: string;
  srm: { p_value?: number; alarm: boolean; enough_units: boolean; error?: string };
  p_value?: number;
  projected_lift?: number;
  projected_lift_low?: number | null;
  projected_lift_high?: number | null;
  projected_lift_selected?: number | null;
  projected_lift_shrunk?: ShrunkLift;
  power?: number;
  power_of_lift?: number;
  revenue_impact?: number;
  revenue_impact_low?: number | null;
  revenue_impact_high?: number | null;
  revenue_horizon_days?: number;
  metrics: MetricVerdict[];
  comparisons: Comparison[];
  guardrails: GuardrailVerdict[];
  dimensions: Dimension[];
  days: DayLift[];
  factors?: FactorVerdict;
  variations: { id: string; is_control: boolean; units: number }[];
}

export interface PlanAnswer {
  lift: number;
  people_per_variation: number;
  people: number;
  days?: number;
}
