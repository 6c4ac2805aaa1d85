// The rarer fields of a test's form in a real browser: factors, namespace, holdout, sticky buckets, correction and
// CUPED, with what the server refuses said at its field; and the list, which asks once for all tests.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, startAttune, waitFor } from "./harness.mjs";

const metrics = [{ name: "bought", kind: "conversion", event: "purchase" }];

describe("the form of a test", { timeout: 240_000 }, () => {
  let attune;
  let browser;
  let site;
  let page;
  let id;
  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    site = await attune.addSite({ domain: "shop.example" });
    await attune.api("POST", "/api/v1/meta_user_profiles", {});
    page = await browser.newPage();
    await attune.signIn(page, "/tests?site=shop.example");
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  async function make(name, more = {}) {
    const made = await attune.api("POST", "/api/v1/ab_tests", {
      name, site_id: site.id, primary_metric: "bought", ...more, design: { metrics, ...more.design } });
    for (const [variation_id, is_control] of [["all", true], ["none", false]])
      await attune.api("POST", "/api/v1/test_variations", { ab_test_id: made.id, variation_id, name: variation_id, is_control });
    return made.id;
  }
  const start = (test) => attune.api("POST", `/api/v1/ab_tests/${test}/start`, {});
  const stored = () => attune.api("GET", `/api/v1/ab_tests/${id}`);
  const variations = async () => (await attune.api("GET", `/api/v1/test_variations?ab_test_id=${id}`)).test_variations;
  const payload = async () => (await fetch(`${attune.url}/growthbook/api/features/${site.id}`)).json();
  const advanced = () => page.locator("details", { has: page.getByText("Who takes part, and when it ends") });
  const numbers = () => page.locator("details", { has: page.getByText("How the numbers are made") });
  async function open(details) {
    if (!(await details().evaluate((each) => each.open))) await details().locator("summary").first().click();
  }
  /** Presses a button that stores the draft, and waits until it is stored. */
  async function save(name) {
    const done = page.waitForResponse((answer) => /\/api\/v1\/ab_tests(\/[0-9a-f-]{36})?$/.test(answer.url()) && answer.request().method() !== "GET");
    await page.getByRole("button", { name, exact: true }).click();
    return (await done).status();
  }
  async function tryToStart() {
    await page.getByRole("button", { name: "Start…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Start", exact: true }).click();
  }

  test("a factor's levels make the variations, and the rest is stored as it was set", async () => {
    await start(await make("Nobody sees anything"));
    await page.goto(`${attune.url}/tests?site=shop.example&test=new`);
    await page.getByLabel("Name", { exact: true }).fill("Button and text");
    await page.getByLabel("What differs").selectOption("Multivariate");
    await page.getByRole("button", { name: "Add a factor" }).click();
    const first = page.getByRole("group", { name: "Factor 1" });
    await first.getByLabel("Factor", { exact: true }).fill("button");
    await first.getByLabel("Levels, one a line").fill("red");
    await page.getByText("Give each factor two levels or more.").waitFor();
    await first.getByLabel("Levels, one a line").press("End");
    await first.getByLabel("Levels, one a line").pressSequentially("\nblue");
    await page.getByText("2 levels: 2 variations.").waitFor();
    await page.getByRole("button", { name: "Add a factor" }).click();
    const second = page.getByRole("group", { name: "Factor 2" });
    await second.getByLabel("Factor", { exact: true }).fill("text");
    await second.getByLabel("Levels, one a line").fill("buy\nget\nhave");
    await page.getByText("2 × 3 levels: 6 variations.").waitFor();
    assert.equal(await page.getByRole("group", { name: /^Variation \d$/ }).count(), 6);
    assert.equal(await page.getByRole("group", { name: "Variation 5" }).getByLabel("Variation", { exact: true }).inputValue(), "blue, get");
    assert.equal(await page.getByRole("button", { name: "Add a variation" }).count(), 0);

    await open(advanced);
    await advanced().getByLabel("Namespace").fill("cart");
    await advanced().getByLabel("From, %").fill("10");
    await advanced().getByLabel("To, %").fill("60");
    await advanced().getByLabel("Kept out of it").selectOption("nobody-sees-anything");
    await advanced().getByLabel("Who was given a variation keeps it").check();
    await open(numbers);
    await numbers().getByLabel("Several metrics and variations: corrected by").selectOption("bh");
    await numbers().getByLabel("Days looked back (CUPED)").fill("3.5");
    await auditAccessibility(page, "the form of a multivariate test");
    await assertNoOverflow(page, "the form of a multivariate test");
    await save("Save the draft");
    await page.waitForURL(/test=[0-9a-f-]{36}/);
    id = new URL(page.url()).searchParams.get("test");
    await page.getByText("2 × 3 levels: 6 variations.").waitFor();
    assert.deepEqual((await stored()).design, {
      metrics, namespace: { id: "cart", range: [0.1, 0.6] }, holdout: "nobody-sees-anything", sticky: true,
      correction: "bh", cuped_days: 3.5,
      factors: [{ name: "button", levels: ["red", "blue"] }, { name: "text", levels: ["buy", "get", "have"] }] });
    const rows = await variations();
    assert.deepEqual(rows.map((row) => row.name).sort(), ["blue, buy", "blue, get", "blue, have", "red, buy", "red, get", "red, have"]);
    assert.deepEqual(rows.find((row) => row.name === "blue, get").configuration, { factors: { button: "blue", text: "get" } });
    assertNoProblems(page);
  });

  test("a stored test comes back with every field, and a renamed level keeps its rows", async () => {
    await page.reload();
    await page.getByText("2 × 3 levels: 6 variations.").waitFor();
    assert.equal(await page.getByRole("group", { name: "Factor 2" }).getByLabel("Levels, one a line").inputValue(), "buy\nget\nhave");
    await open(advanced);
    assert.equal(await advanced().getByLabel("Namespace").inputValue(), "cart");
    assert.equal(await advanced().getByLabel("To, %").inputValue(), "60");
    await advanced().locator('select:has(option[value="nobody-sees-anything"])').waitFor();
    assert.equal(await advanced().getByLabel("Kept out of it").inputValue(), "nobody-sees-anything");
    assert.equal(await advanced().getByLabel("Who was given a variation keeps it").isChecked(), true);
    assert.equal(await numbers().getByLabel("Days looked back (CUPED)").inputValue(), "3.5", "it is open, as it says something");
    const before = new Map((await variations()).map((row) => [row.name, row.id]));
    await page.getByRole("group", { name: "Factor 2" }).getByLabel("Levels, one a line").fill("buy\ntake\nhave");
    assert.equal(await save("Save the draft"), 200);
    await page.getByText("Saved as a draft").waitFor();
    const after = new Map((await variations()).map((row) => [row.name, row.id]));
    assert.equal(after.get("blue, take"), before.get("blue, get"));
    assert.equal(after.size, 6);
  });

  test("what the server refuses stands at its field, one after the other until it starts", async () => {
    await tryToStart();
    const days = numbers().locator(".form", { has: page.getByLabel("Days looked back (CUPED)") });
    await days.getByText("The days looked back must be a whole number, 0 to 90").waitFor();
    await numbers().getByLabel("Days looked back (CUPED)").fill("3");
    await open(advanced);
    const some = advanced().locator("details", { has: page.getByText("Only for some people") });
    await some.locator("summary").click();
    await some.getByLabel("Only for some people").fill('{"age":{"$above":18}}');
    assert.equal(await save("Save the draft"), 400);
    await advanced().getByText(/No such operator: there are \$eq/).waitFor();
    assert.equal((await stored()).design.condition, undefined, "it is not stored");
    await some.getByLabel("Only for some people").fill("");
    await advanced().getByLabel("To, %").fill("10");
    await tryToStart();
    await advanced().getByText(/Namespace must be .*within 0 and 1/).waitFor();
    await advanced().getByLabel("To, %").fill("60");
    await page.getByLabel("Ends by itself (UTC)").fill("2001-02-03T12:30");
    await tryToStart();
    await page.getByText("End date must lie in the future: the test would end as soon as it starts").waitFor();
    await page.getByLabel("Ends by itself (UTC)").fill("2099-02-03T12:30");
    await tryToStart();
    await page.getByRole("heading", { name: "Not enough data yet" }).waitFor();
    const test = await stored();
    assert.equal(test.status, "Active");
    assert.equal(test.design.cuped_days, 3);
    const feature = await waitFor("the test in service", async () => (await payload()).features["button-and-text"]);
    const [rule] = feature.rules;
    assert.equal(rule.disableStickyBucketing, undefined);
    assert.deepEqual(rule.namespace, ["cart", 0.1, 0.6]);
    assert.deepEqual(rule.parentConditions, [{ id: "$holdout:nobody-sees-anything", condition: { value: { $ne: "all" } } }]);
    assert.equal(rule.variations.length, 6);
    assert.ok(rule.variations.some((value) => value.button === "blue" && value.text === "take"), JSON.stringify(rule.variations));
    assertNoProblems(page);
  });

  test("while it runs these fields are locked, and its end stays in the future", async () => {
    await page.getByRole("link", { name: "Plan", exact: true }).click();
    await page.getByText("most of it is locked").waitFor();
    await open(advanced);
    for (const label of ["Namespace", "Kept out of it", "Who was given a variation keeps it"])
      assert.equal(await advanced().getByLabel(label).isDisabled(), true, label);
    assert.equal(await numbers().getByLabel("Days looked back (CUPED)").isDisabled(), true);
    assert.equal(await page.getByRole("group", { name: "Factor 1" }).getByLabel("Levels, one a line").isDisabled(), true);
    await page.getByLabel("Ends by itself (UTC)").fill("2001-02-03T12:30");
    assert.equal(await save("Save"), 400);
    await page.getByText("End date must lie in the future: to end the test now, complete it").waitFor();
    assert.equal(Date.parse((await stored()).end_date), Date.UTC(2099, 1, 3, 12, 30));
    assertNoProblems(page);
  });

  test("the list asks once for all tests, whatever their number", async () => {
    await make("A draft");
    const ended = await make("An ended one");
    await start(ended);
    await attune.api("POST", `/api/v1/ab_tests/${ended}/complete`, { reason: "enough" });
    const elsewhere = await attune.addSite({ domain: "other.example" });
    await attune.api("POST", "/api/v1/ab_tests", { name: "Of another site", site_id: elsewhere.id });
    const asked = [];
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith("/api/v1/ab_tests")) asked.push(pathname + search);
    });
    await page.goto(`${attune.url}/tests?site=shop.example`);
    const row = (name) => page.getByRole("row", { name: new RegExp(`^${name}`) });
    await row("Button and text").getByText("first read after midnight (UTC)").waitFor();
    await row("A draft").getByText("not started").waitFor();
    await row("An ended one").getByText("not enough data yet").waitFor();
    await page.getByText("4 tests, 2 running.").waitFor();
    assert.equal(await page.getByText("Of another site").count(), 0);
    assert.deepEqual([...new Set(asked)], [`/api/v1/ab_tests?site=${site.id}&summaries=1&limit=200`]);
    await page.getByRole("tab", { name: "Completed 1" }).click();
    await row("A draft").waitFor({ state: "detached" });
    await row("An ended one").waitFor();
    assertNoProblems(page);
    await page.context().close();
  });
});
