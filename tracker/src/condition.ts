// Whether a person's attributes fit a condition: MongoDB's query language as GrowthBook's SDKs know
// it (specification 0.8.0), the same as the server's (src/experiment/condition.cpp).

export type Attributes = Record<string, any>;
export type Condition = Record<string, any>;
export type Groups = Record<string, unknown[]>;

const isObject = (value: unknown): value is Record<string, any> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const lower = (value: unknown) => (typeof value === "string" ? value.toLowerCase() : value);

/** A version as a text that sorts as versions do. */
function sortable(version: unknown): string {
  if (typeof version === "number") version = `${version}`;
  if (!version || typeof version !== "string") version = "0";
  const parts = (version as string).replace(/(^v|\+.*$)/g, "").split(/[-.]/);
  if (parts.length === 3) parts.push("~"); // a release comes after its previews
  return parts.map((part) => (/^[0-9]+$/.test(part) ? part.padStart(5, " ") : part)).join("-");
}

function at(attributes: Attributes, path: string): unknown {
  let value: any = attributes;
  for (const part of path.split(".")) {
    if (!(typeof value === "object" && value && part in value)) return null;
    value = value[part];
  }
  return value;
}

function isIn(actual: unknown, list: unknown, fold: boolean): boolean {
  if (!Array.isArray(list)) return false;
  const known = fold ? list.map(lower) : list;
  const has = (value: unknown) => known.includes(fold ? lower(value) : value);
  return Array.isArray(actual) ? actual.some(has) : has(actual);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function order(name: string, actual: any, expected: any): boolean {
  switch (name) {
    case "eq":
      return actual === expected;
    case "ne":
      return actual !== expected;
    case "lt":
      return actual < expected;
    case "lte":
      return actual <= expected;
    case "gt":
      return actual > expected;
    case "gte":
      return actual >= expected;
  }
  return false; // an operator that nobody knows fits nobody
}

function operatorFits(name: string, actual: any, expected: any, groups: Groups): boolean {
  const all = (fold: boolean) =>
    Array.isArray(expected) &&
    Array.isArray(actual) &&
    expected.every((each) => actual.some((value) => valueFits(each, value, groups, fold)));
  switch (name) {
    case "$in":
      return isIn(actual, expected, false);
    case "$ini":
      return isIn(actual, expected, true);
    case "$nin":
      return Array.isArray(expected) && !isIn(actual, expected, false);
    case "$nini":
      return Array.isArray(expected) && !isIn(actual, expected, true);
    case "$all":
      return all(false);
    case "$alli":
      return all(true);
    case "$inGroup":
      return isIn(actual, groups[expected] || [], false);
    case "$notInGroup":
      return !isIn(actual, groups[expected] || [], false);
    case "$not":
      return !valueFits(expected, actual, groups);
    case "$exists":
      return expected ? actual != null : actual == null;
    case "$size":
      return Array.isArray(actual) && valueFits(expected, actual.length, groups);
    case "$type":
      return typeOf(actual) === expected;
    case "$elemMatch":
      return (
        Array.isArray(actual) &&
        actual.some((each) =>
          isOperators(expected) ? valueFits(expected, each, groups) : fits(expected, each, groups),
        )
      );
    case "$regex":
    case "$regexi":
      try {
        return new RegExp(expected, name === "$regexi" ? "i" : "").test(actual);
      } catch {
        return false;
      }
  }
  return name.startsWith("$v")
    ? order(name.slice(2), sortable(actual), sortable(expected))
    : order(name.slice(1), actual, expected);
}

const isOperators = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length > 0 &&
  Object.keys(value).every((key) => key[0] === "$");

function valueFits(expected: any, actual: any, groups: Groups, fold = false): boolean {
  switch (typeof expected) {
    case "string":
      return fold ? lower(actual) === lower(expected) : actual + "" === expected;
    case "number":
      return actual * 1 === expected;
    case "boolean":
      return actual !== null && !!actual === expected;
  }
  if (expected === null) return actual === null;
  if (!isOperators(expected)) return JSON.stringify(actual) === JSON.stringify(expected);
  return Object.keys(expected).every((name) => operatorFits(name, actual, expected[name], groups));
}

export function fits(condition: Condition, attributes: Attributes, groups: Groups): boolean {
  return Object.keys(condition).every((key) => {
    const part = condition[key];
    const some = () =>
      !part.length || part.some((each: Condition) => fits(each, attributes, groups));
    if (key === "$or") return some();
    if (key === "$nor") return !some();
    if (key === "$and") return part.every((each: Condition) => fits(each, attributes, groups));
    if (key === "$not") return !fits(part, attributes, groups);
    return valueFits(part, at(attributes, key), groups);
  });
}
