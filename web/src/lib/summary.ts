// The answer to the question people come with, in one sentence: better or worse than before, and what
// made the difference. Pure; tested in tests/summary.test.ts.

import { change, count } from "./format";
import type { MetricValue, SourceRow } from "./types";
import { channelWord } from "./words";

export interface Mover {
  name: string;
  difference: number;
}

/**
 * The source that moved the total most in the direction the total went; null when none did more than
 * a tenth of it, because then there is no single reason to name.
 */
export function biggestMover(
  now: readonly SourceRow[],
  before: readonly SourceRow[],
): Mover | null {
  const differences = new Map<string, number>();
  for (const row of now) differences.set(row.name, row.sessions);
  for (const row of before)
    differences.set(row.name, (differences.get(row.name) ?? 0) - row.sessions);
  const total = [...differences.values()].reduce((sum, each) => sum + each, 0);
  if (total === 0) return null;
  let best: Mover | null = null;
  for (const [name, difference] of differences) {
    if (Math.sign(difference) !== Math.sign(total)) continue;
    if (!best || Math.abs(difference) > Math.abs(best.difference)) best = { name, difference };
  }
  return best && Math.abs(best.difference) >= Math.abs(total) / 10 ? best : null;
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

/** "Search made most of the difference: 98 more sessions." */
export function reason(mover: Mover | null): string | null {
  if (!mover) return null;
  const amount = Math.abs(mover.difference);
  const word = mover.difference > 0 ? "more" : "fewer";
  return `Largest part of the difference: ${channelWord(mover.name)}, ${count(amount)} ${word} ${
    amount === 1 ? "session" : "sessions"
  }.`;
}
