import assert from "node:assert/strict";
import { test } from "node:test";
import { href, parse, rangeQuery, toScreen, type View, withOption } from "../src/lib/url";

const read = (address: string): View => parse(new URL(address, "http://localhost"));

test("AnEmptyAddressIsTheOverviewOfSevenDays", () => {
  assert.deepEqual(read("/"), {
    screen: "overview",
    site: null,
    period: "7d",
    compare: true,
    options: {},
  });
});

test("EveryViewComesBackFromItsAddress", () => {
  const addresses = [
    "/overview",
    "/realtime?site=shop.example",
    "/overview?site=shop.example&period=30d&compare=none&metric=revenue",
    "/recommendations?site=a.b&from=2026-11-01&to=2026-11-20&try.item=p+1%262",
  ];
  for (const address of addresses) assert.equal(href(read(address)), address);
});

test("WrongPartsFallBackToTheDefaults", () => {
  const view = read("/nothing?period=century&from=2026-02-30&to=2026-03-01");
  assert.equal(view.screen, "overview");
  assert.equal(view.period, "7d");
});

test("ARangeThatEndsBeforeItBeginsIsNoRange", () => {
  assert.equal(read("/overview?from=2026-11-02&to=2026-11-01").period, "7d");
});

test("DefaultsAreLeftOutOfTheAddress", () => {
  assert.equal(href(read("/overview?period=7d&compare=previous")), "/overview");
});

test("AnotherScreenKeepsSiteAndRangeOnly", () => {
  const view = read("/overview?site=a.b&period=30d&metric=revenue");
  assert.equal(href(toScreen(view, "realtime")), "/realtime?site=a.b&period=30d");
});

test("OptionsAreSetAndTakenOut", () => {
  const view = withOption(read("/overview"), "metric", "revenue");
  assert.equal(href(view), "/overview?metric=revenue");
  assert.equal(href(withOption(view, "metric", null)), "/overview");
});

test("TheApiIsAskedForAPeriodOrForDays", () => {
  assert.deepEqual(rangeQuery(read("/overview?period=30d")), { period: "30d" });
  assert.deepEqual(rangeQuery(read("/overview?from=2026-11-01&to=2026-11-02")), {
    from: "2026-11-01",
    to: "2026-11-02",
  });
});
