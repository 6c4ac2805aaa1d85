import assert from "node:assert/strict";
import { test } from "node:test";
import * as dates from "../src/lib/dates";

test("OnlyRealDaysAreDays", () => {
  assert.ok(dates.isDay("2024-02-29"));
  for (const text of ["2026-02-29", "2026-13-01", "2026-1-1", "today", ""])
    assert.ok(!dates.isDay(text), text);
});

test("DaysAreAddedOverMonthsAndYears", () => {
  assert.equal(dates.addDays("2026-02-28", 1), "2026-03-01");
  assert.equal(dates.addDays("2026-01-01", -1), "2025-12-31");
  assert.equal(dates.daysBetween("2026-11-01", "2026-11-30"), 30);
  assert.equal(dates.daysBetween("2026-11-21", "2026-11-21"), 1);
});

test("TheDayOfAMomentIsTheSitesDay", () => {
  const ms = Date.parse("2026-11-20T23:30:00Z");
  assert.equal(dates.dayOf(ms, "UTC"), "2026-11-20");
  assert.equal(dates.dayOf(ms, "Europe/Berlin"), "2026-11-21");
  assert.equal(dates.dayOf(ms, "America/New_York"), "2026-11-20");
});

test("AMonthIsSixWeeksFromMonday", () => {
  const grid = dates.monthGrid("2026-11");
  assert.equal(grid.length, 6);
  assert.equal(grid[0]?.[0], "2026-10-26");
  assert.equal(grid[0]?.[6], "2026-11-01");
  assert.equal(grid[5]?.[6], "2026-12-06");
});

test("MonthsAreTurnedOverTheYear", () => {
  assert.equal(dates.addMonths("2026-01", -1), "2025-12");
  assert.equal(dates.addMonths("2026-12", 1), "2027-01");
});

test("ARangeSaysEveryPartOnce", () => {
  assert.equal(dates.rangeLabel("2026-11-21", "2026-11-21"), "21 Nov 2026");
  assert.equal(dates.rangeLabel("2026-11-01", "2026-11-30"), "1 – 30 Nov 2026");
  assert.equal(dates.rangeLabel("2026-09-23", "2026-11-21"), "23 Sep – 21 Nov 2026");
  assert.equal(dates.rangeLabel("2025-12-28", "2026-01-03"), "28 Dec 2025 – 3 Jan 2026");
});

test("PointsAreNamedByTheirInterval", () => {
  const ms = Date.parse("2026-11-21T13:00:00Z");
  assert.equal(dates.pointLabel(ms, "hour", "Europe/Berlin"), "Sat 21 Nov, 14:00");
  assert.equal(dates.pointLabel(ms, "day", "UTC"), "Sat 21 Nov 2026");
  assert.equal(dates.pointLabel(ms, "week", "UTC"), "Week of 21 Nov 2026");
  assert.equal(dates.pointLabel(ms, "month", "UTC"), "November 2026");
});

test("TheHourAfterMidnightIsNotTwentyFour", () => {
  assert.equal(dates.clock(Date.parse("2026-11-21T00:05:00Z"), "UTC"), "00:05");
});

test("MidnightOfALongRangeShowsTheDay", () => {
  const ms = Date.parse("2026-11-21T00:00:00Z");
  assert.equal(dates.tickLabel(ms, "hour", "UTC", true), "21 Nov");
  assert.equal(dates.tickLabel(ms, "hour", "UTC", false), "00:00");
});
