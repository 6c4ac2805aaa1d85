import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatsDay } from "../src/lib/campaign_types";
import {
  basisWord, chanceWord, clickRate, conversionRate, coverageWords, daysOf, none, roi, sumsOf,
} from "../src/lib/campaigns";

const now = Date.parse("2026-11-22T00:30:00Z");

test("DaysOfARangeAreThoseOfTheSitesClock", () => {
  assert.deepEqual(daysOf("7d", now, "UTC"), { from: "2026-11-16", to: "2026-11-22" });
  assert.deepEqual(daysOf("7d", now, "America/New_York"), { from: "2026-11-15", to: "2026-11-21" });
  assert.deepEqual(daysOf("today", now, "UTC"), { from: "2026-11-22", to: "2026-11-22" });
  assert.deepEqual(daysOf("yesterday", now, "UTC"), { from: "2026-11-21", to: "2026-11-21" });
  assert.deepEqual(daysOf("12mo", now, "UTC"), { from: "2025-11-23", to: "2026-11-22" });
  const leap = Date.parse("2028-02-29T12:00:00Z");
  assert.deepEqual(daysOf("12mo", leap, "UTC"), { from: "2027-03-02", to: "2028-02-29" });
  assert.equal(daysOf("all", now, "UTC").from, "");
  const two = { from: "2026-01-01", to: "2026-01-31" };
  assert.deepEqual(daysOf(two, now, "UTC"), two);
});

const day = (campaign_id: string, at: string, clicks: number): StatsDay => ({
  id: `${campaign_id}${at}`, campaign_id, day: at, impressions: 100, clicks, conversions: 1, revenue: 12.5, spend: 10,
});

test("SumsAreOfTheDaysOfTheRangeAlone", () => {
  const rows = [
    day("a", "2026-01-01", 5), day("a", "2026-01-02", 7), day("a", "2026-01-03", 9), day("b", "2026-01-02", 1),
  ];
  const sums = sumsOf(rows, "2026-01-02", "2026-01-03");
  assert.deepEqual(sums.get("a"), { impressions: 200, clicks: 16, conversions: 2, revenue: 25, spend: 20 });
  assert.equal(sums.get("b")?.clicks, 1);
  assert.equal(sumsOf(rows, "2027-01-01", "2027-01-02").size, 0);
});

test("RatesHaveNoValueWithoutWhatTheyAreOf", () => {
  const some = { impressions: 200, clicks: 16, conversions: 4, revenue: 25, spend: 20 };
  assert.equal(clickRate(some), 0.08);
  assert.equal(conversionRate(some), 0.25);
  assert.equal(roi(some), 0.25);
  for (const rate of [clickRate, conversionRate, roi]) assert.equal(rate(none), null);
});

test("ChanceBasisAndCoverageAreSaidInWords", () => {
  assert.match(chanceWord(0.95), /^Very likely/);
  assert.match(chanceWord(0.5), /^As likely/);
  assert.match(chanceWord(0.05), /^Very unlikely/);
  assert.match(chanceWord(null), /No return/);
  assert.match(basisWord({ basis: "tenant_history", n: 12 }), /own history: 12 past campaigns/);
  assert.match(basisWord({ basis: "prior_only", n: 1 }), /a guess \(1 past campaign like it\)/);
  assert.equal(
    coverageWords("click rate", 10, 9, 0.8),
    "Of 10 predicted click rates, 9 came out inside the interval; about 8 should.",
  );
  assert.match(coverageWords("return", 0, 0, 0.8), /No return to judge/);
});
