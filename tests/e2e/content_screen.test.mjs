// The screen Content in a real browser: a template is written beside its preview, one with an error is
// not stored, what is put into a slot is served, and the numbers are those of the API.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { assertNoOverflow, assertNoProblems, auditAccessibility, openBrowser, screenshot, startAttune, waitFor } from "./harness.mjs";

const looks = [
  { name: "light", theme: "light", width: 1360, height: 900 },
  { name: "dark", theme: "dark", width: 1360, height: 900 },
  { name: "phone", theme: "light", width: 390, height: 844, hasTouch: true, isMobile: true },
];

/** A share as the screens write it. */
function percent(share) {
  const value = share * 100;
  const digits = Math.abs(value) >= 99.95 || Number.isInteger(Number(value.toFixed(1))) ? 0 : 1;
  return value.toFixed(digits);
}

/** A server that speaks OpenAI's chat completions: writes `text`, and keeps what it was asked. */
async function openGenerator(t, text) {
  const asked = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => { body += chunk; });
    request.on("end", () => {
      asked.push(JSON.parse(body));
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ model: "stub-1", choices: [{ message: { role: "assistant", content: text() } }],
        usage: { prompt_tokens: 10, completion_tokens: 5 } }));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  }));
  return { asked, url: `http://127.0.0.1:${server.address().port}/v1` };
}

