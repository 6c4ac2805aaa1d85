import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, explain, withQuery } from "../src/lib/api";
import { toCsv } from "../src/lib/csv";
import { clockTicks, scaleFor } from "../src/lib/scale";
import { matching, parseSort, sorted, sortText } from "../src/lib/sort";
import { wilson } from "../src/lib/statistics";
import { biggestMover, headline, reason, wholeDays } from "../src/lib/summary";
import { channelWord, countryWord, eventWord } from "../src/lib/words";
import { toDomain } from "../src/screens/site_form";

const row = (name: string, sessions: number) => ({
  name,
  sessions,
  visitors: sessions,
  bounce_rate: null,
});

test("MissingValuesSortLastInBothDirections", () => {
  const values = [3, null, 1, 2];
  assert.deepEqual(
    sorted(values, (value) => value, false),
    [1, 2, 3, null],
  );
  assert.deepEqual(
    sorted(values, (value) => value, true),
    [3, 2, 1, null],
  );
});

test("TextSortsByTheNumbersInIt", () => {
  assert.deepEqual(
    sorted(["p10", "P9", "p1"], (value) => value, false),
    ["p1", "P9", "p10"],
  );
});

test("SortOrdersComeBackFromTheirText", () => {
  for (const text of ["visitors", "-visitors"]) assert.equal(sortText(parseSort(text)), text);
});

test("SearchFindsRowsWithEveryWord", () => {
  const rows = ["Oak board", "Bread board", "Oak bowl"];
  assert.deepEqual(
    matching(rows, (each) => each, "BOARD oak"),
    ["Oak board"],
  );
  assert.equal(matching(rows, (each) => each, "  ").length, 3);
});

test("CsvQuotesWhatNeedsIt", () => {
  assert.equal(
    toCsv(
      ["a", "b"],
      [
        ['say "hi", you', 1.5],
        [null, "x\ny"],
      ],
    ),
    'a,b\r\n"say ""hi"", you",1.5\r\n,"x\ny"\r\n',
  );
});

test("CsvCellsAreNeverFormulas", () => {
  assert.equal(toCsv(["a"], [["=1+1"], ["@x"], [-3]]), "a\r\n'=1+1\r\n'@x\r\n-3\r\n");
});

test("ChartLinesAreRoundAndLeaveLittleRoom", () => {
  assert.deepEqual(scaleFor(405), { step: 150, lines: 3 });
  assert.deepEqual(scaleFor(1_000), { step: 250, lines: 4 });
  assert.deepEqual(scaleFor(0), { step: 1, lines: 4 });
  for (let max = 1; max < 5_000; max += 7) {
    const { step, lines } = scaleFor(max);
    assert.ok(step * lines >= max, `room for ${max}`);
    assert.ok(
      max < 10 || step * lines <= max * 1.34,
      `not too much room above ${max}: ${step * lines}`,
    );
  }
});

test("ChartLinesAreAtWholeNumbers", () => {
  for (let max = 1; max < 200; max++) assert.ok(Number.isInteger(scaleFor(max).step), String(max));
});

test("HoursAreLabelledAtRoundTimes", () => {
  const hours = Array.from({ length: 48 }, (_, index) => (index % 24) * 60);
  assert.deepEqual(clockTicks(hours, 100).length, 48);
  assert.deepEqual(clockTicks(hours, 10), [0, 6, 12, 18, 24, 30, 36, 42]);
  assert.deepEqual(clockTicks(hours, 3), [0, 24]);
  const fromNoon = Array.from({ length: 30 }, (_, index) => ((index + 12) % 24) * 60);
  assert.deepEqual(clockTicks(fromNoon, 3), [0, 12, 24], "noon, midnight, noon");
  assert.deepEqual(clockTicks(fromNoon, 2), [12], "midnight");
});

test("AnHourThatComesTwiceIsNotANewDay", () => {
  // The night when clocks go back: 00:00, 01:00, 02:00, 02:00, 03:00.
  assert.deepEqual(clockTicks([0, 60, 120, 120, 180], 2), [0, 4]);
});

