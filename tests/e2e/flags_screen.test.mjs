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

  test("a saved group is made, named by a condition, changed, and kept while it is named", async () => {
    const groups = async () => (await attune.api("GET", `/api/v1/sites/${site.id}/saved-groups`)).groups;
    const page = await browser.newPage();
    await attune.signIn(page, "/flags?site=shop.example&flag=new-checkout");
    await page.getByText("Saved groups", { exact: true }).click();
    await page.getByRole("button", { name: "Add a group" }).click();
    const form = page.getByRole("form", { name: "Saved group" });
    await form.getByLabel("Name of the group").fill("staff");
    await form.getByLabel("Who is in it").fill("Who works here");
    await form.getByLabel("Members, one a line").fill("ann\n 007 \n\nann");
    await form.getByRole("button", { name: "Keep the group" }).click();
    await page.getByText("2 members: Who works here").waitFor();
    assert.deepEqual((await groups()).map(({ key, members }) => [key, members]), [["staff", ["ann", "007"]]]);
    const rule = page.getByRole("group", { name: "rule 1" });
    await rule.getByLabel("Comparison").selectOption("$inGroup");
    await rule.getByLabel("Value").fill("stuff");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(/must be the key of a saved group/).first().waitFor();
    await rule.getByLabel("Value").fill("staff");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await waitFor("the condition", async () => (await stored("new-checkout")).rules[0].condition.country.$inGroup === "staff");
    await page.getByRole("button", { name: "Edit the group staff" }).click();
    await form.getByRole("button", { name: "Delete the group" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete a saved group" });
    await dialog.getByText("staff goes with its 2 members").waitFor();
    await dialog.getByLabel("Type the group’s name to confirm").fill("staff");
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await dialog.getByText(/flag new-checkout name it/i).waitFor();
    await auditAccessibility(page, "a saved group that is named");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await form.getByLabel("Members, one a line").fill("bob");
    await auditAccessibility(page, "a saved group");
    await form.getByRole("button", { name: "Keep the group" }).click();
    await page.getByText("1 member: Who works here").waitFor();
    assert.deepEqual((await groups())[0].members, ["bob"]);
    await page.getByRole("button", { name: "Add a group" }).click();
    await form.getByLabel("Name of the group").fill("staff");
    await form.getByRole("button", { name: "Keep the group" }).click();
    await form.getByText(/somebody changed the group meanwhile/i).waitFor();
    assert.deepEqual((await groups())[0].members, ["bob"], "a new one does not replace another");
    await form.getByLabel("Name of the group").fill("spare");
    await form.getByRole("button", { name: "Keep the group" }).click();
    await page.getByRole("button", { name: "Edit the group spare" }).click();
    await form.getByRole("button", { name: "Delete the group" }).click();
    await dialog.getByLabel("Type the group’s name to confirm").fill("spare");
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Edit the group spare" }).waitFor({ state: "detached" });
    assert.deepEqual((await groups()).map((each) => each.key), ["staff"]);
    await page.context().close();
  });

  test("a client key is made, its encryption switched, its decryption key changed, and deleted", async () => {
    const features = (key) => fetch(`${attune.url}/growthbook/api/features/${key}`);
    const made = async () => (await attune.api("GET", `/api/v1/sites/${site.id}/sdk-connections`)).connections[1];
    const page = await browser.newPage();
    await attune.signIn(page, "/flags?site=shop.example&flag=new-checkout");
    await page.getByText("More client keys, and encryption").click();
    await page.getByLabel("Who gets another client key").fill("Phone app");
    await page.getByRole("button", { name: "Make a client key" }).click();
    const phone = page.getByRole("group", { name: "Phone app" });
    await phone.getByLabel("Decryption key of Phone app", { exact: true }).waitFor();
    const { client_key: key, encryption_key: secret } = await made();
    await phone.getByText(secret).waitFor();
    assert.match(await (await features(key)).text(), /encryptedFeatures/);
    await auditAccessibility(page, "client keys");
    await phone.getByRole("button", { name: "Another decryption key" }).click();
    await page.getByLabel("Type its name to confirm").fill("Phone app");
    await page.getByRole("button", { name: "Make another" }).click();
    await phone.getByText(secret).waitFor({ state: "detached" });
    await phone.getByText((await made()).encryption_key).waitFor();
    await phone.getByLabel("Encrypted").uncheck();
    await phone.getByLabel("Decryption key of Phone app", { exact: true }).waitFor({ state: "detached" });
    assert.doesNotMatch(await (await features(key)).text(), /encryptedFeatures/);
    await phone.getByRole("button", { name: "Delete the client key" }).click();
    await page.getByLabel("Type its name to confirm").fill("Phone app");
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await phone.waitFor({ state: "detached" });
    assert.equal((await features(key)).status, 400);
    await page.context().close();
  });

  test("a viewer sees the groups, changes none, and sees no client keys", async () => {
    const password = "a long password of hers";
    await attune.api("POST", "/api/v1/members", { name: "vera", role: "viewer", password });
    const page = await browser.newPage();
    await page.goto(`${attune.url}/flags?site=shop.example&flag=new-checkout`);
    await page.getByLabel("User", { exact: true }).fill("vera");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Saved groups", { exact: true }).click();
    await page.getByText("1 member: Who works here").waitFor();
    for (const name of ["Add a group", "Edit the group staff"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
    assert.equal(await page.getByText("More client keys, and encryption").count(), 0);
    const answers = await page.evaluate(async ([groups, keys]) => {
      const { csrf_token: csrf } = await (await fetch("/api/v1/login")).json();
      const headers = { "content-type": "application/json", "x-csrf-token": csrf };
      const put = await fetch(groups, { method: "PUT", headers, body: '{"members":[]}' });
      return [put.status, (await fetch(keys)).status];
    }, [`/api/v1/sites/${site.id}/saved-groups/staff`, `/api/v1/sites/${site.id}/sdk-connections`]);
    assert.deepEqual(answers, [403, 403]);
    await page.context().close();
  });

  test("it is in order in every look, with rules of every kind", async () => {
    await attune.api("POST", `/api/v1/sites/${site.id}/sdk-connections`, { name: "Phone app" });
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
        if (flag === "new-checkout") {
          await page.getByText("Saved groups", { exact: true }).click();
          await page.getByRole("button", { name: "Edit the group staff" }).click();
          await page.getByText("More client keys, and encryption").click();
          await page.getByLabel("Decryption key of Phone app", { exact: true }).waitFor();
        }
        await auditAccessibility(page, `${flag}, ${look.name}`);
        await assertNoOverflow(page, `${flag}, ${look.name}`);
        await screenshot(page, `flags-${flag}-${look.name}`, { fullPage: true });
        assertNoProblems(page);
      }
      await page.context().close();
    }
  });
});