test("a text is drafted from a template, and taken into the editor", { timeout: 120_000 }, async (t) => {
  const texts = ["<p>Hello, friends of coffee</p>", "<p onclick='x()'>Coffee, again</p>"];
  const generator = await openGenerator(t, () => texts.shift());
  const attune = await startAttune({ env: { ATTUNE_GENERATE_URL: generator.url, ATTUNE_GENERATE_MODEL: "small" } });
  t.after(() => attune.stop());
  await attune.addSite({ domain: "shop.example" });
  const template = await attune.api("POST", "/api/v1/content_templates", { name: "hello", template_type: "web_block",
    base_prompt: "<p>Greet those who like {{ taste | default: 'tea' }}</p>", personalization_variables: [{ name: "taste", type: "text" }] });
  const browser = await openBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await attune.signIn(page, `/content?site=shop.example&edit=${template.id}`);
  await page.getByRole("button", { name: "Draft a text…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it should mind").fill("Be brief.");
  await dialog.getByLabel("Sample values for the draft").fill("{taste}");
  await dialog.getByRole("button", { name: "Draft", exact: true }).click();
  await dialog.getByText("The sample values are not JSON.").waitFor();
  await dialog.getByLabel("Sample values for the draft").fill('{"taste": "coffee"}');
  await dialog.getByRole("button", { name: "Draft", exact: true }).click();
  const draft = dialog.getByRole("region", { name: "The draft" });
  await draft.getByText("<p>Hello, friends of coffee</p>").waitFor();
  await draft.getByText("stub-1 took").waitFor();
  assert.match(JSON.stringify(generator.asked[0]), /Greet those who like coffee/);
  assert.match(JSON.stringify(generator.asked[0]), /Be brief\./);
  await dialog.getByRole("button", { name: "Draft another one" }).click();
  await draft.getByText("Coffee, again").waitFor();
  await draft.locator(".issues .form-error").first().waitFor();
  await auditAccessibility(page, "a drafted text");
  await dialog.getByRole("button", { name: "Take it into the editor" }).click();
  assert.equal(await page.locator("textarea.source").first().inputValue(), "<p onclick='x()'>Coffee, again</p>");
  const [row] = (await attune.api("GET", "/api/v1/content_templates")).content_templates;
  assert.match(row.base_prompt, /Greet those/, "nothing is stored before somebody saves it");
  assertNoProblems(page);
  await page.context().close();
});

describe("the screen Content", { timeout: 240_000 }, () => {
  let attune;
  let browser;
  let site;
  before(async () => {
    attune = await startAttune();
    site = await attune.addSite({ domain: "shop.example" });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });
  const templates = async () => (await attune.api("GET", "/api/v1/content_templates")).content_templates;
  async function open(t, target, look) {
    const page = await browser.newPage(look);
    t.after(() => page.context().close());
    await attune.signIn(page, target);
    return page;
  }
  const shown = (page) => page.frameLocator("iframe.preview-frame");

  test("a template with an error says where and is not stored; without it, it is", async (t) => {
    const page = await open(t, "/content?site=shop.example");
    await page.getByText("No templates yet.").waitFor();
    await page.getByRole("button", { name: "New template" }).click();
    await page.getByLabel("Name", { exact: true }).first().fill("hello");
    await page.getByLabel("Text").fill("<p>Hi</p>\n<b>{{ nam }}</b>");
    const message = page.getByText("line 2, column 7", { exact: false }).first();
    await message.waitFor();
    await page.getByRole("button", { name: "Go there" }).first().click();
    assert.equal(await page.getByLabel("Text").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd)), "n");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(/Not stored\. .*nam/).waitFor();
    assert.deepEqual(await templates(), []);

    await page.getByLabel("Text").fill(`<style>p { color: rgb(1, 2, 3); }</style><p style="background-color: rgb(9, 8, 7)">Hi {{ name | default: 'there' }}</p>`);
    await shown(page).getByText("Hi there").waitFor();
    const look = await page.locator("iframe.preview-frame").evaluate((frame) => {
      const style = frame.contentWindow.getComputedStyle(frame.contentDocument.querySelector("p"));
      return [style.color, style.backgroundColor];
    });
    assert.deepEqual(look, ["rgb(1, 2, 3)", "rgb(9, 8, 7)"], "styles are shown under the page's own policy");
    await page.getByLabel("Sample values").fill(`{"name": "Ada"}`);
    await shown(page).getByText("Hi •••").waitFor();
    await page.getByLabel("Show personal values").check();
    await shown(page).getByText("Hi Ada").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/edit=[0-9a-f-]{36}/);
    const [stored] = await templates();
    assert.equal(stored.name, "hello");
    assert.deepEqual(stored.personalization_variables, [{ name: "name", type: "text", pii: true }]);
  });

  test("without a text generator the screen says how to set one up", async (t) => {
    const [stored] = await templates();
    const page = await open(t, `/content?site=shop.example&edit=${stored.id}`);
    await page.getByRole("button", { name: "Draft a text…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Draft", exact: true }).click();
    await dialog.getByText("No text generator is set up").waitFor();
    assert.match(await dialog.locator("pre").textContent(), /^\[generate\]\nurl = /);
    await auditAccessibility(page, "no text generator");
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await dialog.waitFor({ state: "detached" });
  });

  test("nothing of a template runs in its preview", async (t) => {
    const page = await open(t, "/content?site=shop.example&edit=new");
    await page.getByLabel("Text").fill(`<p id="done">x</p><img src="data:," onerror="parent.ran = 1"><script>parent.ran = 2</script>`);
    await shown(page).locator("#done").waitFor();
    assert.equal(await page.evaluate(() => window.ran), undefined);
    assert.equal(await page.locator("iframe.preview-frame").getAttribute("sandbox"), "allow-same-origin");
  });

  test("a slot made on the screen serves, and shows what it earned as the API has it", async (t) => {
    await attune.api("POST", "/api/v1/content_templates", { name: "offer", template_type: "web_block", base_prompt: "<p>Ten percent off</p>" });
    const page = await open(t, "/content?site=shop.example&tab=slots");
    await page.getByLabel("Name of a new slot").fill("hero");
    await page.getByRole("button", { name: "New", exact: true }).click();
    await page.getByLabel("hello, version 1").check();
    await page.getByLabel("offer, version 1").check();
    await page.getByLabel("Visitors held out, %").fill("50");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("2 templates ready").waitFor();
    const [slot] = (await attune.api("GET", `/api/v1/sites/${site.id}/slots`)).slots;
    assert.equal(slot.slot, "hero");
    assert.equal(slot.holdout_share, 0.5);
    assert.equal(slot.policy, "thompson_linear");

    const snippet = await page.getByLabel("Snippet of the slot", { exact: true }).textContent();
    assert.match(snippet, /data-attune-slot="hero"/);
    const events = [];
    for (let n = 0; n < 60; n++) {
      const answer = await (await fetch(`${attune.url}/api/v1/sites/${site.id}/content?slot=hero&visitor=v${n}`)).json();
      const [filled] = answer.slots;
      assert.match(filled.content, /Hi there|Ten percent off/);
      const about = { visitor_id: `v${n}`, session_id: `v${n}`, url: "https://shop.example/", user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        decision_id: filled.decision_id, items: [{ id: filled.item_id }] };
      events.push({ ...about, type: "recommendation_shown", timestamp: new Date(Date.now() - 2_000).toISOString() });
      if (n % 3 === 0) events.push({ ...about, type: "recommendation_click", timestamp: new Date(Date.now() - 1_000).toISOString() });
    }
    await attune.postEvents(site, events);
    const earned = await waitFor("the numbers", async () => {
      const made = await attune.api("GET", `/api/v1/sites/${site.id}/slots/hero/performance`);
      return made.all.impressions === 60 && made.all.clicks === 20 ? made : null;
    });
    await page.reload();
    await page.locator(".rates tbody tr").first().waitFor();
    const rows = await page.locator(".rates tbody tr").evaluateAll((all) => all.map((row) => [...row.children].slice(0, 4).map((cell) => cell.textContent)));
    const names = new Map((await templates()).map((row) => [`content:${row.id}`, `${row.name}, version ${row.version}`]));
    for (const each of earned.templates) {
      const row = rows.find(([name]) => name === names.get(each.item_id));
      assert.equal(Number(row[1]), each.impressions);
      assert.equal(Number(row[2]), each.conversions);
      assert.equal(Number.parseFloat(row[3]), Number(percent(each.click_rate.mean)));
    }
    assert.equal(Number(rows.find(([name]) => name === "All, held out")[1]), earned.groups.holdout.impressions);
    assert.equal(Number(rows.find(([name]) => name === "All, chosen by learning")[1]), earned.groups.bandit.impressions);
    const { mean } = earned.bandit_vs_holdout;
    const gain = await page.getByText("against an even draw").textContent();
    assert.ok(gain.includes(`${percent(Math.abs(mean - 1))}\u202f%`), gain);
    assertNoProblems(page);
  });

  test("what was shown keeps its text: a change is a new version", async (t) => {
    await attune.api("POST", `/api/v1/sites/${site.id}/content/refresh`);
    const offer = (await templates()).find((row) => row.name === "offer");
    assert.ok(offer.usage_count > 0);
    const page = await open(t, "/content?site=shop.example");
    const row = page.locator(".data-table tbody tr", { hasText: "offer" });
    await row.waitFor();
    const cells = await row.locator("td").allTextContents();
    assert.equal(Number(cells[2]), offer.usage_count);
    assert.equal(Number.parseFloat(cells[3]), Number(percent(offer.success_rate)));
    assert.ok(Math.abs(Number(cells[4]) - offer.performance_score) <= 0.005, `${cells[4]} for ${offer.performance_score}`);
    await row.getByRole("button", { name: "offer" }).click();
    await page.getByLabel("Text").fill("<p>Twenty percent off</p>");
    await page.getByRole("button", { name: "Save as version 2" }).click();
    await page.getByText("Name, version 2").waitFor();
    const versions = (await templates()).filter((each) => each.name === "offer").sort((a, b) => a.version - b.version);
    assert.deepEqual(versions.map((each) => each.base_prompt), ["<p>Ten percent off</p>", "<p>Twenty percent off</p>"]);
    assertNoProblems(page);
  });

  test("it is in order in every look", async (t) => {
    const mail = await attune.api("POST", "/api/v1/content_templates", { name: "welcome", template_type: "email", base_prompt: "<h1 style=\"color: teal\">Welcome</h1><p>Good to have you.</p>", style_parameters: { subject: "Welcome to the shop" } });
    for (const look of looks) {
      const page = await open(t, "/content?site=shop.example", look);
      for (const [name, address, there] of [
        ["templates", "/content?site=shop.example", ".data-table tbody tr"],
        ["editor", `/content?site=shop.example&edit=${mail.id}`, "iframe.preview-frame"],
        ["slots", "/content?site=shop.example&tab=slots&slot=hero", ".rates tbody tr"],
      ]) {
        await page.goto(attune.url + address);
        await page.locator(there).first().waitFor();
        await auditAccessibility(page, `${name}, ${look.name}`);
        await assertNoOverflow(page, `${name}, ${look.name}`);
        await screenshot(page, `content-${name}-${look.name}`, { fullPage: true });
        assertNoProblems(page);
      }
    }
  });
});
