// The recommendations screen against a shop whose visitors follow a pattern that is known here: training
// from the screen, its held-out quality, a preview, and a click that counts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoProblems, openBrowser, startAttune, waitFor } from "./harness.mjs";

const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const digits = (text) => Number(text.replace(/[^\d.-]/g, ""));

// Six pairs: whoever looks at the first of a pair goes on to the second. Nobody crosses.
const pairs = [
  ["kettle", "teapot"],
  ["pan", "spatula"],
  ["board", "knife"],
  ["flour", "whisk"],
  ["wine", "corkscrew"],
  ["candle", "matches"],
];

function view(visitor, session, item, atMs) {
  return {
    type: "product_view",
    timestamp: new Date(atMs).toISOString(),
    visitor_id: visitor,
    session_id: session,
    url: `https://shop.example/product/${item}`,
    user_agent: userAgent,
    items: [{ id: item, name: item, category: "kitchen", price: 10 }],
  };
}

describe("recommendations", { timeout: 300_000 }, () => {
  let attune;
  let browser;
  let page;
  let site;

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    site = await attune.addSite({ domain: "shop.example" });
    const products = pairs.flat().map((id, index) => ({
      id,
      name: id[0].toUpperCase() + id.slice(1),
      category: "kitchen",
      price: 5 + index,
      stock: 10,
      url: `https://shop.example/product/${id}`,
    }));
    const stored = await fetch(`${attune.url}/api/v1/sites/${site.id}/products`, {
      method: "PUT",
      headers: { "content-type": "application/json", authorization: `Bearer ${site.key}` },
      body: JSON.stringify(products),
    });
    assert.ok(stored.ok, await stored.text());
    // Two days of visits within the late window, oldest first.
    const start = Date.now() - 40 * 3_600_000;
    const events = [];
    for (let n = 0; n < 600; n++) {
      const pair = pairs[(n * n + 3 * n) % pairs.length === 0 ? 0 : n % pairs.length];
      const at = start + n * 180_000;
      pair.forEach((item, step) => events.push(view(`v${n}`, `s${n}`, item, at + step * 20_000)));
    }
    await attune.postEvents(site, events);
    const count = `select count(*) as n from user_product_interactions where site_id = '${site.id}'`;
    await waitFor("the visits to be in the tables", async () => (await attune.number(count)) === events.length);
    page = await browser.newPage();
    await attune.signIn(page, "/recommendations?site=shop.example&period=today");
  });

  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  const stat = async (label) => {
    const found = page.locator(".stat", { has: page.locator(".stat-label", { hasText: new RegExp(`^${label}$`) }) });
    return digits(await found.locator(".stat-value").getAttribute("data-tip"));
  };

  test("BeforeTheFirstModelTheScreenSaysWhatToDo", async () => {
    await page.getByText("Nothing has been recommended in this time.").waitFor();
    await page.getByLabel("Widget snippet", { exact: true }).getByText(site.id).waitFor();
    await page.getByText("No model yet: everybody sees what is popular.").waitFor();
    assertNoProblems(page);
  });

  test("TrainingFromTheScreenShowsTheModelAndItsHeldOutQuality", async () => {
    await page.getByRole("button", { name: "Train now" }).click();
    await page.locator("dt:text-is('State') + dd", { hasText: "Production" }).waitFor({ timeout: 60_000 });
    const [row] = await attune.query(
      `select metrics, version from ml_models where website_id = '${site.id}' and is_active and name = 'sequential'`,
    );
    const metrics = typeof row.metrics === "string" ? JSON.parse(row.metrics) : row.metrics;
    const cells = await page.locator("table.quality tbody tr", { hasText: "MRR@20" }).locator("td").allInnerTexts();
    assert.deepEqual(cells, [metrics.mrr_20.toFixed(3), metrics.popularity.mrr_20.toFixed(3)]);
    assert.ok(metrics.mrr_20 > 0.9, "who saw the first of a pair goes on to the second");
    assertNoProblems(page);
  });

  test("TryItShowsWhatTheApiAnswersWithReasonScoreAndProbability", async () => {
    await page.getByLabel("Recommend for").selectOption("item");
    await page.getByLabel("Item id").fill("pan");
    const [response] = await Promise.all([
      page.waitForResponse((each) => each.url().includes("/recommendations?") && each.url().includes("item=pan")),
      page.getByRole("button", { name: "Recommend", exact: true }).click(),
    ]);
    assert.match(response.url(), /preview=1/);
    const answer = await response.json();
    assert.equal(answer.decision_id, null, "a preview is no decision");
    await page.locator(".recommended li").first().waitFor();
    const names = await page.locator(".recommended .item b").allInnerTexts();
    assert.deepEqual(names, answer.items.map((item) => item.name));
    const first = page.locator(".recommended li", { hasText: "Spatula" });
    const item = answer.items.find(({ item_id }) => item_id === "spatula");
    assert.ok(item, "the other of the pair is recommended");
    const reason = (await first.locator("small").innerText()).toLowerCase();
    assert.ok(reason.startsWith(item.reason.toLowerCase()), `${reason} begins with ${item.reason}`);
    const propensity = digits(await first.locator(".propensity").innerText());
    assert.ok(Math.abs(propensity - item.propensity * 100) < 0.06, `${propensity} % is ${item.propensity}`);
    assert.match(page.url(), /try\.item=pan/);
    assertNoProblems(page);
  });

  test("APreviewCountsAsNothingShown", async () => {
    const { totals } = await attune.api("GET", `/api/v1/sites/${site.id}/recommendations/stats?period=today`);
    assert.deepEqual([totals.decisions, totals.shown], [0, 0]);
  });

  test("WhatIsShownAndClickedStandsOnTheScreenAndInTheTable", async () => {
    await attune.postEvents(site, [view("guest", "guest-1", "kettle", Date.now())]);
    const ask = `${attune.url}/api/v1/sites/${site.id}/recommendations?visitor=guest&session=guest-1&item=kettle&n=4`;
    const answer = await (await fetch(ask)).json();
    assert.match(answer.decision_id, /^[0-9a-f-]{36}$/);
    const about = (item, type) => ({
      type,
      decision_id: answer.decision_id,
      visitor_id: "guest",
      session_id: "guest-1",
      url: "https://shop.example/product/kettle",
      user_agent: userAgent,
      items: (item ? [item] : answer.items).map(({ item_id }) => ({ id: item_id })),
    });
    await attune.postEvents(site, [about(null, "recommendation_shown")]);
    await attune.postEvents(site, [about(answer.items[0], "recommendation_click")]);
    const table = `from recommendations where decision_id = '${answer.decision_id}'`;
    await waitFor("the click to be in the table", async () => (await attune.number(`select count(*) as n ${table} and clicked`)) === 1);
    assert.equal(await attune.number(`select count(*) as n ${table} and shown`), 4);

    await page.goto(`${attune.url}/recommendations?site=shop.example&period=today`);
    await page.getByText("Of 4 recommended items that people saw, they clicked 1 (25").waitFor();
    assert.deepEqual([await stat("Lists"), await stat("Items seen"), await stat("Clicks")], [1, 4, 1]);
    // Wilson's interval of 1 in 4, worked out by hand from the formula.
    await page.locator(".stat").getByText(/4\.6\s–\s69\.9\s%/).waitFor();
    const rows = await page.locator("section.panel", { has: page.getByRole("heading", { name: "Items", exact: true }) }).locator("tbody tr").count();
    assert.equal(rows, 4);
    assertNoProblems(page);
  });

  /** Runs a job of the API to its end. */
  const job = async (target, body) => {
    const { id } = await attune.api("POST", `/api/v1/sites/${site.id}/${target}`, body);
    const done = await waitFor(`${target} to end`, async () => {
      const now = await attune.api("GET", `/api/v1/jobs/${id}`);
      return now.state !== "running" && now;
    });
    assert.equal(done.state, "done", done.message);
    return done;
  };
  const serving = async () =>
    (await attune.query(
      `select version from ml_models where website_id = '${site.id}' and is_active and name = 'sequential'`,
    ))[0].version;

  test("AModelIsRolledBackAndPutInServiceAgainFromTheScreen", async () => {
    const first = await serving();
    await job("train", { strategy: "sequential" });
    const second = await serving();
    assert.notEqual(second, first);
    await page.goto(`${attune.url}/models?site=shop.example`);
    const row = page
      .locator("section.panel", { has: page.getByRole("heading", { name: "In service" }) })
      .locator("tbody tr", { hasText: "Next in session" });
    await row.getByRole("button", { name: "Roll back" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(first).waitFor();
    await dialog.getByRole("button", { name: "Put in service" }).click();
    await page.getByText(`${first} is in service`).waitFor();
    assert.equal(await serving(), first);
    const answer = await attune.api("GET", `/api/v1/sites/${site.id}/recommendations?item=pan&preview=1`);
    assert.ok(answer.model_version.includes(first), "the decider has it");

    await page.getByRole("row", { name: new RegExp(second) }).getByRole("button", { name: "Put in service" }).click();
    await dialog.getByRole("button", { name: "Put in service" }).click();
    await page.getByText(`${second} is in service`).waitFor();
    assert.equal(await serving(), second);
    assertNoProblems(page);
  });

  test("APersonIsFoundWithWhatTheyDidAndWouldBeShownAndWhy", async () => {
    await job("profiles/refresh");
    await page.goto(`${attune.url}/people?site=shop.example`);
    await page.getByRole("searchbox", { name: "Find a person by the beginning of their id" }).fill("v59");
    await page.keyboard.press("Enter");
    await page.waitForURL(/search=v59/);
    await page.getByRole("button", { name: "v599" }).click();
    await page.waitForURL(/person=v599/);
    const did = page.locator("section.panel", { has: page.getByRole("heading", { name: "Did", exact: true }) });
    const expected = await attune.query(
      `select p.name from user_product_interactions i join product p on p.id = i.product_id and p.site_id = i.site_id
       where i.site_id = '${site.id}' and i.visitor_id = 'v599' order by i.timestamp desc`,
    );
    await waitFor("the interactions", async () =>
      (await did.locator("tbody tr").count()) === expected.length);
    assert.deepEqual(
      await did.locator("tbody tr th, tbody tr td:first-child").allInnerTexts(),
      expected.map(({ name }) => name),
    );
    const shown = page.locator("section.panel", { has: page.getByRole("heading", { name: "Would be shown now" }) });
    const answer = await attune.api("GET", `/api/v1/sites/${site.id}/recommendations?visitor=v599&n=8&preview=1`);
    await waitFor("as many as the API answers", async () => (await shown.locator("li").count()) === answer.items.length);
    await page.locator("dt:text-is('Visits') + dd", { hasText: /^1$/ }).waitFor();
    assertNoProblems(page);
  });

  test("TheCatalogueIsSearchedAndSaysWhatIsNotRecommended", async () => {
    const [id, name] = ["candle", "Candle"];
    await attune.api("PUT", `/api/v1/sites/${site.id}/products`, [{ id, name, hidden: true }]);
    await page.goto(`${attune.url}/catalogue?site=shop.example`);
    await page.getByText(`${pairs.flat().length} products are known.`).waitFor();
    await page.getByLabel("Which products").selectOption("hidden");
    await page.getByText("1 product found.").waitFor();
    await page.getByRole("row", { name: /Candle/ }).getByText("Hidden").waitFor();
    await page.getByLabel("Which products").selectOption("");
    await page.getByRole("searchbox", { name: "Search in the catalogue" }).fill("SPAT");
    await page.keyboard.press("Enter");
    await page.getByRole("row", { name: /Spatula/ }).waitFor();
    await waitFor("that row alone", async () => (await page.locator("tbody tr").count()) === 1);
    assertNoProblems(page);
  });
});