test("TheIntervalOfARateHasThePublishedValues", () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3.
  const cases: [number, number, number, number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ];
  for (const [successes, trials, low, high] of cases) {
    const interval = wilson(successes, trials);
    assert.ok(
      interval && Math.abs(interval.low - low) < 5e-5 && Math.abs(interval.high - high) < 5e-5,
      `${successes}/${trials}`,
    );
  }
  assert.equal(wilson(0, 0), null);
});

test("TheHeadlineComparesVisitors", () => {
  assert.equal(
    headline({ value: 112, previous: 100 })?.replace("\u202f", " "),
    "12 % more visitors than in the period before.",
  );
  assert.equal(
    headline({ value: 88, previous: 100 })?.replace("\u202f", " "),
    "12 % fewer visitors than in the period before.",
  );
  assert.equal(headline({ value: 5, previous: 0 }), "There were no visitors in the period before.");
  assert.equal(headline({ value: 0, previous: 0 }), null);
  assert.equal(headline({ value: 5, previous: null }), null);
});

test("TheReasonIsTheSourceThatMovedMostTheSameWay", () => {
  const mover = biggestMover(
    [row("search", 200), row("direct", 40)],
    [row("search", 100), row("direct", 60)],
    1,
  );
  assert.deepEqual(mover, { name: "search", difference: 100 });
  assert.equal(reason(mover), "Above all Search: 100 more sessions.");
});

test("ASourceThatVanishedIsAReason", () => {
  const mover = biggestMover([row("search", 100)], [row("search", 100), row("email", 30)], -1);
  assert.equal(reason(mover), "Above all Email: 30 fewer sessions.");
});

test("WithoutADifferenceThereIsNoReason", () => {
  assert.equal(biggestMover([row("search", 5)], [row("direct", 5)], 1), null);
});

test("AReasonAgainstTheDirectionIsNone", () => {
  // More visitors, but fewer sessions from everywhere: no source explains the growth.
  assert.equal(biggestMover([row("search", 5)], [row("search", 9)], 1), null);
});

test("SourcesAreComparedOverWholeDays", () => {
  const range = { from: "2026-11-15", to: "2026-11-21" };
  const previous = { from: "2026-11-08", to: "2026-11-14" };
  assert.deepEqual(wholeDays(range, previous, "2026-11-22"), { now: range, before: previous });
  assert.deepEqual(wholeDays(range, previous, "2026-11-21"), {
    now: { from: "2026-11-15", to: "2026-11-20" },
    before: { from: "2026-11-08", to: "2026-11-13" },
  });
  assert.deepEqual(wholeDays(range, previous, "2026-11-16"), {
    now: { from: "2026-11-15", to: "2026-11-15" },
    before: { from: "2026-11-08", to: "2026-11-08" },
  });
  assert.equal(wholeDays(range, previous, "2026-11-15"), null);
});

test("ErrorsOfAFieldNameTheField", () => {
  const of = (message: string, field: string | null) =>
    explain(new ApiError(400, "invalid_argument", message, field));
  assert.equal(
    of("must be three capital letters", "currency"),
    "Currency must be three capital letters",
  );
  assert.equal(of("must be an IANA time zone", "timezone"), "Time zone must be an IANA time zone");
  assert.equal(of("no such site", "site"), "No such site");
  assert.equal(of("the database is busy", null), "The database is busy");
});

test("EmptyParametersStayOutOfTheAddress", () => {
  assert.equal(withQuery("/a", { b: 1, c: null, d: undefined, e: "", f: "x y" }), "/a?b=1&f=x+y");
  assert.equal(withQuery("/a", {}), "/a");
});

test("WhatPeoplePasteBecomesADomain", () => {
  assert.equal(toDomain(" https://www.Shop.example/cart?x=1 "), "shop.example");
  assert.equal(toDomain("localhost:8080"), "localhost:8080");
});

test("NamesBecomeWords", () => {
  assert.equal(channelWord("ai"), "AI assistants");
  assert.equal(channelWord(""), "Direct");
  assert.equal(eventWord("cart_add"), "Added to cart");
  assert.equal(eventWord("newsletter_signup"), "Newsletter signup");
  assert.equal(countryWord("DE"), "Germany");
  assert.equal(countryWord(null), "");
});
