// Factors of a multivariate test, and the variations that follow from them: one for each way to take a
// level of each. Pure; tested in tests/factors.test.ts.

import { plural } from "./format";
import type { Factor, FactorVerdict, Interaction, MainEffect } from "./test_types";
import { evenShares, newVariation, type TestDraft, type VariationDraft } from "./tests";
import type { Json } from "./types";

/** As many variations as a test may have. */
export const variationsMax = 64;

export const productOf = (factors: readonly Factor[]): number =>
  factors.reduce((product, { levels }) => product * levels.length, 1);

/** Each way to take one level of each factor, by place; the last factor changes fastest. */
export function combinations(factors: readonly Factor[]): number[][] {
  return factors.reduce<number[][]>(
    (made, { levels }) => made.flatMap((each) => levels.map((_, at) => [...each, at])),
    [[]],
  );
}

const shownBy = (factors: readonly Factor[], places: readonly number[]): Record<string, string> =>
  Object.fromEntries(factors.map(({ name, levels }, at) => [name, levels[places[at] ?? 0] ?? ""]));

const nameOf = (factors: readonly Factor[], places: readonly number[]): string =>
  factors.map(({ levels }, at) => levels[places[at] ?? 0] ?? "").join(", ");

function levelsOf({ configuration }: VariationDraft): Record<string, Json> {
  const found = configuration["factors"];
  return typeof found === "object" && found !== null && !Array.isArray(found) ? found : {};
}

const shows = (variation: VariationDraft, levels: Record<string, string>): boolean => {
  const found = levelsOf(variation);
  const names = Object.keys(levels);
  return (
    Object.keys(found).length === names.length && names.every((name) => found[name] === levels[name])
  );
};

/** Stored variations in the order of `combinations`; as they are when they are not all of them. */
export function inProduct(factors: readonly Factor[], variations: VariationDraft[]): VariationDraft[] {
  if (factors.length === 0 || productOf(factors) !== variations.length) return variations;
  const sorted = combinations(factors).flatMap((places) => {
    const found = variations.find((each) => shows(each, shownBy(factors, places)));
    return found ? [found] : [];
  });
  return new Set(sorted).size === variations.length ? sorted : variations;
}

/** The variation that a combination of the new factors goes on from, if there is one. */
function formerOf(
  before: readonly Factor[],
  after: readonly Factor[],
  places: readonly number[],
  variations: readonly VariationDraft[],
): VariationDraft | undefined {
  const isNewAndChanged = after.some(
    ({ name }, at) => places[at] !== 0 && !before.some((each) => each.name === name),
  );
  if (before.length === 0 || isNewAndChanged) return undefined;
  const wanted = shownBy(after, places);
  const levels = Object.fromEntries(
    before.map(({ name, levels: [first = ""] }) => [name, wanted[name] ?? first]),
  );
  return variations.find((each) => shows(each, levels));
}

/**
 * What a change of the factors makes of a draft. A variation whose levels are still there, or were only
 * renamed, stays with its stored row and its configuration; the others are new. Without factors: two.
 */
export function withFactors(draft: TestDraft, factors: Factor[]): Partial<TestDraft> {
  const { factors: before = [], ...rest } = draft.design;
  if (factors.length === 0) {
    return { design: rest, variations: [newVariation("As it is", 50, true), newVariation("The new one", 50)] };
  }
  const isRenamed =
    before.length === factors.length &&
    before.every(({ levels }, at) => levels.length === factors[at]?.levels.length) &&
    draft.variations.length === productOf(before);
  const shares = evenShares(productOf(factors));
  const variations = combinations(factors).map((places, at): VariationDraft => {
    const former = isRenamed ? draft.variations[at] : formerOf(before, factors, places, draft.variations);
    const kept = former ?? newVariation("", 0);
    const wasOwn = former && former.name !== nameOf(before, isRenamed ? places : placesOf(before, former));
    return {
      ...kept,
      name: wasOwn ? kept.name : nameOf(factors, places),
      traffic_percentage: isRenamed ? kept.traffic_percentage : (shares[at] ?? 0),
      configuration: { ...kept.configuration, factors: shownBy(factors, places) },
    };
  });
  const control = Math.max(0, variations.findIndex((each) => each.is_control));
  return {
    design: { ...rest, factors },
    variations: variations.map((each, at) => ({ ...each, is_control: at === control })),
  };
}

function placesOf(factors: readonly Factor[], variation: VariationDraft): number[] {
  const shown = levelsOf(variation);
  return factors.map(({ name, levels }) => Math.max(0, levels.indexOf(String(shown[name]))));
}

/** A draft of another type; factors and what variations show of them belong to Multivariate alone. */
export function ofType(draft: TestDraft, test_type: string): Partial<TestDraft> {
  if (test_type === "Multivariate" || !draft.design.factors) return { test_type };
  const { factors: _, ...design } = draft.design;
  const variations = draft.variations.map((each) => {
    const { factors: __, ...configuration } = each.configuration;
    return { ...each, configuration };
  });
  return { test_type, design, variations };
}

/** "button: blue instead of red". */
export const mainName = ({ factor, level, base }: MainEffect): string => `${factor}: ${level} instead of ${base}`;

/** "button blue with text long". */
const pairName = ({ factors, levels }: Interaction): string =>
  factors.map((factor, at) => `${factor} ${levels[at]}`).join(" with ");

/** "button blue with text long: beyond both alone". */
export const togetherName = (pair: Interaction): string => `${pairName(pair)}: beyond both alone`;

/** What the rows of a test of several changes say as a whole, in sentences. */
export function factorNotes(verdict: FactorVerdict): string[] {
  const told = (verdict.interactions ?? []).filter((each) => each.lift !== undefined);
  const clear = told.filter((each) => (each.p_value_corrected ?? 1) < 0.05);
  const notes: string[] = [];
  if (clear.length > 0) {
    const said = clear.map((each) => `${pairName(each)} bring ${(each.lift ?? 0) > 0 ? "more" : "less"} together than apart`);
    notes.push(`${said.join("; ")}: choose among the variations themselves, not by single changes.`);
  } else if (told.length > 0) {
    notes.push("No two changes are shown to bring more or less together than apart.");
  }
  const { missing = [], missing_count: missed = 0, untold_interactions: untold = 0 } = verdict;
  if (missed > 0) {
    const names = missing.map((levels) => levels.join(" with ")).join("; ");
    const rest = missed > missing.length ? `; and ${missed - missing.length} more` : "";
    notes.push(`No variation shows ${names}${rest}: each change is compared where both of its variations are there.`);
  }
  if (untold > 0) {
    notes.push(`Of ${plural(untold, "pair")} of changes nothing can be told together: a variation is missing.`);
  }
  return notes;
}
