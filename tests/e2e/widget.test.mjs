// The recommendation widget in a real browser: what it asks, shows, reports, and leaves alone.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, sourceDir } from "./harness.mjs";
import { record, siteId } from "./recorder.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const decision = "7b0a4f1e-3f51-4d2b-9c7e-2b6a3f9e8d10";
const picture = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4'/>";
const item = (id, rank, more = {}) => ({
  item_id: id, rank, score: 0.5, strategy: "popular", propensity: 1, reason: `because of ${id}`,
  name: `Name of ${id}`, url: `/p/${id}`, image: picture, price: 19.9, ...more,
});
const four = () => ({ decision_id: decision, model_version: "m", items: ["a", "b", "c", "d"].map((id, i) => item(id, i + 1)) });

const html = (body, head = "") =>
  `<!doctype html><html lang="en"><head><title>w</title>${head}{{attune}}{{widget}}</head>
  <body><main><h1>Shop</h1>${body}</main></body></html>`;
const box = (more = "") => `<div data-attune-recommend data-placement="product" data-item="sku 1" data-count="4" data-currency="EUR" ${more}></div>`;

async function visit(t, body, { recommend = four, attributes, init, head, ...options } = {}) {
  const site = await record({
    pages: { "/": html(body, head), "/p/b": html("product b") },
    attributes,
    recommend,
  });
  const page = await browser.newPage(options);
  t.after(async () => {
    await page.context().close();
    await site.close();
  });
  if (init) await page.addInitScript(init);
  await page.goto(`${site.url}/`);
  return { site, page };
}

test("asks for this visitor, session, item and place, and shows what comes", async (t) => {
  const { site, page } = await visit(t, box());
  await page.getByText("Name of a").waitFor();
  const [view] = await site.until("pageview");
  assert.deepEqual(site.asked, [{
    path: `/api/v1/sites/${siteId}/recommendations`, n: "4", visitor: view.visitor_id,
    session: view.session_id, item: "sku 1", placement: "product",
  }]);
  const region = page.getByRole("region", { name: "Recommended for you" });
  assert.equal(await region.getByRole("listitem").count(), 4);
  const link = region.getByRole("link").first();
  assert.equal(await link.getAttribute("href"), `${site.url}/p/a`);
  assert.match(await link.innerText(), /Name of a\s+€19\.90\s+because of a/);
  assert.equal(await region.getAttribute("aria-busy"), null);
  await auditAccessibility(page);
  await assertNoOverflow(page);
  assertNoProblems(page);
});

test("takes its space before it has anything to show", async (t) => {
  const { page } = await visit(t, `${box()}<p id="below">below</p>`, {
    init: () => {
      window.shifts = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
      const real = window.fetch;
      window.fetch = async (...args) => {
        if (String(args[0]).includes("recommendations")) await new Promise((go) => (window.letGo = go));
        return real(...args);
      };
    },
  });
  await page.waitForFunction(() => window.letGo);
  assert.equal(await page.locator(".attune-wait").count(), 4);
  assert.equal(await page.getByRole("listitem").count(), 0, "empty cards say nothing to a screen reader");
  const before = await page.locator("#below").boundingBox();
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
  await page.evaluate(() => (window.shifts = 0));
  await page.evaluate(() => window.letGo());
  await page.getByText("Name of a").waitFor();
  const after = await page.locator("#below").boundingBox();
  assert.deepEqual(after, before);
  assert.equal(await page.evaluate(() => window.shifts), 0);
});

test("asks only when it comes near the window", async (t) => {
  const { site, page } = await visit(t, `<div style="height:5000px">long</div>${box()}`);
  await site.settle();
  assert.deepEqual(site.asked, []);
  await page.evaluate(() => scrollTo(0, 99_999));
  await page.getByText("Name of a").waitFor();
  assert.equal(site.asked.length, 1);
});

