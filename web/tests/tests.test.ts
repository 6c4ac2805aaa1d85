import assert from "node:assert/strict";
import { test } from "node:test";
import {
  draftOf,
  evenShares,
  fiellerText,
  headline,
  inOrder,
  isEnough,
  liftRange,
  meanText,
  newMetric,
  ofKind,
  probability,
  quantileName,
  scaleOf,
  signed,
  slug,
  testBody,
  toneOf,
  trafficOf,
  variationBody,
  winsorText,
} from "../src/lib/tests";
import type { AbTest, MetricVerdict, TestDesign, TestVariation, Verdict } from "../src/lib/test_types";

const verdict = (more: Partial<Verdict>): Verdict => ({
  units: 400, mixed: 0, refreshed_at: null, engine: "sequential", duration_days: 3, sample_size: 0, conversions: 9,
  outcome: "inconclusive", significance: "Not Significant", advice: "", srm: { alarm: false, enough_units: true },
  metrics: [], comparisons: [], guardrails: [], dimensions: [], days: [], projected_lift: 0.1,
  variations: [{ id: "old", is_control: true, units: 200 }, { id: "red", is_control: false, units: 200 }], ...more,
});

const stored: AbTest = {
  id: "1", name: "Red", test_type: "Simple A/B", hypothesis: null, status: "Draft", engine: "bayesian", site_id: "s", test_key: null,
  primary_metric: "value", guardrail_metrics: [{ metric: "left", margin: 0.2 }, "value"], sample_size: 900, duration_days: null, start_date: null,
  end_date: "2026-12-01T08:30:15Z",
  coverage: 0.5, hash_attribute: "user_id", winning_variation: null, started_at: null, ended_at: null, decided_by: null,
  decision: null, weights: null,
  design: { cuped_days: 3, metrics: [
    { name: "value", kind: "revenue", winsor: { cap: 200 } },
    { name: "left", kind: "ratio", event: "complaint", denominator: { event: "purchase" }, higher_is_better: false },
    { name: "seats", kind: "sum", event: "signup", property: "plan.seats", where: { path: "/a*", plan: "pro" }, window_days: 7 }] },
};
const rows: TestVariation[] = [
  { id: "r", ab_test_id: "1", variation_id: "red", name: "Red", traffic_percentage: 50, is_control: false, configuration: { value: "red" }, created_at: "2026-11-22T01:00:02Z" },
  { id: "o", ab_test_id: "1", variation_id: "old", name: "Old", traffic_percentage: 50, is_control: true, configuration: null, created_at: "2026-11-22T01:00:03Z" },
];

test("AStoredTestComesBackUnchangedFromItsForm", () => {
  const draft = draftOf(stored, rows);
  const body = testBody(draft);
  assert.deepEqual(body["design"], stored.design);
  assert.deepEqual(body["guardrail_metrics"], [{ metric: "value", margin: 0.05 }, { metric: "left", margin: 0.2 }]);
  for (const key of ["name", "engine", "primary_metric", "sample_size", "duration_days", "end_date", "coverage", "hash_attribute"] as const)
    assert.equal(body[key], stored[key], key);
  assert.deepEqual(draft.variations.map((each) => each.variation_id), ["old", "red"], "the control first");
  assert.deepEqual(variationBody(draft.variations[1]!), {
    variation_id: "red", name: "Red", traffic_percentage: 50, is_control: false, configuration: { value: "red" } });
});

test("VariationsKeepTheOrderInWhichTheyWereMade", () => {
  const blue: TestVariation = { ...rows[0]!, id: "b", variation_id: "blue", created_at: "2026-11-22T01:00:04Z" };
  assert.deepEqual(inOrder([blue, ...rows]).map((row) => row.variation_id), ["old", "red", "blue"]);
});

test("ANewTestCanBeStartedAsItIs", () => {
  const draft = draftOf(null, []);
  const body = testBody(draft);
  assert.deepEqual(body["design"], { metrics: [{ name: "bought", kind: "conversion", event: "purchase" }] });
  assert.equal(body["primary_metric"], "bought");
  assert.equal(trafficOf(draft.variations), 100);
  assert.deepEqual(draft.variations.map(variationBody).map((each) => each["variation_id"]), ["as-it-is", "the-new-one"]);
});

test("AMetricOfAnotherKindKeepsOnlyWhatFitsIt", () => {
  const counted = { ...newMetric("m", "sum", "signup"), property: "seats", winsor: { cap: 3 }, higher_is_better: false };
  const of = (kind: Parameters<typeof ofKind>[1]) =>
    (testBody({ ...draftOf(null, []), metrics: [ofKind(counted, kind)] })["design"] as { metrics: unknown[] }).metrics[0];
  assert.deepEqual(of("revenue"), { name: "m", kind: "revenue", higher_is_better: false });
  assert.deepEqual(of("conversion"), { name: "m", kind: "conversion", higher_is_better: false, event: "signup" });
  assert.deepEqual(of("ratio"), { name: "m", kind: "ratio", higher_is_better: false, event: "signup", denominator: { event: "pageview" } });
  assert.deepEqual(of("quantile"), {
    name: "m", kind: "quantile", higher_is_better: false, event: "signup", property: "revenue", quantile: 0.5, per: "event" });
  assert.deepEqual(of("retention"), { name: "m", kind: "retention", higher_is_better: false, event: "pageview", window_days: 14 });
});

