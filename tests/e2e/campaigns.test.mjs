// The screens Campaigns and Insights in a real browser: numbers come in by a file, stand in the table as
// the API has them, become recommendations and insights, and what is decided on the screen is stored.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, screenshot, startAttune, waitFor } from "./harness.mjs";

const dayMs = 86_400_000;
const dayAgo = (days) => new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
const names = ["Spring", "Summer", "Autumn", "Winter", "Sale", "Launch"];
const header = "campaign,day,platform,audience,impressions,clicks,conversions,revenue,spend,currency";

/** Three days of each campaign within the last week, and one of long ago. */
function statistics() {
  const rows = [];
  for (const [n, name] of names.entries()) {
    for (const days of [1, 2, 3, 200]) {
      const impressions = 4_000 + 500 * n + 10 * days;
      rows.push([name, dayAgo(days), n % 2 === 0 ? "Instagram" : "Facebook", "students", impressions, 80 + 12 * n,
        4 + n, (40 + 11.5 * n).toFixed(2), (55 - 4 * n).toFixed(2), "EUR"]);
    }
  }
  return rows.map((row) => row.join(","));
}
const file = (lines) => ({ name: "stats.csv", mimeType: "text/csv", buffer: Buffer.from(`${[header, ...lines].join("\n")}\n`) });
/** A share as the screens write it. */
function percent(share) {
  const value = share * 100;
  const digits = Math.abs(value) >= 99.95 || Number.isInteger(Number(value.toFixed(1))) ? 0 : 1;
  return value.toFixed(digits);
}
const number = (text) => Number(text.replace(/[^0-9.-]/g, ""));
const looks = [
  { name: "light", theme: "light", width: 1360, height: 900 },
  { name: "dark", theme: "dark", width: 1360, height: 900 },
  { name: "phone", theme: "light", width: 390, height: 844, hasTouch: true, isMobile: true },
];

