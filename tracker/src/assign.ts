// Who sees which variation: GrowthBook's evaluation (specification 0.8.0) of a site's payload, so that
// page, SDKs and server agree about everybody. No contextual bandits: rules with those are the server's
// and the SDKs'.
import { type Attributes, type Condition, type Groups, fits } from "./condition";

export interface Experiment {
  key: string;
  variations: any[];
  [member: string]: any;
}

export interface Assignment {
  key: string;
  inExperiment: boolean;
  hashUsed: boolean;
  variationId: number;
  value: any;
  hashAttribute: string;
  hashValue: any;
  passthrough?: boolean;
}

export interface Payload {
  features?: Record<string, any>;
  experiments?: Experiment[];
  savedGroups?: Groups;
}

/** What a person was given before: "attribute||value" to "test__version" to the variation's key. */
export type Sticky = Record<string, Record<string, string>>;

export interface Asker {
  attributes: Attributes;
  url: string;
  forcedVariations?: Record<string, number>;
  enabled?: boolean;
  qaMode?: boolean;
  /** Looked up and added to; without it nothing is sticky. */
  sticky?: Sticky;
}

function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

export function bucketOf(seed: string, value: string, version: number): number | null {
  if (version === 2) return (fnv32a(fnv32a(seed + value) + "") % 10000) / 10000;
  if (version === 1) return (fnv32a(value + seed) % 1000) / 1000;
  return null;
}

type Range = [number, number];

const within = (bucket: number, range: Range) => bucket >= range[0] && bucket < range[1];

export function inNamespace(value: string, [name, from, to]: [string, number, number]): boolean {
  return within(bucketOf("__" + name, value, 1)!, [from, to]);
}

export function bucketRanges(count: number, coverage = 1, weights?: number[]): Range[] {
  coverage = Math.min(1, Math.max(0, coverage));
  const sum = (weights || []).reduce((total, weight) => total + weight, 0);
  if (!weights || weights.length !== count || sum < 0.99 || sum > 1.01) {
    weights = count < 1 ? [] : Array(count).fill(1 / count);
  }
  let begin = 0;
  return weights!.map((weight) => {
    const from = begin;
    begin += weight;
    return [from, from + coverage * weight];
  });
}

export const chooseVariation = (bucket: number, ranges: Range[]): number =>
  ranges.findIndex((range) => within(bucket, range));