test("OnlyEnginesMadeForItStopByThemselves", () => {
  const stops = (engine: "sequential" | "frequentist") =>
    (testBody({ ...draftOf(null, []), engine, design: { auto_stop: true } })["design"] as { auto_stop?: boolean }).auto_stop;
  assert.equal(stops("sequential"), true);
  assert.equal(stops("frequentist"), undefined);
  const method = (engine: "sequential" | "bandit") =>
    (testBody({ ...draftOf(null, []), engine, design: { sequential_method: "msprt" } })["design"] as TestDesign).sequential_method;
  assert.equal(method("sequential"), "msprt");
  assert.equal(method("bandit"), undefined);
});

test("SharesAndNamesForCode", () => {
  for (const count of [2, 3, 6, 7]) assert.equal(evenShares(count).reduce((a, b) => a + b), 100);
  assert.deepEqual(evenShares(3), [34, 33, 33]);
  assert.equal(slug("  The Käufer’s button!"), "the-k-ufer-s-button");
  assert.equal(trafficOf([0.1, 0.2, 99.7].map((traffic_percentage) => ({
    id: "", variation_id: "", name: "", traffic_percentage, is_control: false, configuration: {} }))), 100);
});

test("LiftsInWords", () => {
  const space = "\u202f";
  assert.equal(signed(-0.042), `−4.2${space}%`);
  assert.equal(liftRange({ lift: 0.1, lift_low: -0.02, lift_high: null }), `−2${space}% to no limit`);
  assert.equal(toneOf({ lift_low: 0.01, lift_high: 0.2 }), "better");
  assert.equal(toneOf({ lift_low: 0.01, lift_high: 0.2 }, false), "worse");
  assert.equal(toneOf({ lift_low: -0.3, lift_high: -0.1 }), "worse");
  assert.equal(toneOf({ lift_low: null, lift_high: 0.2 }), "");
  assert.equal(toneOf({ lift_low: 0, lift_high: 0.2 }), "");
  assert.equal(scaleOf([{ lift: 0.1, lift_low: -0.1, lift_high: 0.3 }]), 0.3);
  assert.equal(scaleOf([{ lift: 0.1, lift_low: -9, lift_high: null }]), 0.4);
  assert.equal(scaleOf([]), 0.02);
  assert.equal(probability(0.00004), "<0.001");
  assert.equal(probability(0.0421), "0.042");
  assert.equal(meanText("conversion", 0.041, String), `4.1${space}%`);
  assert.equal(meanText("revenue", 3.5, (value) => `€${value}`), "€3.5");
  assert.equal(meanText("count", 1.23456, String), "1.235");
  assert.equal(meanText("count", undefined, String), "–");
});

test("NotesSayWhatTheTableCannot", () => {
  const space = "\u202f";
  const metric = (winsor: MetricVerdict["winsor"]): MetricVerdict => ({
    name: "value", kind: "revenue", role: "goal", higher_is_better: true, variations: [], comparisons: [], ...(winsor && { winsor }) });
  assert.equal(quantileName(0.5), "median");
  assert.equal(quantileName(0.999), "p99.9");
  assert.equal(winsorText(metric(undefined), String), "");
  assert.equal(winsorText(metric({ quantile: 0.99, cap: 120, people: 900 }), (n) => `€${n}`),
    "value: a person's sum is cut at €120, the p99 of all variations together.");
  assert.equal(winsorText(metric({ quantile: 0.99, cap: 9, people: 20, note: "20 people are too few: nothing is cut" }), String),
    "value: 20 people are too few: nothing is cut at p99.");
  const ends = { control: {}, treatment: {} };
  assert.equal(fiellerText({ variation: "b", fieller: { low: -0.1, high: 0.4, ...ends } }), `Fieller's interval: −10${space}% to +40${space}%.`);
  assert.equal(fiellerText({ variation: "b", fieller: { error: "it has no ends", ...ends } }), "Fieller's interval: it has no ends.");
});

test("TheHeadlineSaysWhatBecameOfIt", () => {
  const name = (id: string): string => ({ old: "Old", red: "Red" })[id] ?? id;
  const few = [{ id: "old", is_control: true, units: 99 }, { id: "red", is_control: false, units: 400 }];
  assert.equal(isEnough(verdict({})), true);
  assert.equal(isEnough(verdict({ variations: few })), false);
  assert.equal(headline(verdict({ variations: few }), name), "Not enough data yet");
  assert.equal(headline(verdict({}), name), "No difference is shown so far");
  assert.equal(headline(verdict({ outcome: "won", winner: "red" }), name), "“Red” is better");
  assert.equal(headline(verdict({ outcome: "lost", winner: "old" }), name), "Keep “Old”: nothing beats it");
  assert.equal(headline(verdict({ outcome: "neutral" }), name), "No difference worth having");
  assert.match(headline(verdict({ outcome: "harmed" }), name), /something else got worse/);
  const broken = { srm: { alarm: true, enough_units: true }, outcome: "won", winner: "red" } as const;
  assert.match(headline(verdict(broken), name), /trust no number/);
});
