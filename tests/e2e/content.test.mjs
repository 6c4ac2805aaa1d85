// Content slots in a real browser: filled without a jump, reported like recommendations, and the page's
// own content where there is no answer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoProblems, openBrowser } from "./harness.mjs";
import { record, siteId } from "./recorder.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const decision = "7b0a4f1e-3f51-4d2b-9c7e-2b6a3f9e8d10";
const filled = (more = {}) => ({
  slots: [{ slot: "hero", decision_id: decision, item_id: "content:t1", type: "html", content: "<p>chosen <a href='#x'>here</a></p>", ...more }],
});
const html = `<!doctype html><html lang="en"><head><title>c</title>{{attune}}{{widget}}</head><body><main><h1>Shop</h1>
  <div data-attune-slot="hero" data-item="mug" style="min-height:40px"><p>own</p></div></main></body></html>`;

async function visit(t, recommend) {
  const site = await record({ pages: { "/": html }, recommend });
  const page = await browser.newPage();
  t.after(async () => {
    await page.context().close();
    await site.close();
  });
  await page.goto(`${site.url}/`);
  return { site, page };
}

test("shows what was chosen for this visitor and says that it was seen and clicked", async (t) => {
  const { site, page } = await visit(t, () => filled());
  await page.getByText("chosen").waitFor();
  assert.equal(await page.getByText("own").count(), 0);
  const [view] = await site.until("pageview");
  assert.deepEqual(site.asked, [{
    path: `/api/v1/sites/${siteId}/content`, visitor: view.visitor_id, session: view.session_id, slot: "hero", item: "mug",
  }]);
  const [seen] = await site.until("recommendation_shown");
  assert.equal(seen.decision_id, decision);
  assert.deepEqual(seen.items, [{ id: "content:t1" }]);
  await page.getByText("here").click();
  const [clicked] = await site.until("recommendation_click");
  assert.equal(clicked.decision_id, decision);
  assertNoProblems(page);
});

test("shows text as text", async (t) => {
  const { page } = await visit(t, () => filled({ type: "text", content: "<b>not bold</b>" }));
  await page.getByText("<b>not bold</b>").waitFor();
});

for (const [what, answer] of [
  ["nothing was chosen", { slots: [{ slot: "hero", content: null }] }],
  ["the server refuses", { status: 503 }],
]) {
  test(`shows the page's own content when ${what}`, async (t) => {
    const { page } = await visit(t, () => answer);
    await page.getByText("own").waitFor({ state: "visible" });
  });
}
