// The loop closing with a bandit, in a browser: people who each love one kind of thing walk the demo shop, are
// shown items with logged probabilities, click what they love, and the bandit learns to show more of it. The
// control group, shown what is popular, says on the dashboard what that is worth.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoProblems, openBrowser, startAttune, waitFor } from "./harness.mjs";

// A browser that says "Headless" is a bot to the collector, and rightly; these visits are a person's.
const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const inBrowser = 8; // people before, and again after
const byApi = 360; // people in between, in both groups, who do the same without a browser

describe("a bandit that learns tastes", { timeout: 420_000 }, () => {
  let attune;
  let browser;
  let site;
  let products;
  let byCategory;
  let categories;

  before(async () => {
    attune = await startAttune({ demo: true });
    browser = await openBrowser();
    const [shop] = (await attune.api("GET", "/api/v1/sites")).sites;
    const { key } = await attune.api("POST", `/api/v1/sites/${shop.id}/keys`, { name: "visitors", scope: "admin" });
    site = { ...shop, key };
    products = await (await fetch(`${attune.url}/demo/catalogue.json`)).json();
    byCategory = group(products);
    categories = [...byCategory.keys()];
    await attune.api("PUT", `/api/v1/sites/${site.id}/placements/product`, {
      count: 4, strategies: { popular: 1 }, fallback: ["popular"], context: "session",
      bandit: "thompson_linear", control_share: 0.4,
    });
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  const group = (all) => {
    const groups = new Map();
    for (const one of all) groups.set(one.category, [...(groups.get(one.category) ?? []), one]);
    return groups;
  };
  const categoryOf = (id) => products.find((product) => product.id === id)?.category;
  /** The share of a list that its visitor loves. */
  const loved = (items, taste) => items.filter((item) => categoryOf(item.item_id) === taste).length / items.length;
  const mean = (all) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const isDrawn = (decision) => decision.items.every(({ propensity }) => propensity > 0 && propensity <= 1);
  const bandit = async () =>
    (await attune.api("GET", `/api/v1/sites/${site.id}/bandits`)).bandits.find(({ placement }) => placement === "product");

  /** Somebody looks at two things they love, is recommended four, and clicks one of these if they love it. */
  async function browse(taste) {
    const page = await browser.newPage({ userAgent });
    let answer;
    page.on("response", async (response) => {
      if (response.url().includes("placement=product")) answer = await response.json().catch(() => answer);
    });
    const [first, second] = byCategory.get(taste);
    await page.goto(`${attune.url}/demo/product-${first.id}.html`);
    await page.locator("[data-attune-recommend]").scrollIntoViewIfNeeded();
    await waitFor("a first list", async () => answer?.items?.length === 4);
    answer = undefined;
    await page.goto(`${attune.url}/demo/product-${second.id}.html`);
    await page.locator("[data-attune-recommend]").scrollIntoViewIfNeeded();
    await waitFor("a second list", async () => answer?.items?.length === 4);
    const decided = answer;
    const wanted = decided.items.find(({ item_id }) => categoryOf(item_id) === taste);
    if (wanted) {
      await page.waitForTimeout(1100); // seen for a second
      await page.locator(".attune-link", { hasText: wanted.name }).click();
      await page.waitForURL(`**/product-${wanted.item_id}.html`);
    }
    assertNoProblems(page);
    await page.context().close();
    return { taste, decided, clicked: wanted?.item_id };
  }

  /** What the log says of lists that the bandit drew for these people. */
  const ofTreatment = async (visits) => {
    const kept = [];
    for (const visit of visits) {
      const id = visit.decided.decision_id;
      const factors = await waitFor("the decision in the table", async () => {
        const rows = await attune.query(
          `select personalization_factors as factors from recommendations where decision_id = '${id}' limit 1`);
        return rows[0]?.factors;
      });
      const parsed = typeof factors === "string" ? JSON.parse(factors) : factors;
      if (parsed.group === "treatment") {
        assert.equal(parsed.bandit.placement, "product");
        kept.push(visit);
      }
    }
    return kept;
  };

  const inTurn = async (count) => {
    const visits = [];
    for (let n = 0; n < count; n++) visits.push(await browse(categories[n % categories.length]));
    return visits;
  };

  /** The same visit by the API. */
  async function visitByApi(n) {
    const taste = categories[n % categories.length];
    const who = { visitor_id: `taste-${n}`, session_id: `taste-${n}-1` };
    const base = { ...who, user_agent: userAgent };
    const [first, second] = byCategory.get(taste);
    await attune.postEvents(site, [first, second].map((product) => ({
      ...base, type: "product_view", url: `https://shop.example/product-${product.id}.html`, items: [{ id: product.id }] })));
    const query = `visitor=${who.visitor_id}&session=${who.session_id}&placement=product&item=${second.id}&n=4`;
    const decided = await (await fetch(`${attune.url}/api/v1/sites/${site.id}/recommendations?${query}`)).json();
    const about = (type, items) => ({ ...base, type, decision_id: decided.decision_id,
      url: `https://shop.example/product-${second.id}.html`, items: items.map(({ item_id }) => ({ id: item_id })) });
    const wanted = decided.items.find(({ item_id }) => categoryOf(item_id) === taste);
    await attune.postEvents(site, [about("recommendation_shown", decided.items),
      ...(wanted ? [about("recommendation_click", [wanted])] : [])]);
    return { taste, decided };
  }

  test("people see more of what they love", async (t) => {
    const before = await inTurn(inBrowser);
    assert.ok(before.every(({ decided }) => isDrawn(decided)), "every item was shown with a probability");
    const clicked = before.find((visit) => visit.clicked);
    if (clicked) {
      await waitFor("the click in the table", async () => await attune.number(
        `select count(*) from recommendations where decision_id = '${clicked.decided.decision_id}' and clicked`) > 0);
    }
    const learning = [];
    for (let n = 0; n < byApi; n += 8) {
      learning.push(...(await Promise.all(Array.from({ length: 8 }, (_, i) => visitByApi(n + i)))));
    }
    const updates = await waitFor("the bandit to have learned", async () => {
      const now = await bandit();
      return now?.clicks > 40 && now.updates;
    });
    const after = await inTurn(inBrowser);
    const [first, last] = [await ofTreatment([...before, ...learning.slice(0, 40)]), await ofTreatment([...learning.slice(-60), ...after])]
      .map((visits) => mean(visits.map(({ decided, taste }) => loved(decided.items, taste))));
    t.diagnostic(`share of loved items shown: ${first.toFixed(3)} at first, ${last.toFixed(3)} after ${updates} examples`);
    assert.ok(last > first + 0.15, `${first} at first, ${last} after ${updates} examples`);
  });

  test("the dashboard shows the click rate and the uplift with its interval", async () => {
    const page = await browser.newPage();
    await attune.signIn(page, `/recommendations?site=${site.domain}&period=today`);
    const panel = page.locator("article.uplift", { has: page.getByRole("heading", { name: "product", exact: true }) });
    const result = await waitFor("the clicks on both sides", async () => {
      const answer = await attune.api("GET", `/api/v1/sites/${site.id}/recommendations/placements?period=today`);
      const row = answer.placements.find(({ placement }) => placement === "product");
      return row?.clicks?.enough && row;
    });
    assert.ok(result.clicks.relative_low > 0, `clickers: ${JSON.stringify(result.clicks)}`);
    await page.reload();
    await panel.getByText(/visitors with recommendations, \d[\d,]* visitors without/).waitFor();
    await panel.locator("dt:text-is('Clickers') + dd", { hasText: /\+[\d.]+\s?%\s+\+[\d.]+\s?% to \+[\d.]+\s?%/ }).waitFor();
    const rate = panel.locator("tbody tr", { hasText: "Popular" }).locator("td").nth(2);
    assert.match(await rate.innerText(), /^[\d.]+\s?%$/);
    assert.match(await rate.getAttribute("data-tip"), /[\d.]+\s?[–-]\s?[\d.]+\s?%/);
    assertNoProblems(page);
    await page.context().close();
  });
});