test("says what was seen: half of a card for a second, in a visible tab", async (t) => {
  const { site, page } = await visit(t, `<div style="height:500px">above</div>${box('style="max-width:420px"')}
    <div style="height:3000px"></div>`, { width: 480, height: 640 });
  await page.getByText("Name of a").waitFor();
  await page.waitForTimeout(1500);
  assert.deepEqual(site.events("recommendation_shown"), [], "a sliver of the first row is not seen");

  await page.evaluate(() => scrollTo(0, 330)); // the first row
  await page.waitForTimeout(500);
  await page.evaluate(() => scrollTo(0, 0)); // not long enough
  await page.waitForTimeout(1200);
  assert.deepEqual(site.events("recommendation_shown"), []);

  await page.evaluate(() => scrollTo(0, 330));
  const [first] = await site.until("recommendation_shown");
  assert.equal(first.decision_id, decision);
  assert.deepEqual(first.items, [{ id: "a" }, { id: "b" }]);
  assert.deepEqual(first.data, { ranks: [1, 2], placement: "product" });
  await page.evaluate(() => scrollTo(0, 700)); // the second row
  const shown = await site.until("recommendation_shown", 2);
  assert.deepEqual(shown[1].items, [{ id: "c" }, { id: "d" }]);
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => scrollTo(0, 500));
  await page.waitForTimeout(1500);
  assert.equal(site.events("recommendation_shown").length, 2, "each card once");
});

test("a click is reported before the page goes", async (t) => {
  const { site, page } = await visit(t, box());
  await page.getByRole("link", { name: /Name of b/ }).click();
  await page.waitForURL("**/p/b");
  const [click] = await site.until("recommendation_click");
  assert.equal(click.decision_id, decision);
  assert.deepEqual(click.items, [{ id: "b" }]);
  assert.deepEqual(click.data, { ranks: [2], placement: "product" });
  assert.equal(click.url, `${site.url}/`);
  await site.until("click");
  await site.settle();
  assert.equal(site.events("recommendation_click").length, 1);
});

for (const [what, recommend] of [
  ["nothing to show", () => ({ decision_id: decision, items: [] })],
  ["an error", () => ({ status: 503 })],
  ["an answer that is none", () => ({ items: null })],
]) {
  test(`hides itself when there is ${what}`, async (t) => {
    const { site, page } = await visit(t, box(), { recommend });
    await page.waitForFunction(() => document.querySelector("[data-attune-recommend]").hidden);
    assert.equal(await page.locator("[data-attune-recommend]").innerHTML(), "");
    await page.waitForTimeout(1300);
    assert.deepEqual(site.events("recommendation_shown"), []);
  });
}

test("without a decision id nothing is reported", async (t) => {
  const { site, page } = await visit(t, box(), { recommend: () => ({ ...four(), decision_id: null }) });
  await page.getByText("Name of a").waitFor();
  await page.waitForTimeout(1500);
  await page.getByRole("link", { name: /Name of b/ }).click();
  await page.waitForURL("**/p/b");
  await site.settle();
  assert.deepEqual(site.types().filter((type) => type.startsWith("recommendation")), []);
});

test("a blocked tracker does not keep the shop from recommending", async (t) => {
  const { site, page } = await visit(t, box(`data-site="${siteId}"`), {
    init: () => {
      new MutationObserver((changes) => {
        for (const change of changes) {
          for (const node of change.addedNodes) if (node.src?.includes("t.js")) node.remove();
        }
      }).observe(document, { childList: true, subtree: true });
    },
  });
  await page.getByText("Name of a").waitFor();
  assert.equal(site.asked[0].visitor, undefined);
  assert.equal(site.asked[0].item, "sku 1");
  assert.deepEqual(site.posts, []);
});

test("cookieless: asks without ids and still reports", async (t) => {
  const { site, page } = await visit(t, box(), { attributes: "data-cookieless" });
  await page.getByText("Name of a").waitFor();
  assert.equal(site.asked[0].visitor, undefined);
  const [shown] = await site.until("recommendation_shown");
  assert.equal(shown.visitor_id, undefined);
});

