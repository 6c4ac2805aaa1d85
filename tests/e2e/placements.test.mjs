// Placements and rules as an owner edits them: the dry run follows the draft, and what is saved is in
// service at the next request.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, openBrowser, screenshot, startAttune, waitFor } from "./harness.mjs";

const items = ["kettle", "teapot", "pan", "whisk", "spoon", "towel"];

describe("placements", { timeout: 180_000 }, () => {
  let attune;
  let browser;
  let page;
  let site;

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    site = await attune.addSite({ domain: "shop.example" });
    await attune.api("PUT", `/api/v1/sites/${site.id}/products`, items.map((id, n) => ({
      id, name: id[0].toUpperCase() + id.slice(1), category: n < 3 ? "kitchen" : "linen", price: 5 + n })));
    await attune.postEvents(site, items.flatMap((id, n) => Array.from({ length: 8 - n }, (_, v) => ({
      type: "product_view", visitor_id: `v${v}`, session_id: `s${v}`, timestamp: new Date(Date.now() - 60_000 + n * 1000).toISOString(),
      url: `https://shop.example/${id}`, user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", items: [{ id }] }))));
    await waitFor("the visits to count", async () => (await shown()).length > 0);
    page = await browser.newPage();
    await attune.signIn(page, "/placements?site=shop.example");
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  const ask = (rest = "") => attune.api("GET", `/api/v1/sites/${site.id}/recommendations?visitor=new&preview=1${rest}`);
  const shown = async (rest) => (await ask(rest)).items.map((item) => item.item_id);
  const listed = () => page.locator(".dry-run .recommended li b").allTextContents();

  test("the dry run follows the draft, and saving puts it in service", async () => {
    await waitFor("the dry run", async () => (await listed()).length === items.length);
    await page.getByLabel("Items", { exact: true }).fill("3");
    await waitFor("three items", async () => (await listed()).length === 3);
    assert.equal((await shown()).length, items.length, "the draft is not in service");
    await page.getByRole("button", { name: "Save" }).click();
    await waitFor("the placement in service", async () => (await shown()).length === 3);
  });

  test("what is edited while a save is on its way stays", async () => {
    const late = "**/placements";
    await page.route(late, async (route) => {
      await new Promise((done) => setTimeout(done, 300));
      await route.continue();
    });
    const reloaded = page.waitForResponse((response) => response.url().endsWith("/placements"));
    await page.getByLabel("Items", { exact: true }).fill("4");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByLabel("Diversity").fill("0.2");
    await reloaded;
    await page.unrouteAll({ behavior: "wait" });
    await waitFor("the stored placement to arrive", async () => (await listed()).length === 4);
    assert.equal(await page.getByLabel("Diversity").inputValue(), "0.2");
  });

  test("what it learns from is set beside it", async () => {
    await page.getByLabel("Learns while it shows, by").selectOption("thompson_linear");
    await page.getByLabel("A purchase").fill("5");
    await page.getByLabel("Half forgotten after, hours").fill("168");
    await screenshot(page, "placements-learning");
    await page.getByRole("button", { name: "Save" }).click();
    const stored = async () =>
      (await attune.api("GET", `/api/v1/sites/${site.id}/placements`)).placements.find(({ name }) => name === "default");
    await waitFor("the policy in service", async () => (await stored())?.bandit === "thompson_linear");
    const { bandit_rewards: rewards, bandit_half_life_h: hours } = await stored();
    assert.deepEqual([rewards, hours], [{ click: 1, purchase: 5 }, 168]);
    await page.getByLabel("Learns while it shows, by").selectOption("none");
    await page.getByRole("button", { name: "Save" }).click();
    await waitFor("no policy", async () => ((await stored())?.bandit ?? "none") === "none");
  });

  test("a rule is made, tested, saved, switched off and deleted", async () => {
    await page.getByRole("button", { name: "Add a rule" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Linen only");
    await dialog.getByLabel("What it does").selectOption("only_if");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("it would allow everything").waitFor();
    await dialog.getByLabel("Categories").fill("linen");
    await dialog.getByLabel("Categories").blur();
    await dialog.getByLabel("Stock").selectOption("in stock");
    await dialog.getByLabel("Type").selectOption("products");
    await dialog.getByText("When it holds").click();
    await dialog.getByLabel("Until", { exact: true }).fill("2020-05-01T10:00");
    await dialog.getByLabel("Until", { exact: true }).blur();
    await dialog.getByRole("button", { name: "Test it" }).click();
    await dialog.getByText("It does not hold here and now.").waitFor();
    await dialog.getByLabel("Until", { exact: true }).fill("2090-05-01T10:00");
    await dialog.getByLabel("Until", { exact: true }).blur();
    await dialog.getByRole("button", { name: "Test it" }).click();
    await dialog.getByText("It touches 3 candidates of this placement.").waitFor();
    await screenshot(page, "placements-rule");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Show only: categories linen").waitFor();
    await waitFor("linen in service", async () => (await shown()).sort().join() === "spoon,towel,whisk");
    await waitFor("the dry run with the rule", async () => (await listed()).sort().join() === "Spoon,Towel,Whisk");
    await assertNoOverflow(page);
    await screenshot(page, "placements");
    await page.getByLabel("Linen only is on").click();
    await waitFor("the rule to be off", async () => (await shown()).includes("kettle"));
    await page.getByRole("button", { name: "Delete" }).last().click();
    await waitFor("no rule", async () => (await attune.api("GET", `/api/v1/sites/${site.id}/rules`)).rules.length === 0);
  });
});
