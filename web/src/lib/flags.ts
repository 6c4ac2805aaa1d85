// Flags as people edit them: a rule's condition as rows, what a rule says in one sentence, and values as
// they are typed. Pure; tested in tests/flags.test.ts.

import { percent } from "./format";
import type { Flag, FlagRule, Json } from "./types";

export interface ConditionRow {
  attribute: string;
  operator: string;
  value: string;
}

export const operators: Record<string, string> = {
  $eq: "is",
  $ne: "is not",
  $in: "is one of",
  $nin: "is none of",
  $gte: "is at least",
  $lte: "is at most",
  $regex: "matches",
  $vgte: "is version or newer",
  $inGroup: "is in the group",
  $notInGroup: "is not in the group",
  $exists: "is known",
};

/** What somebody typed, as JSON has it: true, 18, or the text. */
export function typed(text: string): Json {
  const plain = text.trim();
  if (plain === "true" || plain === "false") return plain === "true";
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(plain)) return Number(plain);
  return plain;
}

const shown = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The rows of a condition; null when it says more than rows can. */
export function rowsOf(condition: Record<string, Json> | undefined): ConditionRow[] | null {
  const rows: ConditionRow[] = [];
  for (const [attribute, want] of Object.entries(condition ?? {})) {
    if (attribute.startsWith("$")) return null;
    if (want === null || Array.isArray(want)) return null;
    if (typeof want !== "object") {
      rows.push({ attribute, operator: "$eq", value: shown(want) });
      continue;
    }
    const parts = Object.entries(want);
    if (parts.length === 0) return null;
    for (const [operator, value] of parts) {
      if (!(operator in operators)) return null;
      const simple = Array.isArray(value)
        ? value.every((each) => each === null || typeof each !== "object")
        : value === null || typeof value !== "object";
      if (!simple || (Array.isArray(value) && operator !== "$in" && operator !== "$nin"))
        return null;
      rows.push({
        attribute,
        operator,
        value: Array.isArray(value) ? value.map(shown).join(", ") : shown(value),
      });
    }
  }
  return rows;
}

/** The condition of rows; those without an attribute are not finished, and left out. */
export function conditionOf(rows: readonly ConditionRow[]): Record<string, Json> | undefined {
  const made: Record<string, Json> = {};
  for (const { attribute, operator, value } of rows) {
    if (!attribute.trim()) continue;
    const list = operator === "$in" || operator === "$nin";
    const want: Json = list
      ? value
          .split(",")
          .map((each) => typed(each))
          .filter((each) => each !== "")
      : operator === "$exists"
        ? value !== "false"
        : ["$regex", "$vgte", "$inGroup", "$notInGroup"].includes(operator)
          ? value
          : typed(value);
    const before = made[attribute.trim()];
    const known = before && typeof before === "object" && !Array.isArray(before) ? before : {};
    made[attribute.trim()] = { ...known, [operator]: want };
  }
  return Object.keys(made).length > 0 ? made : undefined;
}

function who(rule: FlagRule): string {
  const rows = rowsOf(rule.condition);
  if (rows === null) return "whom a longer condition fits";
  if (rows.length === 0) return "everybody";
  const said = rows.map((row) =>
    `${row.attribute} ${operators[row.operator]} ${row.operator === "$exists" ? "" : row.value}`.trim(),
  );
  return `those whose ${said.join(" and ")}`;
}

/** What a rule does, in one sentence. */
export function ruleSentence(rule: FlagRule): string {
  if (rule.test !== undefined) return `The test ${rule.test}, while it runs`;
  const people = rule.holdout ? `${who(rule)} but whom ${rule.holdout} keeps as they are` : who(rule);
  if (rule.variations) {
    const arms = rule.variations.map((value, n) => {
      const weight = rule.weights?.[n] ?? 1 / rule.variations!.length;
      return `${shown(value)} ${percent(weight)}`;
    });
    return `By chance for ${people}: ${arms.join(", ")}`;
  }
  const share = rule.coverage === undefined || rule.coverage === 1 ? "" : `${percent(rule.coverage)} of `;
  return `${shown(rule.force ?? null)} for ${share}${people}`;
}

/** What a flag does, for a list. */
export function flagSentence(flag: Flag): string {
  if (!flag.enabled) return "Off: code gets its own default";
  if (flag.rules.length === 0) return `${shown(flag.default_value)} for everybody`;
  const first = ruleSentence(flag.rules[0]!);
  const more = flag.rules.length > 1 ? `, and ${flag.rules.length - 1} more` : "";
  return `${first}${more}; else ${shown(flag.default_value)}`;
}

/** "country = DE" a line, as attributes. */
export function attributesOf(text: string): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const line of text.split(/[\n,;]+/)) {
    const [name, ...rest] = line.split("=");
    if (name?.trim() && rest.length > 0) made[name.trim()] = typed(rest.join("="));
  }
  return made;
}