test("what the catalogue says is text, never markup or script", async (t) => {
  const { page } = await visit(t, box(), {
    recommend: () => ({
      decision_id: decision,
      items: [
        item("a", 1, { name: "<img src=x onerror=window.broken=1>", url: "javascript:window.broken=1",
          image: "javascript:window.broken=1", reason: "<b>bold</b>" }),
        item("b", 2, { name: undefined, image: undefined, url: undefined, price: undefined, reason: undefined }),
      ],
    }),
  });
  await page.getByText("<img src=x").waitFor();
  await page.getByText("<b>bold</b>").waitFor();
  assert.equal(await page.locator("[data-attune-recommend] a").count(), 0);
  assert.equal(await page.locator("[data-attune-recommend] img").count(), 0);
  await page.getByText("b", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => window.broken), undefined);
});

test("works under a strict content security policy and can be themed", async (t) => {
  const { page } = await visit(t, box(), {
    head: `<meta http-equiv="Content-Security-Policy" content="style-src 'self'; script-src http://127.0.0.1:*">`,
  });
  await page.getByText("Name of a").waitFor();
  assertNoProblems(page);
  const columns = () => page.locator(".attune-list").evaluate((list) => getComputedStyle(list).gridTemplateColumns.split(" ").length);
  assert.ok((await columns()) >= 4);
  await page.evaluate(() => document.documentElement.style.setProperty("--attune-card-width", "600px"));
  assert.equal(await columns(), 2);
});

test("fills boxes that a page adds later, when told", async (t) => {
  const { site, page } = await visit(t, "");
  await site.until("pageview");
  await page.evaluate((markup) => {
    document.body.innerHTML = markup;
    attuneRecommend();
    attuneRecommend();
  }, box('data-title="Later"'));
  await page.getByRole("region", { name: "Later" }).getByText("Name of a").waitFor();
  assert.equal(site.asked.length, 1);
});

/** The example shop that asks on its server, on a free port. */
async function serverSideShop(t, attune) {
  const program = path.join(sourceDir, "examples/server_side/server.mjs");
  const child = spawn(process.execPath, [program, attune, siteId, "0"], { stdio: ["ignore", "pipe", "ignore"] });
  const gone = new Promise((done) => child.once("exit", done));
  t.after(async () => {
    child.kill();
    await gone;
  });
  const [line] = await new Promise((first) => child.stdout.once("data", (data) => first(String(data).split("\n"))));
  return line.replace("/p/ID", "");
}

test("reports for a page that its own server has filled, and changes nothing of it", async (t) => {
  const site = await record({ pages: {}, recommend: four });
  const shop = await serverSideShop(t, site.collector);
  const page = await browser.newPage();
  t.after(async () => {
    await page.context().close();
    await site.close();
  });
  await page.goto(`${shop}/p/sku%201`);
  assert.deepEqual(site.asked, [{ path: `/api/v1/sites/${siteId}/recommendations`, n: "4", item: "sku 1", placement: "product" }]);
  const [shown] = await site.until("recommendation_shown");
  assert.equal(shown.decision_id, decision);
  assert.deepEqual(shown.items, ["a", "b", "c", "d"].map((id) => ({ id })));
  assert.deepEqual(shown.data, { ranks: [1, 2, 3, 4], placement: "product" });
  assert.equal(await page.getByRole("listitem").count(), 4);
  await page.getByRole("link", { name: "Name of b" }).click();
  const [clicked] = await site.until("recommendation_click");
  assert.deepEqual([clicked.decision_id, clicked.items, clicked.data.ranks], [decision, [{ id: "b" }], [2]]);
  await page.waitForURL(`${shop}/p/b`);
  assert.equal(site.asked.length, 2, "the next page, and nothing from the browser");
});

test("a page without an answer comes without the list", async (t) => {
  const site = await record({ pages: {}, recommend: () => ({ status: 503 }) });
  t.after(() => site.close());
  const shop = await serverSideShop(t, site.collector);
  const answer = await fetch(`${shop}/p/a%3Cb%3E`);
  const text = await answer.text();
  assert.equal(answer.status, 200);
  assert.match(text, /<h1>a&#60;b&#62;<\/h1>/);
  assert.doesNotMatch(text, /<ul/);
});
