// The answer to the question people come with, in one sentence: better or worse than before, and what
// made the difference. Pure; tested in tests/summary.test.ts.

import { addDays, daysBetween } from "./dates";
import { change, count } from "./format";
import type { DayRange, MetricValue, SourceRow } from "./types";
import { channelWord } from "./words";

export interface Mover {
  name: string;
  difference: number;
}

/**
 * The source that moved most in the direction everything went; null when none did more than a tenth of
 * the whole difference, because then there is no single reason to name.
 *
 * direction  of the number that is being explained: 1 when it grew, -1 when it fell.
 */
export function biggestMover(
  now: readonly SourceRow[],
  before: readonly SourceRow[],
  direction: number,
): Mover | null {
  const differences = new Map<string, number>();
  for (const row of now) differences.set(row.name, row.sessions);
  for (const row of before) {
    differences.set(row.name, (differences.get(row.name) ?? 0) - row.sessions);
  }
  const total = [...differences.values()].reduce((sum, each) => sum + each, 0);
  if (before.length === 0) return null; // everything is new: that is no reason
  if (total === 0 || Math.sign(total) !== direction) return null;
  let best: Mover | null = null;
  for (const [name, difference] of differences) {
    if (Math.sign(difference) !== direction) continue;
    if (!best || Math.abs(difference) > Math.abs(best.difference)) best = { name, difference };
  }
  return best && Math.abs(best.difference) >= Math.abs(total) / 10 ? best : null;
}

/**
 * The days of a range and of the one before it that may be compared by source: whole ones only, because a
 * day that is not over would make every source look smaller. Null when no whole day is left.
 */
export function wholeDays(
  range: DayRange,
  previous: DayRange,
  today: string,
): { now: DayRange; before: DayRange } | null {
  if (range.to < today) return { now: range, before: previous };
  if (range.from >= today) return null;
  const left = daysBetween(range.from, today) - 2; // after the first of the days before today
  return {
    now: { from: range.from, to: addDays(range.from, left) },
    before: { from: previous.from, to: addDays(previous.from, left) },
  };
}

/** "12 % more visitors than in the period before", or null when there is nothing to compare. */
export function headline(visitors: MetricValue | undefined): string | null {
  if (!visitors || visitors.value === null || visitors.previous === null) return null;
  const difference = change(visitors.value, visitors.previous);
  if (!difference) return null;
  if (visitors.previous === 0)
    return visitors.value === 0 ? null : "There were no visitors in the period before.";
  if (difference.direction === "same") return "As many visitors as in the period before.";
  if (difference.text.endsWith("×"))
    return `${difference.text} as many visitors as in the period before.`;
  const word = difference.direction === "up" ? "more" : "fewer";
  return `${difference.text} ${word} visitors than in the period before.`;
}

/** "Above all Search: 98 more sessions." */
export function reason(mover: Mover | null): string | null {
  if (!mover) return null;
  const amount = Math.abs(mover.difference);
  const word = mover.difference > 0 ? "more" : "fewer";
  const sessions = amount === 1 ? "session" : "sessions";
  return `Above all ${channelWord(mover.name)}: ${count(amount)} ${word} ${sessions}.`;
}
