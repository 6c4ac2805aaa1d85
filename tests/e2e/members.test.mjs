// People in Settings: somebody is let in with a role, works within it, and the log has what they did.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, screenshot, startAttune, waitFor } from "./harness.mjs";

describe("people in Settings", { timeout: 120_000 }, () => {
  let attune;
  let browser;
  before(async () => {
    attune = await startAttune();
    await attune.addSite({ domain: "shop.example" });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  async function signInAs(page, user, password) {
    await page.goto(`${attune.url}/settings?site=shop.example`);
    await page.getByLabel("User", { exact: true }).fill(user);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
  }

  test("a marketer is let in, works, and is taken out again", async () => {
    const page = await browser.newPage();
    await attune.signIn(page, "/settings?site=shop.example");
    await page.getByLabel("Name of the new person").fill("ada");
    await page.getByRole("button", { name: "Let in" }).click();
    const dialog = page.getByRole("dialog", { name: "ada can sign in" });
    const password = (await dialog.locator("code, pre").first().textContent()).trim();
    assert.match(password, /^\S{16,}$/);
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    assert.equal(await page.getByLabel("Role of ada").inputValue(), "marketer");

    const hers = await browser.newPage();
    await signInAs(hers, "ada", password);
    await hers.getByText("an administrator’s to change").waitFor();
    for (const heading of ["People", "Log of changes", "API keys for shop.example"]) {
      assert.equal(await hers.getByRole("heading", { name: heading }).count(), 0, heading);
    }
    const made = await hers.evaluate(async () => {
      const login = await (await fetch("/api/v1/login")).json();
      const call = (path, body) => fetch(path, {
        method: "POST", headers: { "content-type": "application/json", "x-csrf-token": login.csrf_token }, body: JSON.stringify(body) });
      return [(await call("/api/v1/campaigns", { name: "Spring" })).status, (await call("/api/v1/ab_tests", { name: "Red" })).status];
    });
    assert.deepEqual(made, [201, 403]);

    await page.reload();
    const log = page.getByRole("region", { name: "Log of changes" });
    await log.getByText("Create campaign").waitFor();
    await log.getByText("name: Spring").waitFor();
    await log.getByRole("button", { name: "Check the log" }).click();
    const { entries } = await attune.api("GET", "/api/v1/audit_log/check");
    await log.getByText(`All ${entries} rows are as they were written.`).waitFor();
    await auditAccessibility(page);
    await assertNoOverflow(page);
    await screenshot(page, "settings-people");

    await page.getByLabel("Role of ada").selectOption("experimenter");
    await waitFor("the role", async () =>
      (await attune.api("GET", "/api/v1/members")).members.some((each) => each.name === "ada" && each.role === "experimenter"));
    await page.getByRole("button", { name: "Remove ada" }).click();
    await page.getByRole("dialog", { name: "Remove ada" }).getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove ada" }).waitFor({ state: "detached" });
    await hers.reload();
    await hers.getByRole("button", { name: "Sign in" }).waitFor();
    assertNoProblems(page);
  });
});
