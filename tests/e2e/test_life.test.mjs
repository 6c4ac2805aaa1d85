// A test from its plan to its decision in the dashboard, fed by real pages, the exposures API and events; and
// content that a page shows each visitor, with its numbers coming back.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, screenshot, startAttune, waitFor } from "./harness.mjs";

// A browser that says "Headless" is a bot to the collector, and rightly; these visits are a person's.
const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const inBrowser = 6;   // visitors whose variation x.js decides, one after another
const byApi = 900;     // visitors whose variation a site's own server decided

/** A share as the dashboard writes it: "+12.3 %". */
function signed(share) {
  const value = Math.abs(share) * 100;
  const digits = value >= 99.95 || Number.isInteger(Number(value.toFixed(1))) ? 0 : 1;
  return `${share < 0 ? "−" : "+"}${value.toFixed(digits)}\u202f%`;
}

/** The same numbers in each run. */
function seeded(state) {
  let seed = state;
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return seed / 4_294_967_296;
  };
}

/** A shop on an origin of its own, whose pages are written here. */
async function openShop(pageOf) {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(pageOf(new URL(request.url, "http://shop").pathname));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

describe("a test's life", { timeout: 300_000 }, () => {
  let attune;
  let browser;
  let site;
  let shop;
  let page;
  let id;
  const given = new Map();   // visitor -> variation

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    shop = await openShop((path) => `<!doctype html><html lang="en"><head><title>${path}</title>
      <script src="${attune.url}/x.js" data-site="${site.id}"></script>
      <script defer src="${attune.url}/t.js" data-site="${site.id}"></script></head>
      <body><h1>The shop</h1><button id="buy">Buy</button></body></html>`);
    site = await attune.addSite({ domain: "shop.example", allowed_origins: [shop.url] });
    page = await browser.newPage();
    await attune.signIn(page, "/tests?site=shop.example");
  });
  after(async () => {
    await shop?.close();
    await browser?.close();
    await attune?.stop();
  });

  const stored = async () => (await attune.api("GET", "/api/v1/ab_tests")).ab_tests.find((each) => each.name === "Red button");
  const results = () => attune.api("GET", `/api/v1/ab_tests/${id}/results`);

  test("it is planned, and refused with the field that is wrong", async () => {
    await page.getByText("Nothing is being tested yet.").waitFor();
    await page.getByRole("link", { name: "Plan a test" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Red button");
    await page.getByLabel("What you expect, and why").fill("It is seen earlier, so more people buy.");
    await page.getByRole("button", { name: "Add a metric" }).click();
    const second = page.getByRole("group", { name: "Metric 2" });
    await second.getByLabel("Metric", { exact: true }).fill("value");
    await second.getByLabel("Counts").selectOption("revenue");
    await second.getByText("Only some of them").click();
    await second.getByLabel("Cut at").fill("200");
    await page.getByRole("button", { name: "Add a metric" }).click();
    const third = page.getByRole("group", { name: "Metric 3" });
    await third.getByLabel("Metric", { exact: true }).fill("complaints");
    await third.getByLabel("Event", { exact: true }).fill("complaint");
    await third.getByLabel("Less is better").check();
    await third.getByLabel("Guardrail").check();
    await third.getByLabel("may get worse by").fill("50");
    await page.getByRole("button", { name: "Add a metric" }).click();
    const fourth = page.getByRole("group", { name: "Metric 4" });
    await fourth.getByLabel("Metric", { exact: true }).fill("typical order");
    await fourth.getByLabel("Counts").selectOption("quantile");
    await fourth.getByLabel("In the event").fill("purchase");
    assert.equal(await fourth.getByLabel("Quantile, %").inputValue(), "50");
    const red = page.getByRole("group", { name: "Variation 2" });
    await page.getByRole("group", { name: "Variation 1" }).getByLabel("Variation", { exact: true }).fill("Old button");
    await red.getByLabel("Variation", { exact: true }).fill("Red button");
    await red.locator("summary").click();
    await red.getByLabel("Changes of the page").fill(JSON.stringify({
      css: "#buy{color:rgb(200, 0, 0)}", domMutations: [{ selector: "#buy", action: "set", attribute: "text", value: "Buy now" }] }));

    const planner = page.getByRole("region", { name: "How long will it take?" });
    await planner.getByLabel("Do it now, %").fill("10");
    await planner.getByLabel("Smallest lift worth finding, %").fill("50");
    await planner.getByLabel("People a day").fill("200");
    const question = { mean: 0.1, people_per_day: 200, variations: 2, metrics: 3, sequential: true };
    const plan = await attune.api("POST", "/api/v1/ab_tests/plan", { ...question, lift: 0.5 });
    await planner.getByText(`${plan.days} days`, { exact: true }).waitFor();
    assert.match(await planner.textContent(), new RegExp(`${Math.ceil(plan.people).toLocaleString("en")} in all`));
    await planner.getByRole("button", { name: "Plan with it" }).click();
    await planner.getByRole("tab", { name: "Lift for so many people" }).click();
    await planner.getByLabel("People a variation").fill("3000");
    const found = await attune.api("POST", "/api/v1/ab_tests/plan", { ...question, people_per_variation: 3000 });
    await planner.getByText(signed(found.lift).slice(1), { exact: true }).waitFor();

    await red.getByLabel("People, %").fill("40");
    await page.getByText("it must be 100").waitFor();
    await page.getByRole("button", { name: "Start…" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("The season begins");
    await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
    await page.getByText(/sums to 90, not to 100/).waitFor();
    await page.waitForURL(/test=[0-9a-f-]{36}/);
    assert.equal((await stored()).status, "Draft");
    assertNoProblems(page);
  });

  test("it is started with a reason, and locked", async () => {
    await page.getByRole("group", { name: "Variation 2" }).getByLabel("People, %").fill("50");
    await page.getByText("Together 100").waitFor();
    await page.getByRole("button", { name: "Start…" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("The season begins");
    await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
    await page.getByRole("heading", { name: "Not enough data yet" }).waitFor();
    await page.getByText("The season begins").waitFor();
    const made = await stored();
    id = made.id;
    assert.equal(made.status, "Active");
    assert.equal(made.engine, "sequential");
    assert.equal(made.site_id, site.id);
    assert.equal(made.primary_metric, "bought");
    assert.ok(made.sample_size > 1000);
    assert.deepEqual(made.guardrail_metrics, [{ metric: "complaints", margin: 0.5 }]);
    assert.deepEqual(made.design.metrics, [
      { name: "bought", kind: "conversion", event: "purchase" },
      { name: "value", kind: "revenue", winsor: { cap: 200 } },
      { name: "complaints", kind: "conversion", event: "complaint", higher_is_better: false },
      { name: "typical order", kind: "quantile", event: "purchase", property: "revenue", quantile: 0.5, per: "event" }]);
    assert.equal(made.design.smallest_lift, 0.5, "what the planner was asked for");
    await page.getByRole("link", { name: "Plan", exact: true }).click();
    await page.getByText("most of it is locked").waitFor();
    assert.equal(await page.getByRole("group", { name: "Metric 1" }).getByLabel("Counts").isDisabled(), true);
    assert.equal(await page.getByLabel("Starts by itself (UTC)").isDisabled(), true);
    await page.getByLabel("Ends by itself (UTC)").fill("2099-01-02T12:30");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const planned = await waitFor("the end", async () => (await stored()).end_date);
    assert.equal(Date.parse(planned), Date.UTC(2099, 0, 2, 12, 30));
    await page.getByRole("link", { name: "Results", exact: true }).click();
    await page.getByRole("heading", { name: "Not enough data yet" }).waitFor();
    assertNoProblems(page);
  });

  test("visitors of a real page get their variation, and say so", async () => {
    const visits = [];
    for (let n = 0; n < inBrowser; n += 1) {
      const visit = await browser.newPage({ userAgent });
      visits.push(visit);
      await visit.goto(`${shop.url}/product`);
      const ready = () => visit.evaluate(() => attuneTests.ready.then(() => true));
      assert.equal(await ready(), true);
      const look = () => visit.evaluate(() => {
        const button = document.querySelector("#buy");
        return [button.textContent, getComputedStyle(button).color === "rgb(200, 0, 0)"];
      });
      const first = await look();
      const visitor = await visit.evaluate(() => localStorage.getItem("attune.visitor"));
      assert.deepEqual(first, first[1] ? ["Buy now", true] : ["Buy", false]);
      given.set(visitor, first[1] ? "red-button" : "old-button");
      await visit.reload();
      assert.equal(await ready(), true);
      assert.deepEqual(await look(), first, "the same again");
    }
    assert.equal(given.size, inBrowser);
    const exposed = `select visitor_id, variation_id, exposures from test_exposure where test_key = 'red-button' order by visitor_id`;
    const rows = await waitFor("the pages' exposures", async () => {
      const found = await attune.query(exposed);
      return found.length === inBrowser && found;
    }, { timeoutMs: 60_000, everyMs: 300 });
    const shown = [...given].sort(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(rows.map((row) => [row.visitor_id, row.variation_id]), shown, "as they saw it");
    assert.deepEqual(rows.map((row) => Number(row.exposures)), shown.map(() => 1), "once a session");
    for (const visit of visits) {   // not before: a browser that ends takes its last beacon with it
      assertNoProblems(visit);
      await visit.context().close();
    }
  });

  test("the verdict on the screen is that of the API", async () => {
    const random = seeded(11);
    const entries = Array.from({ length: byApi }, (_, n) => {
      const visitor = `visitor-${n}`;
      given.set(visitor, n % 2 === 0 ? "old-button" : "red-button");
      return { test: "red-button", variation: given.get(visitor), visitor_id: visitor, attributes: { device: n % 3 === 0 ? "mobile" : "desktop" } };
    });
    const answer = await fetch(`${attune.url}/api/v1/sites/${site.id}/exposures`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${site.key}` }, body: JSON.stringify(entries) });
    assert.deepEqual(await answer.json(), { accepted: byApi, rejected: [] });
    const buyers = [...given].filter(([, variation]) => random() < (variation === "red-button" ? 0.55 : 0.1)).map(([visitor]) => visitor);
    await attune.postEvents(site, buyers.map((visitor, n) => ({
      type: "purchase", visitor_id: visitor, session_id: `s-${visitor}`, url: "https://shop.example/", order_id: `o-${n}`,
      revenue: 20 + (n * 7) % 50, currency: "EUR", items: [{ id: "pan", price: 20 }], user_agent: userAgent })));
    await waitFor("everybody and what they bought in the results", async () => {
      const now = await attune.api("POST", `/api/v1/ab_tests/${id}/refresh`, {});
      return now.units === given.size && now.conversions === buyers.length;
    }, { timeoutMs: 60_000, everyMs: 500 });

    const refreshed = page.waitForResponse((each) => each.url().endsWith("/refresh"));
    await page.getByRole("button", { name: "Refresh" }).click();
    assert.equal((await refreshed).ok(), true);
    await page.getByRole("heading", { name: "“Red button” is better" }).waitFor();
    const verdict = await results();
    assert.equal(verdict.outcome, "won");
    assert.equal(verdict.winner, "red-button");
    const stat = (label) => page.locator(".stat", { has: page.locator(".stat-label", { hasText: new RegExp(`^${label}$`) }) });
    assert.equal(await stat("People").locator(".stat-value").textContent(), String(given.size));
    assert.equal(verdict.units, given.size);
    assert.equal(await stat("Lift").locator(".stat-value").textContent(), signed(verdict.projected_lift));
    assert.equal(await stat("Lift").locator(".stat-change").textContent(),
      `${signed(verdict.projected_lift_low)} to ${signed(verdict.projected_lift_high)}`);
    assert.equal(await stat("p value").locator(".stat-value").getAttribute("data-tip"), String(verdict.p_value));
    await page.getByText(verdict.advice).waitFor();
    await page.getByText("The variations got the people they should have got.").waitFor();

    await page.getByText("Intervals: confidence sequence").waitFor();
    await page.getByText("0 finished tests of this metric; 10 are needed").waitFor();
    assert.equal(typeof verdict.metrics.find((each) => each.name === "typical order").comparisons[0].lift, "number");

    const table = page.getByRole("table", { name: "Every metric" });
    for (const metric of verdict.metrics) {
      const row = table.getByRole("row", { name: new RegExp(`^${metric.name}`) });
      const [of] = metric.comparisons;
      assert.equal(await row.locator("td").nth(2).textContent(), of.lift === undefined ? "–" : signed(of.lift), metric.name);
    }
    const device = verdict.dimensions.find((each) => each.dimension === "device");
    const groups = page.getByRole("table", { name: "Lift by device" });
    for (const value of device.values) {
      const cells = groups.getByRole("row", { name: new RegExp(`^${value.value}`) }).locator("td");
      assert.equal(await cells.nth(0).textContent(), String(value.units + value.units_control));
      assert.equal(await cells.nth(1).textContent(), value.lift === undefined ? "–" : signed(value.lift));
    }
    const [today] = verdict.days;
    await page.getByRole("button", { name: "Show as a table" }).click();
    const days = page.getByRole("table", { name: /^Lift of bought by day/ });
    assert.equal(await days.locator("tbody td").nth(0).textContent(), String(today.units));
    assert.equal(await days.locator("tbody td").nth(1).textContent(), signed(today.lift));
    const file = page.waitForEvent("download");
    await page.getByRole("button", { name: /^Lift of bought by day as CSV/ }).click();
    assert.equal((await file).suggestedFilename(), "red-button-days.csv");
    await page.getByRole("button", { name: "Show as a chart" }).click();
    assertNoProblems(page);
  });

  test("it is paused, resumed and completed, and its log says by whom and why", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    assert.equal((await stored()).status, "Paused");
    await page.getByRole("dialog").getByRole("textbox").fill("The page is mended");
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await page.getByText("The page is mended").waitFor();
    await page.getByRole("button", { name: "Complete…" }).click();
    const dialog = page.getByRole("dialog");
    assert.equal(await dialog.getByLabel("What goes on").inputValue(), "red-button");
    await dialog.getByRole("button", { name: "Complete" }).click();
    assert.equal((await stored()).status, "Active", "without a reason it goes on");
    await dialog.getByRole("textbox").fill("Red sells better");
    await dialog.getByRole("button", { name: "Complete" }).click();
    await page.getByText("Completed by admin, for “Red button”").waitFor();
    await page.getByText("Red sells better").waitFor();
    await page.getByText(/completed it and chose “Red button”: a variation was better/).waitFor();
    const ended = await stored();
    assert.equal(ended.status, "Completed");
    assert.equal(ended.winning_variation, "red-button");
    assert.deepEqual(ended.decision.log.map((each) => each.action), ["start", "pause", "resume", "complete"]);
    assert.equal(await page.getByRole("button", { name: "Complete…" }).count(), 0);
    await page.getByRole("link", { name: "All tests" }).click();
    const verdict = await results();
    const row = page.getByRole("row", { name: /^Red button/ });
    await row.getByText(signed(verdict.projected_lift), { exact: true }).waitFor();
    await row.locator(".state").getByText("Completed").waitFor();
    assertNoProblems(page);
    await page.context().close();
  });

  test("every view is in order in every look", async () => {
    for (const look of [
      { name: "light", theme: "light", width: 1360, height: 900 },
      { name: "dark", theme: "dark", width: 1360, height: 900 },
      { name: "phone", theme: "light", width: 390, height: 844, hasTouch: true, isMobile: true },
    ]) {
      const seen = await browser.newPage(look);
      await attune.signIn(seen, "/tests?site=shop.example");
      for (const [name, address, there] of [
        ["list", "/tests?site=shop.example", (it) => it.getByRole("link", { name: "Red button" })],
        ["plan", "/tests?site=shop.example&test=new", (it) => it.getByRole("button", { name: "Plan with it" })],
        ["result", `/tests?site=shop.example&test=${id}`, (it) => it.getByText("Completed by admin")],
        ["locked", `/tests?site=shop.example&test=${id}&edit=1`, (it) => it.getByText("most of it is locked")],
      ]) {
        await seen.goto(attune.url + address);
        await there(seen).first().waitFor();
        await waitFor("the view to settle", async () => (await seen.locator('main [aria-busy="true"]').count()) === 0);
        await auditAccessibility(seen, `tests ${name}, ${look.name}`);
        await assertNoOverflow(seen, `tests ${name}, ${look.name}`);
        await screenshot(seen, `tests-${name}-${look.name}`, { fullPage: true });
        assertNoProblems(seen);
      }
      await seen.context().close();
    }
  });
});

describe("a test of several changes", { timeout: 240_000 }, () => {
  let attune;
  let browser;
  let site;
  let page;
  let id;
  // People and buyers of each variation: shares that are not those of a product, and two changes that need each other.
  const cells = [
    { variation: "red-short", levels: ["red", "short"], share: 40, people: 400, buyers: 80 },
    { variation: "red-long", levels: ["red", "long"], share: 30, people: 300, buyers: 63 },
    { variation: "blue-short", levels: ["blue", "short"], share: 20, people: 200, buyers: 44 },
    { variation: "blue-long", levels: ["blue", "long"], share: 10, people: 100, buyers: 60 },
  ];
  const rate = (...levels) => {
    const { buyers, people } = cells.find((cell) => cell.levels.join() === levels.join());
    return buyers / people;
  };

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    site = await attune.addSite({ domain: "shop.example" });
    await attune.api("POST", "/api/v1/meta_user_profiles", {});
    const made = await attune.api("POST", "/api/v1/ab_tests", {
      name: "Button", site_id: site.id, test_type: "Multivariate", engine: "frequentist", primary_metric: "bought",
      design: { metrics: [{ name: "bought", kind: "conversion", event: "purchase" }],
        factors: [{ name: "colour", levels: ["red", "blue"] }, { name: "text", levels: ["short", "long"] }] } });
    id = made.id;
    for (const { variation, levels: [colour, text], share } of cells)
      await attune.api("POST", "/api/v1/test_variations", { ab_test_id: id, variation_id: variation, name: `${colour}, ${text}`,
        is_control: variation === "red-short", traffic_percentage: share, configuration: { factors: { colour, text } } });
    await attune.api("POST", `/api/v1/ab_tests/${id}/start`, { reason: "Two ideas at once" });
    page = await browser.newPage();
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  const results = () => attune.api("GET", `/api/v1/ab_tests/${id}/results`);

  test("before anybody came it says that there is not enough", async () => {
    await attune.signIn(page, `/tests?site=shop.example&test=${id}`);
    const section = page.getByRole("region", { name: "What each change does" });
    await section.getByText("No numbers yet: no event of the metric was seen of anybody in the test so far.").waitFor();
    assertNoProblems(page);
  });

  test("each change and each pair stand there as the people's numbers say", async () => {
    const exposures = [];
    const events = [];
    for (const { variation, people, buyers } of cells) {
      for (let n = 0; n < people; n += 1) {
        const visitor_id = `${variation}-${n}`;
        exposures.push({ test: "button", variation, visitor_id });
        if (n < buyers) events.push({ type: "purchase", visitor_id, session_id: `s-${visitor_id}`, url: "https://shop.example/",
          order_id: `o-${visitor_id}`, revenue: 20, currency: "EUR", items: [{ id: "pan", price: 20 }], user_agent: userAgent });
      }
    }
    const answer = await fetch(`${attune.url}/api/v1/sites/${site.id}/exposures`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${site.key}` }, body: JSON.stringify(exposures) });
    assert.deepEqual(await answer.json(), { accepted: exposures.length, rejected: [] });
    await attune.postEvents(site, events);
    await waitFor("everybody and what they bought in the results", async () => {
      const now = await attune.api("POST", `/api/v1/ab_tests/${id}/refresh`, {});
      return now.units === exposures.length && now.conversions === events.length;
    }, { timeoutMs: 60_000, everyMs: 500 });

    const { factors } = await results();
    const near = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found} is not ${wanted}`);
    const [colour, text] = factors.main;
    near(colour.lift, (rate("blue", "short") + rate("blue", "long")) / (rate("red", "short") + rate("red", "long")) - 1);
    near(text.lift, (rate("red", "long") + rate("blue", "long")) / (rate("red", "short") + rate("blue", "short")) - 1);
    const [both] = factors.interactions;
    near(both.lift, (rate("blue", "long") - rate("blue", "short") - rate("red", "long") + rate("red", "short")) / rate("red", "short"));
    assert.ok(both.p_value_corrected < 0.01, `${both.p_value_corrected}`);

    await page.reload();
    const table = page.getByRole("table", { name: "What each change does" });
    const cellsOf = (name) => table.getByRole("row", { name: new RegExp(`^${name}`) }).locator("td");
    for (const [name, row] of [["colour: blue instead of red", colour], ["text: long instead of short", text],
      ["colour blue with text long: beyond both alone", both]]) {
      assert.equal(await cellsOf(name).nth(0).textContent(), signed(row.lift), name);
      const p = row.p_value_corrected;
      assert.equal(await cellsOf(name).nth(2).textContent(), p < 0.001 ? "<0.001" : p.toFixed(3), name);
    }
    assert.equal(await table.locator("tbody tr").count(), 3);
    await page.getByText("colour blue with text long bring more together than apart: choose among the variations themselves").waitFor();
    assertNoProblems(page);
    await page.context().close();
  });

  test("the section is in order in every look", async () => {
    for (const look of [
      { name: "light", theme: "light", width: 1360, height: 900 },
      { name: "dark", theme: "dark", width: 1360, height: 900 },
      { name: "phone", theme: "light", width: 390, height: 844, hasTouch: true, isMobile: true },
    ]) {
      const seen = await browser.newPage(look);
      await attune.signIn(seen, `/tests?site=shop.example&test=${id}`);
      await seen.getByRole("table", { name: "What each change does" }).waitFor();
      await waitFor("the view to settle", async () => (await seen.locator('main [aria-busy="true"]').count()) === 0);
      await auditAccessibility(seen, `several changes, ${look.name}`);
      await assertNoOverflow(seen, `several changes, ${look.name}`);
      await screenshot(seen, `tests-changes-${look.name}`, { fullPage: true });
      assertNoProblems(seen);
      await seen.context().close();
    }
  });
});

describe("content for each visitor", { timeout: 180_000 }, () => {
  let attune;
  let browser;
  let site;
  let shop;

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    shop = await openShop((path) => `<!doctype html><html lang="en"><head><title>${path}</title>
      <script defer src="${attune.url}/t.js" data-site="${site.id}"></script>
      <script defer src="${attune.url}/w.js" data-site="${site.id}"></script></head><body><h1>The shop</h1>
      ${path === "/mug" ? `<main data-attune-view data-attune-product="mug" data-attune-name="Mug" data-attune-category="ceramics" data-attune-price="18">Mug</main>`
        : `<div data-attune-slot="hero" style="min-height:60px"><p>The page's own</p></div>`}</body></html>`);
    site = await attune.addSite({ domain: "shop.example", allowed_origins: [shop.url] });
  });
  after(async () => {
    await shop?.close();
    await browser?.close();
    await attune?.stop();
  });

  test("a page shows what its template makes of the visitor, and its numbers come back", async () => {
    const template = await attune.api("POST", "/api/v1/content_templates", {
      name: "hero", template_type: "web_block",
      base_prompt: "<p>For lovers of {{ visitor.category | default: 'everything' }}: <a href='/sale'>the sale</a></p>" });
    await attune.api("PUT", `/api/v1/sites/${site.id}/slots/hero`, { templates: [template.id] });
    await attune.api("PUT", `/api/v1/sites/${site.id}/products`, [{ id: "mug", name: "Mug", category: "ceramics", price: 18 }]);
    const visit = await browser.newPage({ userAgent });
    await visit.goto(`${shop.url}/`);
    await visit.getByText("For lovers of everything").waitFor();
    assert.equal(await visit.getByText("The page's own").count(), 0);
    const visitor = await visit.evaluate(() => localStorage.getItem("attune.visitor"));

    await visit.goto(`${shop.url}/mug`);
    const seen = `select session_id from events_log where visitor_id = '${visitor}' and event_type = 'product_view'`;
    const session = await waitFor("the product view", async () => (await attune.query(seen))[0]?.session_id);
    await waitFor("the view to be known", async () => {
      const of = { visitor, session };
      const { templates } = await attune.api("POST", `/api/v1/sites/${site.id}/slots/hero/preview`, of);
      return templates[0].content.includes("ceramics");
    });
    const shown = visit.waitForRequest((request) => (request.postData() ?? "").includes("recommendation_shown"));
    await visit.goto(`${shop.url}/`);
    await visit.getByText("For lovers of ceramics").waitFor();
    await shown;
    await visit.getByRole("link", { name: "the sale" }).click();
    await visit.waitForURL(/\/sale$/);
    const performance = await waitFor("the slot's numbers", async () => {
      const found = await attune.api("GET", `/api/v1/sites/${site.id}/slots/hero/performance?days=1`);
      return found.all.clicks === 1 && found;
    });
    assert.equal(performance.slot, "hero");
    assert.ok(performance.all.impressions >= 1 && performance.all.impressions <= 2, JSON.stringify(performance.all));
    const [row] = performance.templates;
    assert.equal(row.item_id, `content:${template.id}`);
    assert.equal(row.clicks, 1);
    assertNoProblems(visit);
    await visit.context().close();
  });
});
