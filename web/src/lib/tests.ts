// A/B tests in words, and a draft as its form has it. Pure; tested in tests/tests.test.ts.

import { dash, percent } from "./format";
import type {
  AbTest,
  Comparison,
  Correction,
  Engine,
  Guardrail,
  Lift,
  MetricKind,
  MetricVerdict,
  SequentialMethod,
  TestDesign,
  TestMetric,
  TestStatus,
  TestVariation,
  Verdict,
} from "./test_types";
import { inProduct } from "./factors";
import type { Json } from "./types";

export const typeWords: Record<string, string> = {
  "Simple A/B": "Two variations",
  Multivariate: "Several variations",
  "Split URL": "Different addresses",
  "Content Variation": "Different content",
};

export const statusWords: Record<TestStatus, string> = {
  Draft: "Draft",
  Active: "Running",
  Paused: "Paused",
  Completed: "Completed",
  Cancelled: "Cancelled",
};

/** The tone of a status's dot. */
export const statusTone: Record<TestStatus, string> = {
  Draft: "idle",
  Active: "",
  Paused: "warn",
  Completed: "done",
  Cancelled: "idle",
};

/** An engine is chosen by when people want to look. */
export const engineWords: Record<Engine, { title: string; text: string }> = {
  sequential: {
    title: "Any day",
    text: "Look and decide whenever you like: the interval holds at every look. Needs more people.",
  },
  frequentist: {
    title: "Once, at the planned size",
    text: "Needs the fewest people. Stopping at the first good day would be a false alarm too often.",
  },
  bayesian: {
    title: "Any day, as odds",
    text: "Says how likely each variation is better. It does not limit how often you are misled.",
  },
  bandit: {
    title: "Any day, while traffic moves",
    text: "Gives more people what does better, anew each midnight (UTC). For offers that soon end.",
  },
};

export const kindWords: Record<MetricKind, string> = {
  conversion: "Did it at least once",
  count: "How often",
  sum: "Sum of a number",
  revenue: "Revenue",
  ratio: "One thing per another",
  retention: "Came back",
  quantile: "A median or quantile",
};

export const methodWords: Record<SequentialMethod, string> = {
  confidence_sequence: "confidence sequence",
  msprt: "mSPRT",
};

/** What became of a completed test, in its record. */
export const outcomeWords: Record<Verdict["outcome"], string> = {
  won: "a variation was better",
  lost: "nothing beat the control",
  harmed: "better, but a guardrail was harmed",
  neutral: "no difference worth having",
  inconclusive: "nothing was shown either way",
};

/** 0.5 as "median", 0.9 as "p90". */
export const quantileName = (quantile: number): string =>
  quantile === 0.5 ? "median" : `p${Number((quantile * 100).toFixed(3))}`;

/** Where sums are cut, in a sentence; nothing where they are not cut at a quantile. */
export function winsorText({ name, winsor }: MetricVerdict, amount: (n: number) => string): string {
  if (!winsor) return "";
  const at = quantileName(winsor.quantile);
  if (winsor.note) return `${name}: ${winsor.note} at ${at}.`;
  return winsor.cap === undefined
    ? `${name}: nobody to cut at ${at} yet.`
    : `${name}: a person's sum is cut at ${amount(winsor.cap)}, the ${at} of all variations together.`;
}

/** Fieller's interval of a lift, in words. */
export const fiellerText = ({ fieller }: Comparison): string =>
  fieller?.low === undefined || fieller.high === undefined
    ? `Fieller's interval: ${fieller?.error ?? "none"}.`
    : `Fieller's interval: ${liftRange({ lift_low: fieller.low, lift_high: fieller.high })}.`;

export const correctionWords: Record<Correction, string> = {
  holm: "Holm: hardly ever a false alarm among all of them",
  bh: "Benjamini-Hochberg: few false ones among those it finds",
  none: "None: each number stands for itself",
};

export const significanceWords: Record<Verdict["significance"], string> = {
  "Highly Significant": "very unlikely to be chance",
  Significant: "unlikely to be chance",
  Approaching: "may be chance: no reason to ship",
  "Not Significant": "could be chance",
};

/** A person counts in a verdict from here on; the API says nothing final below it. */
const peopleMin = 100;

export const isEnough = (verdict: Verdict): boolean =>
  verdict.projected_lift !== undefined &&
  verdict.variations.every((variation) => variation.units >= peopleMin);

