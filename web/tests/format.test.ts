import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../src/lib/format";

const plain = (text: string): string => text.replaceAll("\u202f", " ");

test("CountsAreExactBelowTenThousandAndShortAbove", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [7, "7"],
    [1_284, "1,284"],
    [9_999, "9,999"],
    [10_000, "10k"],
    [12_849, "12.8k"],
    [999_949, "999.9k"],
    [999_950, "1 M"],
    [3_449_999, "3.4 M"],
    [999_950_000, "1 bn"],
    [-12_849, "-12.8k"],
  ];
  for (const [value, text] of cases) assert.equal(plain(format.count(value)), text, String(value));
});

test("SharesKeepOneDigitWhereItSaysSomething", () => {
  const cases: [number, string][] = [
    [0, "0 %"],
    [0.413, "41.3 %"],
    [0.5, "50 %"],
    [1, "100 %"],
    [0.9996, "100 %"],
    [0.0004, "<0.1 %"],
    [0.0016, "0.2 %"],
  ];
  for (const [value, text] of cases)
    assert.equal(plain(format.percent(value)), text, String(value));
});

test("DurationsAreReadAsMinutesAndHours", () => {
  assert.equal(format.duration(0), "0s");
  assert.equal(format.duration(59.4), "59s");
  assert.equal(format.duration(59.6), "1m 00s");
  assert.equal(format.duration(134), "2m 14s");
  assert.equal(format.duration(3_900), "1h 05m");
});

test("MoneyShowsCentsOnlyWhereTheyMatter", () => {
  assert.equal(format.money(9.5, "EUR"), "€9.50");
  assert.equal(format.money(9, "EUR"), "€9");
  assert.equal(format.money(1_284.4, "EUR"), "€1,284");
  assert.equal(format.money(37_900, "EUR"), "€37.9k");
  assert.equal(plain(format.money(3_400_000, "USD")), "$3.4 M");
  assert.equal(format.exactMoney(1_284.4, "EUR"), "€1,284.40");
});

test("AnUnknownCurrencyIsABareNumber", () => {
  assert.equal(format.money(12.5, "no currency"), "12.50");
});

test("BytesAreBinary", () => {
  assert.equal(plain(format.bytes(812)), "812 B");
  assert.equal(plain(format.bytes(1_024)), "1 KiB");
  assert.equal(plain(format.bytes(88_213_044)), "84.1 MiB");
});

test("AChangeSaysDirectionAndWhetherItIsGood", () => {
  assert.deepEqual(format.change(112, 100), { text: "12\u202f%", direction: "up", tone: "better" });
  assert.deepEqual(format.change(88, 100), { text: "12\u202f%", direction: "down", tone: "worse" });
  assert.equal(format.change(0.4, 0.5, { lowerIsBetter: true })?.tone, "better");
  assert.equal(format.change(0.6, 0.5, { lowerIsBetter: true })?.tone, "worse");
  assert.equal(format.change(5, 5)?.tone, "neutral");
});

test("AChangeFromZeroHasNoPercentage", () => {
  assert.equal(format.change(5, 0)?.text, "from 0");
  assert.equal(format.change(0, 0)?.direction, "same");
});

test("AHugeChangeIsAFactor", () => {
  assert.equal(format.change(5_000, 100)?.text, "50×");
});

test("WithoutAValueThereIsNoChange", () => {
  assert.equal(format.change(null, 1), null);
  assert.equal(format.change(1, null), null);
});

test("AgoGrowsCoarser", () => {
  const now = 1_000_000_000;
  assert.equal(format.ago(now, now), "now");
  assert.equal(format.ago(now - 5_000, now), "5 s ago");
  assert.equal(format.ago(now - 125_000, now), "2 min ago");
  assert.equal(format.ago(now - 7_200_000, now), "2 h ago");
  assert.equal(format.ago(now - 86_400_000, now), "1 day ago");
  assert.equal(format.ago(now + 60_000, now), "now");
});

test("SmallNumbersKeepTwoDigitsThatSaySomething", () => {
  assert.equal(format.small(0), "0");
  assert.equal(format.small(0.42), "0.42");
  assert.equal(format.small(0.00314), "0.0031");
});
