// x.js in a real browser: pages of one origin, the payload and the beacon of another. What the site
// publishes is written here, so that each kind of change is there; flags.test.mjs has the real payload.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { assertNoProblems, openBrowser, sourceDir, waitFor } from "./harness.mjs";

const site = "6f1c1a52-7f0e-4c3a-9a54-0b8f2f3f8c01";
const split = (key, variations, more = {}) => ({
  key, seed: key, hashAttribute: "id", hashVersion: 2, coverage: 1, weights: [0.5, 0.5], status: "running",
  meta: [{ key: "control" }, { key: "new" }], variations, ...more,
});

/** The pages of a shop and what Attune answers, on two ports. */
async function shop(payload, { delayMs = 0, attributes = "" } = {}) {
  const tracked = [];
  let asked = 0;
  const script = await readFile(path.join(sourceDir, "tracker/dist/x.js"));
  const listen = (handler) => new Promise((resolve) => {
    const server = createServer(handler);
    server.listen(0, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}` }));
  });
  const attune = await listen((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    if (request.url === "/x.js") return response.end(script);
    if (request.url === `/growthbook/api/features/${site}`) {
      ++asked;
      return setTimeout(() => response.end(JSON.stringify(payload)), delayMs);
    }
    let body = "";
    request.on("data", (chunk) => { body += chunk; });
    request.on("end", () => {
      tracked.push(...JSON.parse(body).map((event) => ({ ...event, target: request.url })));
      response.end("{}");
    });
  });
  const pages = await listen((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><html lang="en"><head><title>${request.url}</title>
      <script src="${attune.url}/x.js" data-site="${site}" ${attributes}></script></head>
      <body><h1 class="big">Hello</h1><p id="text">old</p><a href="/next">next</a></body></html>`);
  });
  return {
    url: pages.url, tracked, asked: () => asked,
    close: () => Promise.all([attune, pages].map(({ server }) => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }))),
  };
}

