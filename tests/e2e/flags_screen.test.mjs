// The screen Flags: a flag is made, rolled out, tried on a visitor and switched off, and the API agrees.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, screenshot, startAttune, waitFor } from "./harness.mjs";

describe("the screen Flags", { timeout: 120_000 }, () => {
  let attune;
  let browser;
  let site;
  before(async () => {
    attune = await startAttune();
    site = await attune.addSite({ domain: "shop.example" });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });
  const stored = async (key) => (await attune.api("GET", `/api/v1/sites/${site.id}/flags`)).flags.find((flag) => flag.key === key);

  test("a flag from nothing to the kill switch", async () => {
    const page = await browser.newPage();
    await attune.signIn(page, "/flags?site=shop.example");
    await page.getByText("No flags yet.").waitFor();
    await page.getByRole("button", { name: "New" }).click();
    await page.getByLabel("Key of the new flag").fill("new-checkout");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "new-checkout" }).waitFor();
    await page.getByLabel("What it is for").fill("The short checkout");
    await page.getByRole("button", { name: "Add targeting" }).click();
    const rule = page.getByRole("group", { name: "rule 1" });
    await rule.getByRole("button", { name: "Add a condition" }).click();
    await rule.getByLabel("Attribute").fill("country");
    await rule.getByLabel("Comparison").selectOption("$in");
    await rule.getByLabel("Value").fill("DE, AT");
    await page.getByRole("button", { name: "Add a rollout" }).click();
    const slider = page.getByRole("group", { name: "rule 2" }).getByRole("slider");
    await slider.fill("0.3");
    await page.getByRole("button", { name: "Save" }).click();
    await waitFor("the flag", async () => (await stored("new-checkout"))?.rules.length === 2);
    const flag = await stored("new-checkout");
    assert.deepEqual(flag.rules, [
      { force: true, condition: { country: { $in: ["DE", "AT"] } } },
      { force: true, coverage: 0.3 },
    ]);
    assert.equal(flag.description, "The short checkout");

    const answer = page.locator(".flag-answer");
    await page.getByLabel("Attributes").fill("country = AT");
    await page.waitForFunction(() => /true/.test(document.querySelector(".flag-answer b")?.textContent ?? ""));
    assert.match(await answer.textContent(), /fits and gives this value/);
    await page.getByLabel("Attributes").fill("country = FR");
    await page.waitForFunction(() => /false/.test(document.querySelector(".flag-answer b")?.textContent ?? ""));
    assert.match(await answer.textContent(), /no rule fits/i);

    await page.getByRole("checkbox", { name: "new-checkout is in service" }).uncheck();
    await waitFor("the switch", async () => (await stored("new-checkout")).enabled === false);
    const payload = await (await fetch(`${attune.url}/growthbook/api/features/${site.id}`)).json();
    assert.deepEqual(payload.features, {});
    await page.getByText("1 flag, 1 switched off.").waitFor();
    assertNoProblems(page);
    await page.context().close();
  });

  test("a rule leaves out whom a test that runs keeps as they are", async () => {
    await attune.api("POST", "/api/v1/meta_user_profiles", {});
    const made = await attune.api("POST", "/api/v1/ab_tests", { name: "Nothing new", site_id: site.id, primary_metric: "bought",
      design: { metrics: [{ name: "bought", kind: "conversion", event: "purchase" }] } });
    for (const [variation_id, is_control] of [["plain", true], ["all", false]])
      await attune.api("POST", "/api/v1/test_variations", { ab_test_id: made.id, variation_id, name: variation_id, is_control });
    await attune.api("POST", `/api/v1/ab_tests/${made.id}/start`, {});
    const page = await browser.newPage();
    await attune.signIn(page, "/flags?site=shop.example&flag=new-checkout");
    const rule = page.getByRole("group", { name: "rule 2" });
    await rule.getByLabel("Kept out of it").selectOption({ label: "whom “Nothing new” keeps as they are" });
    await rule.getByText("but whom nothing-new keeps as they are").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await waitFor("the rule", async () => (await stored("new-checkout")).rules[1].holdout === "nothing-new");
    await rule.getByLabel("Kept out of it").selectOption("");
    await page.getByRole("button", { name: "Save" }).click();
    await waitFor("the rule without it", async () => !("holdout" in (await stored("new-checkout")).rules[1]));
    assertNoProblems(page);
    await page.context().close();
  });

  test("what the server refuses is said where it was written", async () => {
    const page = await browser.newPage();
    await attune.signIn(page, "/flags?site=shop.example&flag=new-checkout");
    const rule = page.getByRole("group", { name: "rule 1" });
    await rule.getByLabel("Comparison").selectOption("$regex");
    await rule.getByLabel("Value").fill("(");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/pattern/).first().waitFor();
    await page.context().close();
  });

  test("it is in order in every look, with rules of every kind", async () => {
    await attune.api("PUT", `/api/v1/sites/${site.id}/flags/banner`, { default_value: { text: "none" }, description: "What stands on top", rules: [
      { force: { text: "staff" }, condition: { $or: [{ staff: true }, { email: { $regex: "@shop" } }] } },
      { variations: [{ text: "a" }, { text: "b" }], weights: [0.5, 0.5], key: "banner-test" }] });
    for (const look of [
      { name: "light", theme: "light", width: 1360, height: 900 },
      { name: "dark", theme: "dark", width: 1360, height: 900 },
      { name: "phone", theme: "light", width: 390, height: 844, hasTouch: true, isMobile: true },
    ]) {
      const page = await browser.newPage(look);
      await attune.signIn(page, "/flags?site=shop.example");
      for (const flag of ["banner", "new-checkout"]) {
        await page.goto(`${attune.url}/flags?site=shop.example&flag=${flag}`);
        await page.getByRole("heading", { name: flag }).waitFor();
        await page.locator(".flag-answer").waitFor();
        await auditAccessibility(page, `${flag}, ${look.name}`);
        await assertNoOverflow(page, `${flag}, ${look.name}`);
        await screenshot(page, `flags-${flag}-${look.name}`, { fullPage: true });
        assertNoProblems(page);
      }
      await page.context().close();
    }
  });
});