/** The variation that an address asks for by `?key=1`, for looking at it. */
export function variationInQuery(key: string, url: string, count: number): number | null {
  const query = (url.split("?")[1] || "").replace(/#.*/, "");
  for (const pair of query.split("&")) {
    const [name, value] = pair.split("=");
    if (name === key && /^\d+$/.test(value || "")) {
      const wanted = parseInt(value!, 10);
      return wanted < count ? wanted : null;
    }
  }
  return null;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function isSimpleTarget(actual: URL, pattern: string): boolean {
  try {
    const wanted = new URL(
      pattern.replace(/^([^:/?]*)\./i, "https://$1.").replace(/\*/g, "_____"),
      "https://_____",
    );
    const like = (have: string, want: string, isPath = false) => {
      let text = escaped(want).replace(/_____/g, ".*");
      if (isPath) text = "\\/?" + text.replace(/(^\/|\/$)/g, "") + "\\/?";
      return new RegExp("^" + text + "$", "i").test(have);
    };
    let good = like(actual.host, wanted.host) && like(actual.pathname, wanted.pathname, true);
    if (wanted.hash) good = good && like(actual.hash, wanted.hash);
    wanted.searchParams.forEach((value, key) => {
      good = good && like(actual.searchParams.get(key) || "", value);
    });
    return good;
  } catch {
    return false;
  }
}

function isRegexTarget(actual: URL, pattern: string): boolean {
  try {
    const regex = new RegExp(pattern.replace(/([^\\])\//g, "$1\\/"));
    return regex.test(actual.href) || regex.test(actual.href.slice(actual.origin.length));
  } catch {
    return false;
  }
}

export function isTargeted(
  url: string,
  targets: { include: boolean; type: string; pattern: string }[],
): boolean {
  if (!targets.length) return false;
  let actual: URL;
  try {
    actual = new URL(url, "https://_");
  } catch {
    return false;
  }
  let included = false;
  for (const { include, type, pattern } of targets) {
    const matches =
      type === "regex" ? isRegexTarget(actual, pattern) : isSimpleTarget(actual, pattern);
    if (matches && include === false) return false;
    included ||= matches && include !== false;
  }
  return included || targets.every((target) => target.include === false);
}

/** One person's view of a payload. */
export function evaluator(payload: Payload, asker: Asker, exposed: (e: Experiment, a: Assignment) => void) {
  const groups = payload.savedGroups || {};
  const asked: string[] = [];

  const idOf = (name = "id", otherwise?: string) => {
    const value = asker.attributes[name] || "";
    return value || !otherwise
      ? { name, value }
      : { name: otherwise, value: asker.attributes[otherwise] || "" };
  };
  const isSticky = (e: Experiment) => asker.sticky && !e.disableStickyBucketing;
  const idFor = (e: Experiment) => idOf(e.hashAttribute, isSticky(e) ? e.fallbackAttribute : "");

  /** The variation a person has: -1 for none; null when a version before the first that counts gave one. */
  const kept = (e: Experiment): number | null => {
    if (!isSticky(e)) return -1;
    const given: Record<string, string> = {};
    for (const name of [e.fallbackAttribute, e.hashAttribute || "id"]) {
      if (name) Object.assign(given, asker.sticky![name + "||" + asker.attributes[name]]);
    }
    for (let version = 0; version < (e.minBucketVersion || 0); version++) {
      if (given[e.key + "__" + version]) return null;
    }
    const key = given[e.key + "__" + (e.bucketVersion || 0)];
    return key ? (e.meta || []).findIndex((each: any) => each.key === key) : -1;
  };
  const holds = (condition: Condition | undefined) =>
    !condition || fits(condition, asker.attributes, groups);

  const filtered = (filters: any[]) =>
    filters.some((filter) => {
      const { value } = idOf(filter.attribute);
      if (!value) return true;
      const bucket = bucketOf(filter.seed, value + "", filter.hashVersion || 2);
      return bucket === null || !filter.ranges.some((range: Range) => within(bucket, range));
    });

  /** "open", or why not. */
  const prerequisites = (rule: any): "open" | "closed" | "blocks" | "cyclic" => {
    for (const parent of rule.parentConditions || []) {
      const found = feature(parent.id);
      if (found.source === "cyclicPrerequisite") return "cyclic";
      if (!fits(parent.condition || {}, { value: found.value }, groups)) {
        return parent.gate ? "blocks" : "closed";
      }
    }
    return "open";
  };

  const assignment = (e: Experiment, variation: number, hashUsed: boolean): Assignment => {
    const inExperiment = variation >= 0 && variation < e.variations.length;
    const index = inExperiment ? variation : 0;
    const meta = (e.meta && e.meta[index]) || {};
    const id = idFor(e);
    return {
      key: meta.key || "" + index,
      inExperiment,
      hashUsed,
      variationId: index,
      value: e.variations[index],
      hashAttribute: id.name,
      hashValue: id.value,
      passthrough: meta.passthrough,
    };
  };

  const run = (e: Experiment): Assignment => {
    const out = () => assignment(e, -1, false);
    const count = e.variations.length;
    if (count < 2 || asker.enabled === false) return out();
    const wanted = variationInQuery(e.key, asker.url, count);
    if (wanted !== null) return assignment(e, wanted, false);
    const forced = asker.forcedVariations?.[e.key];
    if (forced !== undefined) return assignment(e, forced, false);
    if (e.status === "draft" || e.active === false) return out();
    const { name, value } = idFor(e);
    if (!value) return out();
    const before = kept(e);
    const isKept = before !== null && before >= 0;
    // Whom it is for is not asked again of those who have it.
    if (!isKept) {
      if (e.filters ? filtered(e.filters) : e.namespace && !inNamespace(value + "", e.namespace)) {
        return out();
      }
      if (!holds(e.condition) || prerequisites(e) !== "open") return out();
    }
    if (e.urlPatterns && !isTargeted(asker.url, e.urlPatterns)) return out();
    const bucket = bucketOf(e.seed || e.key, value + "", e.hashVersion || 1);
    if (bucket === null || before === null) return out();
    const chosen = isKept
      ? before
      : chooseVariation(bucket, e.ranges || bucketRanges(count, e.coverage ?? 1, e.weights));
    if (chosen < 0) return out();
    if ("force" in e) return assignment(e, e.force ?? -1, false);
    if (asker.qaMode || e.status === "stopped") return out();
    const made = assignment(e, chosen, true);
    if (isSticky(e)) {
      (asker.sticky![name + "||" + value] ??= {})[e.key + "__" + (e.bucketVersion || 0)] = made.key;
    }
    exposed(e, made);
    return made;
  };

  const inRollout = (rule: any, key: string): boolean => {
    if (!rule.range && rule.coverage === undefined) return true;
    if (!rule.range && rule.coverage === 0) return false;
    const { value } = idOf(rule.hashAttribute);
    if (!value) return false;
    const bucket = bucketOf(rule.seed || key, value + "", rule.hashVersion || 1);
    if (bucket === null) return false;
    return rule.range ? within(bucket, rule.range) : bucket <= rule.coverage;
  };

  const feature = (key: string): { value: any; source: string } => {
    if (asked.includes(key)) return { value: null, source: "cyclicPrerequisite" };
    const found = payload.features?.[key];
    if (!found) return { value: null, source: "unknownFeature" };
    asked.push(key);
    try {
      for (const rule of found.rules || []) {
        const gate = prerequisites(rule);
        if (gate === "blocks") return { value: null, source: "prerequisite" };
        if (gate === "cyclic") return { value: null, source: "cyclicPrerequisite" };
        if (gate === "closed" || (rule.filters && filtered(rule.filters))) continue;
        if ("force" in rule) {
          if (!holds(rule.condition) || !inRollout(rule, key)) continue;
          return { value: rule.force, source: "force" };
        }
        if (!rule.variations) continue;
        const made = run({ ...rule, parentConditions: undefined, key: rule.key || key });
        if (!made.inExperiment || made.passthrough) continue;
        return { value: made.value, source: "experiment" };
      }
    } finally {
      asked.pop();
    }
    return { value: found.defaultValue === undefined ? null : found.defaultValue, source: "defaultValue" };
  };

  return { run, feature };
}
