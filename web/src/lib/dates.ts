// Days as text ("2026-11-21") and their words. A site's days are days of its own time zone, so no
// function here uses the zone of the browser. Pure; tested in tests/dates.test.ts.

import type { Interval } from "./types";

export const periods = ["today", "yesterday", "24h", "7d", "30d", "90d", "12mo", "all"] as const;
export type Period = (typeof periods)[number];

export const periodLabels: Record<Period, string> = {
  today: "Today",
  yesterday: "Yesterday",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
  "12mo": "Last 12 months",
  all: "All time",
};

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = `${JSON.stringify(options)} ${timeZone}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
    formats.set(key, found);
  }
  return found;
}

/** Some versions of the locale data write September with four letters, others with three: three. */
const format = (ms: number, timeZone: string, options: Intl.DateTimeFormatOptions): string =>
  formatter(options, timeZone)
    .format(ms)
    .replace(/\bSept\b/, "Sep");

const dayToUtc = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const utcToDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Whether `text` is a real day: "2026-02-30" is not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = dayToUtc(text);
  return Number.isFinite(ms) && utcToDay(ms) === text;
}

export function addDays(day: string, days: number): string {
  return utcToDay(dayToUtc(day) + days * dayMs);
}

/** How many days from `from` to `to`, both counted. */
export function daysBetween(from: string, to: string): number {
  return Math.round((dayToUtc(to) - dayToUtc(from)) / dayMs) + 1;
}

/** The day of the moment `ms` in `timeZone`. */
export function dayOf(ms: number, timeZone: string): string {
  const parts = formatter(
    { year: "numeric", month: "2-digit", day: "2-digit" },
    timeZone,
  ).formatToParts(ms);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/** The days of a month as weeks from Monday to Sunday, with the neighbours' days that fill them. */
export function monthGrid(month: string): string[][] {
  const first = `${month}-01`;
  const weekday = (new Date(dayToUtc(first)).getUTCDay() + 6) % 7;
  const start = addDays(first, -weekday);
  const weeks: string[][] = [];
  for (let week = 0; week < 6; week++) {
    weeks.push(Array.from({ length: 7 }, (_, day) => addDays(start, week * 7 + day)));
  }
  return weeks;
}

export function addMonths(month: string, months: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return utcToDay(Date.UTC(year, number - 1 + months, 1)).slice(0, 7);
}

export const monthLabel = (month: string): string =>
  format(dayToUtc(`${month}-01`), "UTC", { month: "long", year: "numeric" });

/** "21 Nov 2026". */
export const dayLabel = (day: string): string =>
  format(dayToUtc(day), "UTC", { day: "numeric", month: "short", year: "numeric" });

/** "1 – 30 Nov 2026", "28 Dec 2025 – 3 Jan 2026", "21 Nov 2026". */
export function rangeLabel(from: string, to: string): string {
  if (from === to) return dayLabel(from);
  const short = (options: Intl.DateTimeFormatOptions): string =>
    format(dayToUtc(from), "UTC", options);
  if (from.slice(0, 7) === to.slice(0, 7)) return `${short({ day: "numeric" })} – ${dayLabel(to)}`;
  if (from.slice(0, 4) === to.slice(0, 4)) {
    return `${short({ day: "numeric", month: "short" })} – ${dayLabel(to)}`;
  }
  return `${dayLabel(from)} – ${dayLabel(to)}`;
}

const weekday = (ms: number, timeZone: string): string =>
  format(ms, timeZone, { weekday: "short" });

/** How a point of a series is called in full: on hover, in tables. */
export function pointLabel(ms: number, interval: Interval, timeZone: string): string {
  switch (interval) {
    case "minute":
    case "hour": {
      const day = format(ms, timeZone, { day: "numeric", month: "short" });
      return `${weekday(ms, timeZone)} ${day}, ${clock(ms, timeZone)}`;
    }
    case "day":
      return `${weekday(ms, timeZone)} ${dayLabel(dayOf(ms, timeZone))}`;
    case "week":
      return `Week of ${format(ms, timeZone, { day: "numeric", month: "short", year: "numeric" })}`;
    case "month":
      return format(ms, timeZone, { month: "long", year: "numeric" });
  }
}

/** How a point is called under the axis, where room is short. */
export function tickLabel(
  ms: number,
  interval: Interval,
  timeZone: string,
  spansDays: boolean,
): string {
  switch (interval) {
    case "minute":
    case "hour":
      if (spansDays && clock(ms, timeZone) === "00:00") {
        return format(ms, timeZone, { day: "numeric", month: "short" });
      }
      return clock(ms, timeZone);
    case "day":
    case "week":
      return format(ms, timeZone, { day: "numeric", month: "short" });
    case "month":
      return format(ms, timeZone, { month: "short", year: "2-digit" }).replace(" ", " ’");
  }
}

/** "14:05". */
export const clock = (ms: number, timeZone: string): string =>
  format(ms, timeZone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Minutes after midnight in `timeZone`. */
export function minuteOfDay(ms: number, timeZone: string): number {
  const [hours = 0, minutes = 0] = clock(ms, timeZone).split(":").map(Number);
  return hours * 60 + minutes;
}

/** "14:05:09". */
export const clockSeconds = (ms: number, timeZone: string): string =>
  format(ms, timeZone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** "21 Nov 2026, 14:05". */
export const momentLabel = (ms: number, timeZone: string): string =>
  `${format(ms, timeZone, { day: "numeric", month: "short", year: "numeric" })}, ${clock(ms, timeZone)}`;
