import assert from "node:assert/strict";
import { test } from "node:test";
import { attributesOf, conditionOf, flagSentence, rowsOf, ruleSentence, typed } from "../src/lib/flags";
import { percent } from "../src/lib/format";
import type { Flag } from "../src/lib/types";

test("ConditionsComeBackFromTheirRows", () => {
  const conditions = [
    { country: { $in: ["DE", "AT"] } },
    { age: { $gte: 18, $lte: 30 }, staff: { $eq: true } },
    { id: { $inGroup: "7", $notInGroup: "guests" } },
    { email: { $regex: "@shop\\.example$" }, plan: { $exists: true }, app: { $vgte: "1.2.0" } },
  ];
  for (const condition of conditions) {
    assert.deepEqual(conditionOf(rowsOf(condition)!), condition);
  }
  assert.deepEqual(conditionOf(rowsOf({ country: "DE" })!), { country: { $eq: "DE" } });
  assert.deepEqual(rowsOf(undefined), []);
  assert.equal(conditionOf([{ attribute: " ", operator: "$eq", value: "x" }]), undefined);
});

test("WhatRowsCannotSayIsLeftAlone", () => {
  for (const condition of [{ $or: [{ a: 1 }] }, { a: { $not: { $eq: 1 } } }, { a: [1, 2] }, { a: {} }, { a: null }]) {
    assert.equal(rowsOf(condition), null, JSON.stringify(condition));
  }
});

test("TypedTextBecomesWhatItLooksLike", () => {
  assert.deepEqual(["true", "18", "-0.5", "018", " DE ", ""].map(typed), [true, 18, -0.5, "018", "DE", ""]);
  assert.deepEqual(attributesOf("country = DE\nage=18; staff=true, nonsense"), { country: "DE", age: 18, staff: true });
});

test("RulesAndFlagsSaySoInASentence", () => {
  assert.equal(ruleSentence({ force: "large", coverage: 0.25, condition: { country: { $in: ["AT", "CH"] } } }),
    `large for ${percent(0.25)} of those whose country is one of AT, CH`);
  assert.equal(ruleSentence({ force: true }), "true for everybody");
  assert.equal(ruleSentence({ variations: ["a", "b"], weights: [0.9, 0.1] }), `By chance for everybody: a ${percent(0.9)}, b ${percent(0.1)}`);
  assert.equal(ruleSentence({ force: true, holdout: "held" }), "true for everybody but whom held keeps as they are");
  assert.equal(ruleSentence({ test: "checkout" }), "The test checkout, while it runs");
  const flag = { enabled: true, rules: [{ force: true, coverage: 0.5 }], default_value: false } as unknown as Flag;
  assert.equal(flagSentence(flag), `true for ${percent(0.5)} of everybody; else false`);
  assert.equal(flagSentence({ ...flag, enabled: false }), "Off: code gets its own default");
  assert.equal(flagSentence({ ...flag, rules: [] }), "false for everybody");
});
