// Sums and words of campaigns. Pure; tested in tests/campaigns.test.ts.

import type { Recommendation, StatsDay } from "./campaign_types";
import { addDays, dayOf } from "./dates";
import type { View } from "./url";

export const objectives = [
  "Brand Awareness", "Lead Generation", "Sales", "Engagement", "Traffic", "App Installs",
] as const;
export const platforms = ["Instagram", "Facebook", "TikTok", "LinkedIn", "YouTube"] as const;

/** The days of a range, both included, in the site's time zone; from is "" for all time. */
export function daysOf(
  period: View["period"],
  nowMs: number,
  timeZone: string,
): { from: string; to: string } {
  if (typeof period === "object") return period;
  const today = dayOf(nowMs, timeZone);
  const back = { today: 0, yesterday: 1, "24h": 1, "7d": 6, "30d": 29, "90d": 89 };
  if (period === "all") return { from: "", to: "9999-12-31" };
  if (period === "12mo") {
    const [year, rest] = [Number(today.slice(0, 4)) - 1, today.slice(4)];
    // There is no 29 February in the year before: its day is 1 March.
    return { from: rest === "-02-29" ? `${year}-03-02` : addDays(`${year}${rest}`, 1), to: today };
  }
  const from = addDays(today, -back[period]);
  return { from, to: period === "yesterday" ? from : today };
}

export interface Sums {
  impressions: number;
  clicks: number;
  conversions: number;
  revenue: number;
  spend: number;
}

export const none: Sums = { impressions: 0, clicks: 0, conversions: 0, revenue: 0, spend: 0 };

export const plus = (left: Sums, right: Sums): Sums => ({
  impressions: left.impressions + right.impressions,
  clicks: left.clicks + right.clicks,
  conversions: left.conversions + right.conversions,
  revenue: left.revenue + right.revenue,
  spend: left.spend + right.spend,
});

/** The numbers of each campaign by its id, over the days from `from` to `to`, both included. */
export function sumsOf(rows: readonly StatsDay[], from: string, to: string): Map<string, Sums> {
  const all = new Map<string, Sums>();
  for (const row of rows) {
    if (row.day < from || row.day > to) continue;
    all.set(row.campaign_id, plus(all.get(row.campaign_id) ?? none, row));
  }
  return all;
}

export const clickRate = (of: Sums): number | null =>
  of.impressions > 0 ? of.clicks / of.impressions : null;

export const conversionRate = (of: Sums): number | null =>
  of.clicks > 0 ? of.conversions / of.clicks : null;

/** What came back for each unit spent, less the unit. */
export const roi = (of: Sums): number | null => (of.spend > 0 ? of.revenue / of.spend - 1 : null);

/** The chance of reaching the goal, in words. */
export function chanceWord(chance: number | null): string {
  if (chance === null) return "No return to judge: no campaign has both spend and revenue";
  if (chance >= 0.9) return "Very likely to reach the goal";
  if (chance >= 0.7) return "Likely to reach the goal";
  if (chance > 0.55) return "More likely than not to reach the goal";
  if (chance >= 0.45) return "As likely to reach the goal as to miss it";
  if (chance >= 0.1) return "Unlikely to reach the goal";
  return "Very unlikely to reach the goal";
}

export const basisWord = (row: Pick<Recommendation, "basis" | "n">): string => {
  const past = `${row.n ?? 0} past ${row.n === 1 ? "campaign" : "campaigns"} like it`;
  if (row.basis === "tenant_history") return `From your own history: ${past}`;
  if (row.basis === "prior_only")
    return `Only a prior: fewer than 5 campaigns with numbers, so little more than a guess (${past})`;
  return "Written by a person";
};

/** How many of the predictions held, and how many should have. */
export function coverageWords(what: string, count: number, held: number, level: number): string {
  if (count === 0) return `No ${what} to judge yet.`;
  const expected = Math.round(count * level);
  const predicted = count === 1 ? what : `${what}s`;
  return `Of ${count} predicted ${predicted}, ${held} came out inside the interval; about ${expected} should.`;
}