describe("campaigns and insights on their screens", { timeout: 240_000 }, () => {
  let attune;
  let browser;
  before(async () => {
    attune = await startAttune();
    await attune.addSite({ domain: "shop.example" });
    browser = await openBrowser();
    for (const name of names.slice(1)) {
      await attune.api("POST", "/api/v1/campaigns", { name, objective: "Sales", platform: "Instagram", status: "active", currency: "EUR" });
    }
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });
  const rows = async (table) => (await attune.api("GET", `/api/v1/${table}?limit=1000`))[table];
  async function open(t, target, look) {
    const page = await browser.newPage(look);
    t.after(() => page.context().close());
    await attune.signIn(page, target);
    return page;
  }

  test("a campaign is made, and a file with a wrong row stores nothing and says which", async (t) => {
    const page = await open(t, "/campaigns?site=shop.example");
    await page.getByText("5 campaigns of the account").waitFor();
    await page.getByRole("button", { name: "New campaign" }).click();
    await page.getByLabel("Name").fill("Spring");
    await page.getByLabel("Objective").selectOption("Sales");
    await page.getByLabel("Budget").fill("500");
    await page.getByRole("button", { name: "Add the campaign" }).click();
    await page.getByRole("button", { name: "Spring", exact: true }).waitFor();
    const made = (await rows("campaigns")).find((row) => row.name === "Spring");
    assert.equal(made.objective, "Sales");
    assert.equal(made.budget, 500);
    assert.equal(made.currency, "EUR");

    await page.getByRole("button", { name: "Import statistics" }).click();
    const good = statistics();
    await page.getByLabel("File").setInputFiles(file([good[0], good[1].replace("Spring", "Sprin"), good[2]]));
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText("Nothing was stored: 1 row is wrong.").waitFor();
    const wrong = page.locator(".wrong-rows li");
    assert.match(await wrong.textContent(), /Line 3.*no campaign "Sprin"/);
    assert.deepEqual(await rows("campaign_stats_daily"), []);

    await page.getByLabel("File").setInputFiles(file(good));
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText("24 rows stored.").waitFor({ timeout: 60_000 });
    assert.equal((await rows("campaign_stats_daily")).length, 24);
    assertNoProblems(page);
  });

  /** The sums of a campaign's stored rows from a day on. */
  async function sums(from) {
    const campaigns = await rows("campaigns");
    const all = new Map(campaigns.map(({ id, name }) => [id, { name, impressions: 0, clicks: 0, conversions: 0, revenue: 0, spend: 0 }]));
    for (const row of await rows("campaign_stats_daily")) {
      if (row.day < from) continue;
      const sum = all.get(row.campaign_id);
      for (const key of ["impressions", "clicks", "conversions", "revenue", "spend"]) sum[key] += row[key];
    }
    return [...all.values()];
  }
  async function table(page) {
    return page.locator(".data-table tbody tr").evaluateAll((all) =>
      all.map((row) => [...row.children].map((cell) => cell.textContent)));
  }
  function same(shown, sum) {
    assert.equal(number(shown[2]), sum.impressions < 10_000 ? sum.impressions : Number((sum.impressions / 1e3).toFixed(1)), `${sum.name}: impressions`);
    assert.equal(number(shown[3]), sum.clicks);
    assert.equal(number(shown[4]), Number(percent(sum.clicks / sum.impressions)));
    assert.equal(number(shown[5]), sum.conversions);
    assert.equal(number(shown[6]), Number(sum.revenue.toFixed(2)));
    assert.equal(number(shown[7]), Number(sum.spend.toFixed(2)));
    assert.equal(number(shown[8]), Number(percent(sum.revenue / sum.spend - 1)));
  }

  test("the table has the API's numbers of the range, and sorts", async (t) => {
    const page = await open(t, "/campaigns?site=shop.example&period=30d&campaigns.sort=name");
    await page.locator(".data-table tbody tr").nth(5).waitFor();
    const recent = new Map((await sums(dayAgo(30))).map((sum) => [sum.name, sum]));
    for (const shown of await table(page)) same(shown, recent.get(shown[0]));
    const clicks = [...recent.values()].reduce((sum, each) => sum + each.clicks, 0);
    assert.equal(number(await page.locator(".stat", { has: page.getByText("Clicks", { exact: true }) }).locator(".stat-value").textContent()), clicks);

    await page.getByRole("columnheader", { name: "Return" }).getByRole("button").click();
    await page.waitForURL(/campaigns\.sort=-roi/);
    const order = [...recent.values()].sort((a, b) => b.revenue / b.spend - a.revenue / a.spend).map((sum) => sum.name);
    await page.waitForFunction((first) => document.querySelector(".data-table tbody th")?.textContent === first, order[0]);
    assert.deepEqual((await table(page)).map((row) => row[0]), order);

    await page.goto(`${attune.url}/campaigns?site=shop.example&period=12mo&campaigns.sort=name`);
    const whole = new Map((await sums("0000-00-00")).map((sum) => [sum.name, sum]));
    await page.locator(".data-table tbody tr").nth(5).waitFor();
    for (const shown of await table(page)) same(shown, whole.get(shown[0]));
    assertNoProblems(page);
  });

  test("what the profile says is stored", async (t) => {
    const page = await open(t, "/campaigns?site=shop.example&tab=profile");
    await page.getByLabel("Industry").fill("Kitchen");
    await page.getByLabel("Voice").selectOption("Authentic");
    await page.getByLabel("Taste for risk").fill("0.8");
    await page.getByLabel("Places").fill("Ulm, Bern");
    await page.getByLabel("Places").blur();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    const [profile] = await rows("meta_user_profiles");
    assert.equal(profile.industry, "Kitchen");
    assert.equal(profile.brand_voice, "Authentic");
    assert.equal(profile.risk_tolerance, 0.8);
    assert.deepEqual(profile.target_locations, ["Ulm", "Bern"]);
    await page.reload();
    await page.waitForFunction(() => [...document.querySelectorAll("input")].some((each) => each.value === "Ulm, Bern"));
    assertNoProblems(page);
  });

  test("campaigns are proposed, taken up, implemented and held against what became of them", async (t) => {
    const page = await open(t, "/campaigns?site=shop.example&tab=advice");
    await page.getByRole("button", { name: "Propose campaigns" }).click();
    const proposed = page.getByRole("region", { name: "Proposed, best first" });
    await proposed.waitFor();
    const stored = (await rows("campaign_recommendations")).filter((row) => row.implementation_status === "proposed");
    assert.ok(stored.length > 0);
    const cards = await proposed.locator("article").evaluateAll((all) => all.map((card) => card.textContent));
    assert.equal(cards.length, stored.length);
    for (const row of stored) {
      const rate = percent(row.predicted_ctr);
      const { low, high } = row.prediction_intervals.ctr;
      const card = cards.find((text) => text.startsWith(row.name) && text.includes(`${rate}\u202f%`));
      assert.ok(card, `${row.name} with ${rate} among ${cards.join("\n")}`);
      assert.ok(card.includes(`${percent(low)} – ${percent(high)}`), card);
      assert.match(card, row.basis === "prior_only" ? /Only a prior/ : /From your own history/);
      assert.match(card, /reach the goal/);
    }
    // One is taken up and implemented, another rejected.
    const id = async (status) => (await rows("campaign_recommendations")).filter((row) => row.implementation_status === status);
    await proposed.getByRole("button", { name: "Take up" }).first().click();
    const taken = page.getByRole("region", { name: "Taken up" });
    await taken.waitFor();
    assert.equal((await id("accepted")).length, 1);
    await taken.getByRole("button", { name: "Mark as implemented" }).click();
    await taken.getByLabel("The campaign that followed").selectOption({ label: "Launch" });
    await taken.getByRole("button", { name: "Mark", exact: true }).click();
    await taken.waitFor({ state: "detached" });
    await page.getByText("1 recommendation implemented or rejected").waitFor();
    const [implemented] = await id("implemented");
    const launch = (await rows("campaigns")).find((row) => row.name === "Launch");
    assert.equal(implemented.implemented_campaign_id, launch.id);
    if (stored.length > 1) {
      await proposed.getByRole("button", { name: "Reject" }).first().click();
      await page.getByText("2 recommendations implemented or rejected").waitFor();
      assert.equal((await id("rejected")).length, 1);
    }

    await page.getByRole("button", { name: "Propose campaigns" }).click();
    await page.locator(".fared").waitFor();
    const calibration = await attune.api("GET", "/api/v1/campaign_advice/calibration");
    assert.equal(calibration.ctr.count, 1);
    await page.getByText(`Of 1 predicted click rate, ${calibration.ctr.within_interval} came out inside`).waitFor();
    const [judged] = await id("implemented");
    assert.match(await page.locator(".fared tbody tr").textContent(), new RegExp(`${percent(judged.actual_ctr)}\u202f%`));
    assert.ok((await page.getByText("Brier score").textContent()).includes(calibration.brier.toFixed(2)));
    assertNoProblems(page);
  });

  test("a look finds what was put into the numbers, and a decision about it is stored", async (t) => {
    const page = await open(t, "/insights?site=shop.example");
    await page.getByText("No insights yet.").waitFor();
    await page.getByRole("button", { name: "Look now" }).click();
    await page.getByText(/Nothing new. No patterns: /).waitFor({ timeout: 60_000 });   // six campaigns are too few

    const lines = [];
    // So many that either half, dealt at random, has enough of both platforms.
    for (let n = 0; n < 160; n++) {
      const name = `Post ${String(n).padStart(3, "0")}`;
      await attune.api("POST", "/api/v1/campaigns", { name, objective: "Traffic", status: "completed" });
      const platform = n % 2 === 0 ? "TikTok" : "YouTube";
      for (let days = 40; days < 44; days++) {
        const clicks = (platform === "TikTok" ? 90 : 40) + ((n * 7 + days * 3) % 11);
        lines.push([name, dayAgo(days), platform, "everybody", 2_000, clicks, clicks % 5, "0", "10", ""].join(","));
      }
    }
    const importing = await open(t, "/campaigns?site=shop.example");
    await importing.getByRole("button", { name: "Import statistics" }).click();
    await importing.getByLabel("File").setInputFiles(file(lines));
    await importing.getByRole("button", { name: "Import", exact: true }).click();
    await importing.getByText("640 rows stored.").waitFor({ timeout: 60_000 });

    await page.getByRole("button", { name: "Look now" }).click();
    await page.getByText(/new insights?\. /).waitFor({ timeout: 60_000 });
    const stored = await rows("learning_insights");
    assert.ok(stored.length > 0);
    const cards = page.locator("article.uplift");
    await cards.nth(stored.length - 1).waitFor();
    assert.equal(await cards.count(), stored.length);
    const tiktok = stored.find((row) => /TikTok/.test(row.title) && row.category === "ctr");
    assert.ok(tiktok, stored.map((row) => row.title).join("\n"));
    const card = cards.filter({ has: page.getByRole("heading", { name: tiktok.title }) });
    const text = await card.textContent();
    assert.match(text, /Only observed: associated with, not shown to be the cause/);
    assert.ok(text.includes(`+${percent(tiktok.improvement_percentage / 100)}\u202f%`), text);
    assert.ok(text.includes(tiktok.optimization_suggestions[0]));
    await card.getByRole("combobox").selectOption("accepted");
    await waitFor("the decision", async () =>
      (await rows("learning_insights")).find((row) => row.id === tiktok.id).implementation_status === "accepted");

    await page.getByRole("tab", { name: "Patterns" }).click();
    const patterns = await rows("performance_patterns");
    await cards.first().waitFor();
    assert.equal(await cards.count(), patterns.length);
    assertNoProblems(page);
  });

  test("a day's budget is divided where curves are known, and refusals are said in words", async (t) => {
    const page = await open(t, "/campaigns?site=shop.example&tab=budget");
    const lines = [];
    for (const [name, most, half] of [["Wide", 60, 30], ["Narrow", 40, 15], ["Even", 50, 20]]) {
      await attune.api("POST", "/api/v1/campaigns", { name, objective: "Sales", status: "active", currency: "EUR" });
      for (let days = 1; days <= 84; days++) {
        // Spends that differ without a pattern by weekday; one that hardly does.
        const spend = name === "Even" ? 30 : 8 + ((days * 29) % 53);
        const mean = (most * spend) / (half + spend);
        const conversions = Math.max(0, Math.round(mean + Math.sqrt(mean) * (((days * 37) % 41) / 20.5 - 1)));
        lines.push([name, dayAgo(days), "LinkedIn", "shops", 4_000, 200, conversions, conversions * 20, spend, "EUR"].join(","));
      }
    }
    await page.getByRole("button", { name: "Import statistics" }).click();
    await page.getByLabel("File").setInputFiles(file(lines));
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText("252 rows stored.").waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Close", exact: true }).last().click();

    await page.getByRole("button", { name: "Divide" }).click();
    const section = page.getByRole("region", { name: "Proposed division" });
    await section.waitFor();
    const plan = await attune.api("POST", "/api/v1/campaign_budget", { objective: "conversions", by: "campaign" });
    const shown = plan.lines.filter((line) => line.refusal !== "not_running");
    await section.getByText(`${plan.lines.length - shown.length} spent nothing lately`).waitFor();
    const cards = await section.locator("article").evaluateAll((all) => all.map((card) => card.textContent));
    assert.equal(cards.length, shown.length);
    const euros = (value) => new Intl.NumberFormat("en", { style: "currency", currency: "EUR", minimumFractionDigits: 2 }).format(value);
    for (const line of shown) {
      const card = cards.find((text) => text.startsWith(`${line.name} `));
      assert.ok(card, `${line.name} is among ${cards.join("\n")}`);
      assert.ok(card.includes(euros(line.present)), `${card}: ${line.present}`);
      assert.ok(card.includes(euros(line.proposed)), `${card}: ${line.proposed}`);
      assert.equal(card.includes("keeps its spend"), line.refusal !== null);
      assert.ok(card.toLowerCase().includes(line.reason.toLowerCase()), card);
    }
    assert.equal(plan.lines.find((line) => line.name === "Even").refusal, "same_spend");
    assert.ok(plan.lines.some((line) => line.refusal === null), JSON.stringify(plan.lines.map((line) => [line.name, line.refusal])));
    assert.ok((await section.textContent()).includes(`a chance of ${percent(plan.chance_better)}`));
    assert.equal(await section.locator(".curve").count(), shown.filter((line) => line.points.length > 1).length);
    for (const look of looks) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await auditAccessibility(page, `budget, ${look.name}`);
      await assertNoOverflow(page, `budget, ${look.name}`);
      await screenshot(page, `campaigns-budget-${look.name}`, { fullPage: true });
    }
    assertNoProblems(page);
  });

  test("they are in order in every look", async (t) => {
    for (const look of looks) {
      const page = await open(t, "/campaigns?site=shop.example&period=30d", look);
      for (const [name, address, there] of [
        ["numbers", "/campaigns?site=shop.example&period=30d", ".data-table tbody tr"],
        ["advice", "/campaigns?site=shop.example&tab=advice", ".fared"],
        ["profile", "/campaigns?site=shop.example&tab=profile", ".form.profile"],
        ["edit", `/campaigns?site=shop.example&edit=${(await rows("campaigns"))[0].id}`, "dialog[open]"],
        ["insights", "/insights?site=shop.example", "article.uplift"],
        ["patterns", "/insights?site=shop.example&tab=patterns", "article.uplift"],
      ]) {
        await page.goto(attune.url + address);
        await page.locator(there).first().waitFor();
        await auditAccessibility(page, `${name}, ${look.name}`);
        await assertNoOverflow(page, `${name}, ${look.name}`);
        await screenshot(page, `campaigns-${name}-${look.name}`, { fullPage: true });
        assertNoProblems(page);
      }
    }
  });
});
