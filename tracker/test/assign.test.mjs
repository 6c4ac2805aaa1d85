// GrowthBook's own cases for its SDKs, but for contextual bandits, which the page leaves to the server: the
// page must agree with everybody else.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { load, trackerDir } from "./load.mjs";

const data = process.env.ATTUNE_TEST_DATA ?? path.join(trackerDir, "../../shared/data");
const file = path.join(data, "growthbook_cases.json");
const cases = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).cases : null;
const skip = cases ? false : `no ${file}`;
const page = await load("assign");
const { fits } = await load("condition");

function each(name, count, check) {
  test(name, { skip }, () => {
    assert.equal(cases[name].length, count);
    for (const one of cases[name]) check(one);
  });
}

const open = (context, exposed = () => {}) =>
  page.evaluator(
    { features: context.features, savedGroups: context.savedGroups },
    { attributes: context.attributes ?? {}, url: context.url ?? "", forcedVariations: context.forcedVariations,
      enabled: context.enabled, qaMode: context.qaMode },
    exposed,
  );
const near = (made, wanted) => {
  assert.equal(made.length, wanted.length);
  made.forEach((range, i) => range.forEach((end, j) => assert.ok(Math.abs(end - wanted[i][j]) < 1e-9)));
};

each("hash", 15, ([seed, value, version, wanted]) => assert.equal(page.bucketOf(seed, value, version), wanted));
each("getBucketRange", 13, ([, [count, coverage, weights], wanted]) => near(page.bucketRanges(count, coverage, weights ?? undefined), wanted));
each("chooseVariation", 13, ([, bucket, ranges, wanted]) => assert.equal(page.chooseVariation(bucket, ranges), wanted));
each("inNamespace", 16, ([, id, namespace, wanted]) => assert.equal(page.inNamespace(id, namespace), wanted));
each("getQueryStringOverride", 16, ([, key, url, count, wanted]) => assert.equal(page.variationInQuery(key, url, count), wanted));
each("evalCondition", 248, ([name, condition, attributes, wanted, groups]) =>
  assert.equal(fits(condition, attributes, groups ?? {}), wanted, name));
each("run", 73, ([name, context, experiment, value, inExperiment, hashUsed]) => {
  let exposures = 0;
  const made = open(context, () => exposures++).run(experiment);
  assert.deepEqual([made.value, made.inExperiment, made.hashUsed], [value, inExperiment, hashUsed], name);
  assert.equal(exposures, hashUsed ? 1 : 0, name);
});
each("feature", 55, ([name, context, key, wanted]) => {
  if (context.contextualBandits) return;
  const { value, source } = open(context).feature(key);
  assert.deepEqual({ value, source }, { value: wanted.value, source: wanted.source }, name);
});

// [name, context, documents before, feature, assignment or null, documents after]
each("stickyBucket", 13, ([name, context, before, key, wanted, after]) => {
  const flat = (documents) =>
    Object.fromEntries(documents.map((one) => [`${one.attributeName}||${one.attributeValue}`, { ...one.assignments }]));
  const sticky = flat(before);
  let made = null;
  page.evaluator(
    { features: context.features, savedGroups: context.savedGroups },
    { attributes: context.attributes ?? {}, url: context.url ?? "", sticky },
    (_, assigned) => (made = assigned),
  ).feature(key);
  assert.equal(made?.key ?? null, wanted?.key ?? null, name);
  assert.equal(made?.hashAttribute, wanted?.hashAttribute, name);
  const own = Object.keys(flat(Object.values(after)));
  for (const id of own) assert.deepEqual(sticky[id], flat(Object.values(after))[id], name);
});

test("few of the feature cases are left out", { skip }, () => {
  assert.ok(cases.feature.filter(([, context]) => context.contextualBandits).length <= 5);
});
