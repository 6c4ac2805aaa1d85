import assert from "node:assert/strict";
import { test } from "node:test";
import { combinations, factorNotes, inProduct, mainName, ofType, productOf, togetherName, withFactors } from "../src/lib/factors";
import type { Factor, TestVariation } from "../src/lib/test_types";
import { draftOf, testBody, type TestDraft, variationBody } from "../src/lib/tests";

const button: Factor = { name: "button", levels: ["red", "blue"] };
const text: Factor = { name: "text", levels: ["buy", "get", "have"] };

const start: TestDraft = { ...draftOf(null, []), test_type: "Multivariate" };
const take = (draft: TestDraft, factors: Factor[]): TestDraft => ({ ...draft, ...withFactors(draft, factors) });
const shown = (draft: TestDraft): unknown[] => draft.variations.map((each) => each.configuration["factors"]);
/** As it comes back from the server: every row with an id. */
const stored = (draft: TestDraft): TestDraft => ({
  ...draft,
  variations: draft.variations.map((each, at) => ({ ...each, id: `row-${at}`, variation_id: `v${at}` })),
});

test("VariationsAreTheProductOfTheLevels", () => {
  assert.deepEqual(combinations([button, text]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
  assert.equal(productOf([button, text]), 6);
  const draft = take(start, [button, text]);
  assert.deepEqual(draft.variations.map((each) => each.name),
    ["red, buy", "red, get", "red, have", "blue, buy", "blue, get", "blue, have"]);
  assert.deepEqual(shown(draft)[4], { button: "blue", text: "get" });
  assert.deepEqual(draft.variations.map((each) => each.is_control), [true, false, false, false, false, false]);
  assert.equal(draft.variations.reduce((sum, each) => sum + each.traffic_percentage, 0), 100);
  const body = testBody(draft) as { design: { factors: Factor[] } };
  assert.deepEqual(body.design.factors, [button, text]);
  assert.deepEqual(variationBody(draft.variations[1]!), {
    variation_id: "red-get", name: "red, get", traffic_percentage: 16, is_control: false,
    configuration: { factors: { button: "red", text: "get" } } });
});

test("ARenamedLevelKeepsItsRowAndItsConfiguration", () => {
  const before = stored(take(start, [button, text]));
  before.variations[4]!.configuration["changes"] = { css: "b{}" };
  before.variations[4]!.traffic_percentage = 20;
  before.variations[5]!.name = "The loud one";
  const after = take(before, [{ ...button, levels: ["red", "navy"] }, text]);
  assert.deepEqual(after.variations.map((each) => each.id), before.variations.map((each) => each.id));
  assert.equal(after.variations[4]!.name, "navy, get");
  assert.equal(after.variations[5]!.name, "The loud one", "a name that somebody gave stays");
  assert.equal(after.variations[4]!.traffic_percentage, 20);
  assert.deepEqual(after.variations[4]!.configuration, { changes: { css: "b{}" }, factors: { button: "navy", text: "get" } });
  const named = take(after, [{ ...button, name: "colour", levels: ["red", "navy"] }, text]);
  assert.deepEqual(named.variations[0]!.configuration["factors"], { colour: "red", text: "buy" });
  assert.equal(named.variations[0]!.id, "row-0");
});

test("ALevelMoreOrLessKeepsTheOtherRows", () => {
  const before = stored(take(start, [button, text]));
  const more = take(before, [{ ...button, levels: ["red", "blue", "green"] }, text]);
  assert.deepEqual(more.variations.map((each) => each.id),
    ["row-0", "row-1", "row-2", "row-3", "row-4", "row-5", "", "", ""]);
  assert.equal(more.variations.reduce((sum, each) => sum + each.traffic_percentage, 0), 100);
  const less = take(before, [button, { ...text, levels: ["buy", "have"] }]);
  assert.deepEqual(less.variations.map((each) => each.id), ["row-0", "row-2", "row-3", "row-5"]);
  assert.deepEqual(less.variations.map((each) => each.is_control), [true, false, false, false]);
});

test("AFactorMoreOrLessGoesOnFromTheFirstLevels", () => {
  const before = stored(take(start, [button]));
  const more = take(before, [button, text]);
  assert.deepEqual(more.variations.map((each) => each.id), ["row-0", "", "", "row-1", "", ""]);
  const less = take(stored(more), [text]);
  assert.deepEqual(less.variations.map((each) => each.id), ["row-0", "row-1", "row-2"]);
  assert.deepEqual(shown(less), [{ text: "buy" }, { text: "get" }, { text: "have" }]);
  const none = take(less, []);
  assert.equal(none.design.factors, undefined);
  assert.equal(none.variations.length, 2);
});

test("StoredVariationsComeBackInTheOrderOfTheProduct", () => {
  const draft = take(start, [button, text]);
  const rows = draft.variations.map((each, at): TestVariation => ({
    ...variationBody(each) as unknown as TestVariation, id: `row-${at}`, ab_test_id: "1",
    created_at: `2026-11-22T01:00:0${9 - at}Z` }));
  const read = inProduct([button, text], [...rows].reverse().map((row) => ({
    ...row, configuration: row.configuration ?? {} })));
  assert.deepEqual(read.map((each) => each.id), rows.map((row) => row.id));
  const partial = read.slice(1);
  assert.equal(inProduct([button, text], partial), partial, "a part of the product stays as it is");
});

test("AnotherTypeHasNoFactors", () => {
  const draft = take(start, [button]);
  assert.deepEqual(ofType(draft, "Multivariate"), { test_type: "Multivariate" });
  const other = { ...draft, ...ofType(draft, "Content Variation") };
  assert.equal((testBody(other)["design"] as { factors?: unknown }).factors, undefined);
  assert.deepEqual(shown(other), [undefined, undefined]);
});

test("WhatTheRowsSayAsAWholeIsSaidInWords", () => {
  const pair = { factors: ["button", "text"], levels: ["blue", "have"], bases: ["red", "buy"] };
  assert.equal(mainName({ factor: "button", level: "blue", base: "red" }), "button: blue instead of red");
  assert.equal(togetherName(pair), "button blue with text have: beyond both alone");
  assert.deepEqual(factorNotes({ main: [], interactions: [{ ...pair, lift: 0.1, p_value_corrected: 0.2 }] }),
    ["No two changes are shown to bring more or less together than apart."]);
  assert.deepEqual(factorNotes({ main: [], interactions: [{ ...pair, lift: 0.1, p_value_corrected: 0.01 }] }),
    ["button blue with text have bring more together than apart: choose among the variations themselves, not by single changes."]);
  assert.deepEqual(factorNotes({ main: [], interactions: [], missing: [["blue", "get"], ["blue", "have"]], missing_count: 4, untold_interactions: 2 }), [
    "No variation shows blue with get; blue with have; and 2 more: each change is compared where both of its variations are there.",
    "Of 2 pairs of changes nothing can be told together: a variation is missing."]);
  assert.deepEqual(factorNotes({ main: [], interactions: [{ ...pair, error: "variation d: fewer than 2 units" }] }), []);
});