/** "+12 %"; a plus or a minus always. */
export const signed = (share: number): string =>
  `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;

/** "+4 % to +21 %"; an end that is not there is said. */
export function liftRange({ lift_low: low, lift_high: high }: Lift): string {
  const end = (value: number | null | undefined): string =>
    value === null || value === undefined ? "no limit" : signed(value);
  return `${end(low)} to ${end(high)}`;
}

/** Whether an interval leaves zero out, and on which side. */
export function toneOf(lift: Lift, higherIsBetter = true): "better" | "worse" | "" {
  const { lift_low: low, lift_high: high } = lift;
  const above = typeof low === "number" && low > 0;
  const below = typeof high === "number" && high < 0;
  if (!above && !below) return "";
  return above === higherIsBetter ? "better" : "worse";
}

/** The end of the scale on which all these lifts are drawn, zero in the middle. */
export function scaleOf(lifts: readonly Lift[]): number {
  const estimates = lifts.map(({ lift }) => Math.abs(lift ?? 0));
  const ends = lifts.flatMap(({ lift_low, lift_high }) => [lift_low, lift_high]);
  const known = ends.filter((end): end is number => typeof end === "number").map(Math.abs);
  // A wild interval of few people must not press the others into a line.
  const most = Math.max(0.01, ...estimates) * 4;
  return Math.max(0.02, ...estimates, ...known.map((end) => Math.min(end, most)));
}

/** Whole days, and tenths in the first ten. */
export const daysText = (days: number): string =>
  days < 0.95 ? "<1" : days < 10 ? Number(days.toFixed(1)).toString() : String(Math.floor(days));

/** A probability that may be very small. */
export const probability = (p: number): string => (p < 0.001 ? "<0.001" : p.toFixed(3));

/** What became of a test, for its headline. `name` says what a variation is called. */
export function headline(verdict: Verdict, name: (id: string) => string): string {
  if (verdict.srm.alarm) return "Something is broken: trust no number here";
  switch (verdict.outcome) {
    case "won":
      return `“${name(verdict.winner ?? "")}” is better`;
    case "lost":
      return `Keep “${name(verdict.winner ?? "")}”: nothing beats it`;
    case "harmed":
      return "Better, but something else got worse";
    case "neutral":
      return "No difference worth having";
    case "inconclusive":
      break;
  }
  return isEnough(verdict) ? "No difference is shown so far" : "Not enough data yet";
}

export interface MetricDraft extends TestMetric {
  guardrail: boolean;
  margin: number;
}

export interface VariationDraft {
  /** Of the stored row; empty for a new one. */
  id: string;
  variation_id: string;
  name: string;
  traffic_percentage: number;
  is_control: boolean;
  configuration: Record<string, Json>;
}

export interface TestDraft {
  name: string;
  hypothesis: string;
  test_type: string;
  engine: Engine;
  primary_metric: string;
  metrics: MetricDraft[];
  sample_size: number | null;
  duration_days: number | null;
  start_date: string | null;
  end_date: string | null;
  coverage: number;
  hash_attribute: string;
  design: TestDesign;
  variations: VariationDraft[];
}

const defaultMargin = 0.05;

/** The control first, then as they were made; the API lists the newest first. */
export const inOrder = (rows: readonly TestVariation[]): TestVariation[] =>
  [...rows].sort(
    (a, b) =>
      Number(b.is_control) - Number(a.is_control) ||
      Date.parse(a.created_at) - Date.parse(b.created_at),
  );

export function draftOf(test: AbTest | null, rows: readonly TestVariation[]): TestDraft {
  const guardrails = (test?.guardrail_metrics ?? []).map((each): Guardrail =>
    typeof each === "string" ? { metric: each, margin: defaultMargin } : each,
  );
  const variations = inOrder(rows).map((row) => ({
    id: row.id,
    variation_id: row.variation_id,
    name: row.name,
    traffic_percentage: row.traffic_percentage,
    is_control: row.is_control,
    configuration: row.configuration ?? {},
  }));
  const metrics = (test?.design?.metrics ?? []).map((metric) => {
    const found = guardrails.find((each) => each.metric === metric.name);
    return { ...metric, guardrail: found !== undefined, margin: found?.margin ?? defaultMargin };
  });
  return {
    name: test?.name ?? "",
    hypothesis: test?.hypothesis ?? "",
    test_type: test?.test_type ?? "Simple A/B",
    engine: test?.engine ?? "sequential",
    primary_metric: test?.primary_metric ?? "bought",
    metrics: test ? metrics : [newMetric("bought", "conversion", "purchase")],
    sample_size: test?.sample_size ?? null,
    duration_days: test?.duration_days ?? null,
    start_date: test?.start_date ?? null,
    end_date: test?.end_date ?? null,
    coverage: test?.coverage ?? 1,
    hash_attribute: test?.hash_attribute ?? "visitor_id",
    design: test?.design ?? {},
    variations: test
      ? inProduct(test.design?.factors ?? [], variations)
      : [newVariation("As it is", 50, true), newVariation("The new one", 50)],
  };
}

export const newMetric = (name: string, kind: MetricKind, event: string): MetricDraft => ({
  name,
  kind,
  event,
  guardrail: false,
  margin: defaultMargin,
});

export const newVariation = (
  name: string,
  traffic_percentage: number,
  is_control = false,
): VariationDraft => ({
  id: "",
  variation_id: "",
  name,
  traffic_percentage,
  is_control,
  configuration: {},
});

/** "The new one" as "the-new-one": what code and exposures call a variation. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 100);

/** What the server refuses for a metric's kind, and what was left empty, is left out. */
function metricBody(draft: MetricDraft): TestMetric {
  const { guardrail: _, margin: __, ...metric } = draft;
  const body: Record<string, unknown> = { ...metric };
  if (metric.kind !== "ratio") delete body["denominator"];
  if (!["count", "sum", "revenue"].includes(metric.kind)) delete body["winsor"];
  if (metric.kind !== "quantile") for (const key of ["quantile", "per", "ignore_zeros"]) delete body[key];
  for (const [key, value] of Object.entries(body))
    if (value === "" || value === undefined) delete body[key];
  return body as unknown as TestMetric;
}

/** The same metric of another kind; what belonged to the former one is gone. */
export function ofKind(metric: MetricDraft, kind: MetricKind): MetricDraft {
  const { name, higher_is_better, guardrail, margin, event, where } = metric;
  const kept = { name, kind, higher_is_better, guardrail, margin, where };
  if (kind === "revenue") return kept;
  if (kind === "retention") return { ...kept, event: "pageview", window_days: 14 };
  const counted = { ...kept, event: event || "purchase" };
  if (kind === "quantile") return { ...counted, property: "revenue", quantile: 0.5, per: "event" };
  return kind === "ratio" ? { ...counted, denominator: { event: "pageview" } } : counted;
}

/** Whether a look each day is what the engine is made for. */
export const mayStopEarly = (engine: Engine): boolean =>
  engine === "sequential" || engine === "bandit";

/** A draft as POST and PATCH of /ab_tests take it. */
export function testBody(draft: TestDraft): Record<string, unknown> {
  const guarded = draft.metrics.filter((metric) => metric.guardrail);
  const { auto_stop, sequential_method, ...design } = draft.design;
  return {
    name: draft.name.trim(),
    hypothesis: draft.hypothesis,
    test_type: draft.test_type,
    engine: draft.engine,
    primary_metric: draft.primary_metric,
    guardrail_metrics: guarded.map(({ name, margin }) => ({ metric: name, margin })),
    sample_size: draft.sample_size,
    duration_days: draft.duration_days,
    start_date: draft.start_date,
    end_date: draft.end_date,
    coverage: draft.coverage,
    hash_attribute: draft.hash_attribute,
    design: {
      ...design,
      ...(auto_stop && mayStopEarly(draft.engine) && { auto_stop }),
      ...(sequential_method && draft.engine === "sequential" && { sequential_method }),
      metrics: draft.metrics.map(metricBody),
    },
  };
}

/** The same for a variation; its id in code is made of its name unless somebody gave one. */
export const variationBody = (draft: VariationDraft): Record<string, unknown> => ({
  variation_id: draft.variation_id.trim() || slug(draft.name) || "variation",
  name: draft.name.trim(),
  traffic_percentage: draft.traffic_percentage,
  is_control: draft.is_control,
  configuration: draft.configuration,
});

export const trafficOf = (variations: readonly VariationDraft[]): number =>
  Number(variations.reduce((sum, each) => sum + (each.traffic_percentage || 0), 0).toFixed(6));

/** Whole percents that sum to 100, the rest to the first. */
export function evenShares(count: number): number[] {
  const each = Math.floor(100 / count);
  return Array.from({ length: count }, (_, at) => (at === 0 ? 100 - each * (count - 1) : each));
}

/** A mean of a metric as people read it. */
export function meanText(kind: MetricKind, mean: number | undefined, money: (n: number) => string): string {
  if (mean === undefined) return dash;
  if (kind === "conversion" || kind === "retention") return percent(mean);
  return kind === "revenue" ? money(mean) : Number(mean.toPrecision(4)).toString();
}
