// The whole loop, as a person sees it: somebody walks the demo shop, is recommended something because of what
// they looked at, clicks it, buys it, and all of it shows in the tables and on the dashboard.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, screenshot, startAttune, waitFor,
} from "./harness.mjs";

// A browser that says "Headless" is a bot to the collector, and rightly; these visits are a person's.
const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

describe("the demo shop", { timeout: 420_000 }, () => {
  let attune;
  let browser;
  let site;
  let started;

  before(async () => {
    started = Date.now();
    attune = await startAttune({ demo: true });
    browser = await openBrowser();
    site = (await attune.api("GET", "/api/v1/sites")).sites[0];
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  const ask = (sql) => attune.query(sql.replaceAll("{site}", site.id));
  const stats = (target) => attune.api("GET", `/api/v1/sites/${site.id}${target}`);
  const demo = (page, path) => page.goto(`${attune.url}/demo/${path}`);
  const trained = async () => {
    await waitFor("the first model", async () => (await stats("/recommendations/stats?period=all")).model, {
      timeoutMs: 150_000, everyMs: 500,
    });
    const answer = () => attune.api("GET", `/api/v1/sites/${site.id}/recommendations?item=milking-stool&preview=1`);
    await waitFor("it to serve", async () => (await answer()).items.some((item) => item.strategy === "sequential"), {
      timeoutMs: 60_000, everyMs: 250,
    });
  };

  test("the dashboard is alive within a minute of the start", async () => {
    await waitFor("visitors now", async () => (await stats("/stats/realtime")).visitors_now > 0, {
      timeoutMs: Math.max(1, 60_000 - (Date.now() - started)), everyMs: 250,
    });
    await trained();
    const overview = await stats("/stats/overview?period=7d&compare=previous");
    assert.ok(overview.metrics.sessions.value > 1000, JSON.stringify(overview.metrics));
    assert.ok(overview.metrics.orders.value > 10);
    const sources = await stats("/stats/sources?by=type&period=7d");
    const types = sources.rows.map((row) => row.name);
    for (const type of ["direct", "search", "social", "email", "paid", "ai", "referral"]) {
      assert.ok(types.includes(type), `${type} among ${types}`);
    }
  });

  test("every page is whole: pictures, links, names, nothing on the console", async () => {
    const page = await browser.newPage({ userAgent });
    const seen = new Set();
    const open = ["/demo/index.html", "/demo/search.html", "/demo/thanks.html"];
    while (open.length) {
      const path = open.pop();
      if (seen.has(path)) continue;
      seen.add(path);
      await page.goto(attune.url + path);
      assert.ok(!(await page.content()).includes("{{SITE_ID}}"), path);
      const broken = await page.evaluate(async () => {
        for (const image of document.images) image.loading = "eager";
        await Promise.all([...document.images].map((image) => image.decode().catch(() => 0)));
        return [...document.images].filter((image) => !image.naturalWidth).map((image) => image.src);
      });
      assert.deepEqual(broken, [], path);
      await auditAccessibility(page, path);
      await assertNoOverflow(page, path);
      const links = await page.$$eval('a[href^="/demo/"]', (all) => all.map((a) => new URL(a.href).pathname));
      open.push(...links);
    }
    assert.equal(seen.size, 46);
    assertNoProblems(page);
    await page.context().close();
  });

  test("fits a phone", async () => {
    const page = await browser.newPage({ userAgent, width: 390, height: 844 });
    for (const path of ["index.html", "products.html", "product-reading-chair.html", "cart.html", "contact.html"]) {
      await demo(page, path);
      await assertNoOverflow(page, path);
    }
    await screenshot(page, "shop-phone-contact");
    await demo(page, "product-reading-chair.html");
    await screenshot(page, "shop-phone-product", { fullPage: true });
    assertNoProblems(page);
    await page.context().close();
  });

  test("a visitor is recommended what fits, clicks it, and buys it", async () => {
    await trained();
    const popular = (await ask(
      "select item_id from user_product_interactions where site_id = '{site}' and interaction_type = 'VIEW' " +
        "group by item_id order by count(*) desc, item_id limit 4")).map((row) => row.item_id);
    const catalogue = await (await fetch(`${attune.url}/demo/catalogue.json`)).json();
    const categoryOf = Object.fromEntries(catalogue.map((product) => [product.id, product.category]));
    // Somebody furnishing: what fewest people love, so popularity cannot be what finds it.
    const wanted = catalogue.filter((product) => product.category === "furniture").map((product) => product.id);

    const page = await browser.newPage({ userAgent });
    let answer;
    page.on("response", async (response) => {
      if (response.url().includes("/recommendations?")) answer = await response.json().catch(() => answer);
    });
    await demo(page, "index.html");
    await page.getByRole("link", { name: "Furniture" }).first().click();
    for (const id of wanted.slice(0, 3)) {
      await page.locator(`.grid [data-attune-product="${id}"] a`).click();
      await page.waitForURL(`**/product-${id}.html`);
      await page.waitForTimeout(1200);
      if (id !== wanted[2]) await page.goBack();
    }
    // The last page asked before its own view had arrived; a reload asks with all three known.
    answer = undefined;
    await page.reload();
    await page.locator("[data-attune-recommend]").scrollIntoViewIfNeeded();
    await waitFor("recommendations", async () => answer?.items?.length === 4);
    const decided = answer; // later pages ask again
    const shown = decided.items.map((item) => item.item_id);
    const fitting = decided.items.filter(
      (item) => categoryOf[item.item_id] === "furniture" && !popular.includes(item.item_id) && !wanted.slice(0, 3).includes(item.item_id));
    assert.ok(fitting.length > 0, `shown ${shown}; popular ${popular}`);
    assert.notDeepEqual([...shown].sort(), [...popular].sort());
    const chosen = fitting[0];
    assert.ok(chosen.reason.length > 0);
    assert.ok(chosen.propensity > 0 && chosen.propensity <= 1);
    const card = page.locator(".attune-link", { hasText: chosen.name });
    assert.match(await card.innerText(), new RegExp(chosen.reason.slice(0, 20).replace(/[^\w ]/g, ".")));
    await page.waitForTimeout(1600); // seen for a second
    await screenshot(page, "shop-recommended", { fullPage: true });
    await card.click();
    await page.waitForURL(`**/product-${chosen.item_id}.html`);

    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: /^Cart/ }).click();
    await page.getByRole("link", { name: "Go to checkout" }).click();
    await page.getByRole("button", { name: "On to delivery" }).click();
    await page.getByRole("button", { name: "On to payment" }).click();
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    await demo(page, "contact.html");
    await page.getByLabel("Your name").fill("Robin Sample");
    await page.getByLabel("E-mail, for the answer").fill("robin@example.org");
    await page.getByLabel("Your letter").fill("Will the bench stand outside?");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("Thank you, we have your letter").waitFor();
    const session = await page.evaluate(() => localStorage.getItem("attune.session").split("|")[0]);
    assertNoProblems(page);
    await page.context().close();

    const outcome = async () =>
      (await ask(
        `select item_id, strategy, rank, shown, clicked, converted, revenue from recommendations
         where decision_id = '${decided.decision_id}' and item_id = '${chosen.item_id}'`))[0];
    await waitFor("the decision in recommendations", outcome);
    await waitFor("its click", async () => (await outcome()).clicked);
    await waitFor("the order that followed", async () => (await outcome()).converted);
    const row = await outcome();
    assert.equal(row.strategy, chosen.strategy);
    assert.equal(Number(row.rank), chosen.rank);
    assert.ok(row.shown);
    assert.ok(Number(row.revenue) > 0);

    // The dashboard's numbers are the tables' numbers, and the click is among them.
    await waitFor("the dashboard to agree with the tables", async () => {
      const counted = await attune.number(
        `select count(*) from recommendations where website_id = '${site.id}' and clicked`);
      const { totals } = await stats("/recommendations/stats?period=all");
      return counted > 0 && totals.clicked === counted;
    });

    // The last page's events left the browser as it closed, after those that were waited for above.
    await waitFor("the letter", async () => await attune.number(
      `select count(*) from form_submissions where session_id = '${session}'`) === 2);
    const paths = (await ask(`select path from pageviews where session_id = '${session}' order by view_timestamp, id`))
      .map((view) => view.path);
    assert.ok(paths.includes("/checkout.html") && paths.includes("/contact.html"), paths.join(" "));
    assert.ok(paths.every((path) => !path.startsWith("/demo")), "the prefix stays in the browser");
    const forms = await ask(
      `select form_id, form_data from form_submissions where session_id = '${session}' order by submit_timestamp, id`);
    assert.deepEqual(forms.map((form) => form.form_id), ["checkout", "contact"]);
    assert.equal(await attune.number(
      `select count(*) from events_log where session_id = '${session}' and
         (cast(raw_event_data as varchar) like '%4242%' or cast(raw_event_data as varchar) like '%robin@example.org%' or cast(raw_event_data as varchar) like '%bench stand%')`), 0,
      "neither card nor address nor letter left the browser");
    const steps = await ask(
      `select event_type from user_events where session_id = '${session}' and event_type in ('cart_add', 'checkout', 'purchase') order by id`);
    assert.deepEqual(steps.map((step) => step.event_type), ["cart_add", "checkout", "checkout", "checkout", "purchase"]);
  });

  test("search, filters and the cart do what they say", async () => {
    const page = await browser.newPage({ userAgent });
    await demo(page, "products.html");
    await page.getByLabel("Up to").selectOption("25");
    assert.match(await page.locator("[data-found]").innerText(), /^4 things$/);
    assert.equal(await page.locator(".grid .card:visible").count(), 4);
    await page.getByRole("searchbox").fill("lamp");
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("heading", { name: "“lamp”" }).waitFor();
    assert.equal(await page.locator("[data-search-results] .card").count(), 2);
    await page.locator("[data-search-results] a").first().click();
    await page.getByLabel("Number").fill("2");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("button", { name: "Keep in mind" }).click();
    assert.equal(await page.getByRole("button", { name: "Keep in mind" }).getAttribute("aria-pressed"), "true");
    assert.equal(await page.locator("[data-cart-count]").innerText(), "2");
    await page.getByRole("link", { name: /^Cart/ }).click();
    await page.getByRole("button", { name: /^Remove/ }).click();
    await page.getByText("There is nothing in it yet").waitFor();
    const session = await page.evaluate(() => localStorage.getItem("attune.session").split("|")[0]);
    assertNoProblems(page);
    await page.context().close();
    const made = await waitFor("the interactions", async () => {
      const rows = await ask(
        `select interaction_type, quantity from user_product_interactions where session_id = '${session}'
         and interaction_type <> 'VIEW' order by id`);
      return rows.length >= 4 && rows;
    });
    assert.deepEqual(made.map((each) => each.interaction_type), ["CLICK", "CART_ADD", "WISHLIST", "REMOVE_CART"]);
    assert.equal(Number(made[1].quantity), 2);
  });
});