describe("tests on a page", { timeout: 120_000 }, () => {
  let browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function visit(t, payload, { target = "/", options, visitor, ...rest } = {}) {
    const place = await shop(payload, options);
    const page = await browser.newPage(rest);
    t.after(async () => {
      await page.context().close();
      await place.close();
    });
    if (visitor) await page.addInitScript((id) => localStorage.setItem("attune.visitor", id), visitor);
    await page.goto(place.url + target, { waitUntil: "load" });
    return { place, page };
  }
  const changes = {
    css: "h1{color:rgb(1, 2, 3)}", js: "window.wasRun = true",
    domMutations: [
      { selector: "#text", action: "set", attribute: "text", value: "new" },
      { selector: "h1", action: "append", attribute: "class", value: "loud" },
      { selector: "a", action: "set", attribute: "href", value: "/other" },
      { selector: "#late", action: "set", attribute: "html", value: "<b>came late</b>" },
    ],
  };
  const look = (page) => page.evaluate(() => ({
    text: document.querySelector("#text").textContent, color: getComputedStyle(document.querySelector("h1")).color,
    classes: document.querySelector("h1").className, href: document.querySelector("a").getAttribute("href"),
    hidden: getComputedStyle(document.documentElement).visibility, run: window.wasRun === true }));

  test("each visitor sees one variation, reported once, and always the same", async (t) => {
    const payload = { features: {}, experiments: [split("look", [{ domMutations: [] }, changes])] };
    const seen = new Set();
    for (const visitor of ["v1", "v2", "v3", "v4", "v5", "v6"]) {
      const { place, page } = await visit(t, payload, { visitor });
      await page.waitForFunction(() => getComputedStyle(document.documentElement).visibility === "visible");
      await waitFor("the exposure", () => place.tracked.length === 1);
      const [event] = place.tracked;
      assert.equal(event.target, `/growthbook/track?client_key=${site}`);
      assert.deepEqual(event.properties_json, { experimentId: "look", variationId: event.properties_json.variationId, hashAttribute: "id", hashValue: visitor });
      const variation = event.properties_json.variationId;
      seen.add(variation);
      const wanted = variation === "new"
        ? { text: "new", color: "rgb(1, 2, 3)", classes: "big loud", href: "/other", hidden: "visible", run: true }
        : { text: "old", color: "rgb(0, 0, 0)", classes: "big", href: "/next", hidden: "visible", run: false };
      assert.deepEqual(await look(page), wanted);
      await page.reload();
      assert.deepEqual(await look(page), wanted, "the same again");
      assert.equal(place.tracked.length, 1, "reported once a session");
      assert.equal(place.asked(), 1, "the payload was kept");
      if (variation === "new") {
        await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", "<div id=late></div>"));
        await page.waitForFunction(() => document.querySelector("#late").textContent === "came late");
      }
      assertNoProblems(page);
    }
    assert.deepEqual([...seen].sort(), ["control", "new"]);
  });

  test("a split URL test takes people there with their query, and never in a circle", async (t) => {
    const payload = { features: {}, experiments: [split("there", [{ domMutations: [] }, { urlRedirect: "/b", domMutations: [] }],
      { weights: [0, 1], persistQueryString: true, urlPatterns: [{ include: true, type: "simple", pattern: "/*" }] })] };
    const { place, page } = await visit(t, payload, { target: "/a?utm_source=x", visitor: "v1" });
    await page.waitForURL(/\/b\?utm_source=x$/);
    await page.waitForFunction(() => getComputedStyle(document.documentElement).visibility === "visible");
    await waitFor("the exposure", () => place.tracked.length === 1);
    assertNoProblems(page);
  });

  test("who was given a variation keeps it when shares move, where the test is sticky", async (t) => {
    for (const [disableStickyBucketing, wanted] of [[undefined, "new"], [true, "old"]]) {
      const payload = { features: {}, experiments: [split("look", [{}, changes], { weights: [0, 1], disableStickyBucketing })] };
      const { place, page } = await visit(t, payload, { visitor: "v1" });
      await page.waitForFunction(() => document.querySelector("#text").textContent === "new");
      await waitFor("the exposure", () => place.tracked.length === 1);
      payload.experiments[0].weights = [1, 0];
      await page.evaluate(() => localStorage.removeItem("attune.tests"));   // as after 30 seconds
      await page.reload({ waitUntil: "load" });
      await page.evaluate(() => attuneTests.ready);
      await waitFor("the page as it should look", async () => (await look(page)).text === wanted);
      assertNoProblems(page);
    }
  });

  test("whom a holdout keeps as they are sees no test that names it, and is counted in the holdout", async (t) => {
    const { variations: _, key, ...rule } = split("held", []);
    for (const [weights, variation, wanted] of [[[1, 0], "control", "old"], [[0, 1], "new", "new"]]) {
      const payload = {
        features: { "$holdout:held": { defaultValue: null, rules: [{ ...rule, key, variations: ["control", "new"], weights }] } },
        experiments: [split("look", [{}, changes], { weights: [0, 1],
          parentConditions: [{ id: "$holdout:held", condition: { value: { $ne: "control" } } }] })] };
      const { place, page } = await visit(t, payload, { visitor: "v1" });
      await page.evaluate(() => attuneTests.ready);
      await waitFor("the page as it should look", async () => (await look(page)).text === wanted);
      const told = wanted === "new" ? [["held", variation], ["look", "new"]] : [["held", variation]];
      await waitFor("the exposures", () => place.tracked.length === told.length);
      assert.deepEqual(place.tracked.map((each) => [each.properties_json.experimentId, each.properties_json.variationId]).sort(), told);
      assertNoProblems(page);
    }
  });

  test("the page is never hidden for longer than a second", async (t) => {
    const payload = { features: {}, experiments: [split("look", [{}, changes], { weights: [0, 1] })] };
    const { page } = await visit(t, payload, { visitor: "v1", options: { delayMs: 4000 } });
    const before = await page.evaluate(() => getComputedStyle(document.documentElement).visibility);
    assert.equal(before, "hidden");
    await page.waitForFunction(() => getComputedStyle(document.documentElement).visibility === "visible", null, { timeout: 2500 });
  });

  test("who sends no ids is in no test, and looking at a variation does not count", async (t) => {
    const payload = { features: { menu: { defaultValue: "old", rules: [{ force: "new", condition: { path: "/menu" } }] } },
      experiments: [split("look", [{}, changes], { weights: [0, 1] })] };
    const cookieless = await visit(t, payload, { options: { attributes: "data-cookieless" } });
    assert.equal((await look(cookieless.page)).text, "old");
    const peek = await visit(t, payload, { target: "/?look=1", visitor: "v1" });
    await peek.page.waitForFunction(() => document.querySelector("#text").textContent === "new");
    assert.equal(peek.place.tracked.length, 0);
    assert.equal(await peek.page.evaluate(async () => { await attuneTests.ready; return attuneTests.flag("menu", "none"); }), "old");
    const menu = await visit(t, payload, { target: "/menu", visitor: "v1" });
    assert.equal(await menu.page.evaluate(async () => { await attuneTests.ready; return attuneTests.flag("menu", "none"); }), "new");
  });
});
