// A new model in the shadow: it answers unseen beside the one in production, the command and the screen say how
// alike they are, and a click puts it into service.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertNoProblems, openBrowser, startAttune, waitFor } from "./harness.mjs";

const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const pairs = [["kettle", "teapot"], ["pan", "spatula"], ["board", "knife"], ["wine", "corkscrew"]];

describe("a model in the shadow", { timeout: 180_000 }, () => {
  let attune;
  let browser;
  let site;

  before(async () => {
    attune = await startAttune({ env: { ATTUNE_RECOMMEND_SHADOW_SITES: "other.example,shop.example" } });
    browser = await openBrowser();
    site = await attune.addSite({ domain: "shop.example" });
    const start = Date.now() - 40 * 3_600_000;
    const events = Array.from({ length: 400 }, (_, n) => pairs[n % pairs.length].map((item, step) => ({
      type: "product_view", visitor_id: `v${n}`, session_id: `s${n}`, user_agent: userAgent,
      timestamp: new Date(start + n * 180_000 + step * 20_000).toISOString(),
      url: `https://shop.example/${item}`, items: [{ id: item, name: item }] }))).flat();
    await attune.postEvents(site, events);
    const count = `select count(*) from user_product_interactions where site_id = '${site.id}'`;
    await waitFor("the visits to be in the tables", async () => (await attune.number(count)) === events.length);
  });
  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  const models = async (status) =>
    (await attune.api("GET", `/api/v1/sites/${site.id}/models`)).models
      .filter((model) => model.strategy === "sequential" && model.status === status);
  async function train() {
    const { id } = await attune.api("POST", `/api/v1/sites/${site.id}/train`, { strategy: "sequential" });
    const job = await waitFor("the training to end", async () => {
      const now = await attune.api("GET", `/api/v1/jobs/${id}`);
      return now.state !== "running" && now;
    });
    assert.equal(job.state, "done", job.message);
  }

  test("answers unseen, is shown with what it did, and goes into service by hand", async () => {
    await train();
    const [present] = await models("production");
    await train();
    const [shadow] = await models("validating");
    assert.equal((await models("production"))[0].version, present.version);
    for (let n = 0; n < 5; n++) {
      const answer = await attune.api("GET", `/api/v1/sites/${site.id}/recommendations?item=pan&visitor=v&session=new`);
      assert.ok(answer.model_version.includes(present.version), "visitors see the model in production");
    }
    // What was counted is kept when the site is looked at anew: every five minutes, and when its catalogue changes.
    const kept = await waitFor("the counts", async () => {
      await attune.api("PUT", `/api/v1/sites/${site.id}/products`, [{ id: "pan", name: "Pan" }]);
      const [now] = await models("validating");
      return now.metrics.shadow.requests >= 5 && now.metrics.shadow;
    }, { everyMs: 500 });
    assert.equal(kept.overlap_10, 1, "both know the pairs");
    const list = await attune.command("models", "list", "--data", attune.folder, "--site", "shop.example");
    assert.match(list, /validating .*in the shadow: \d+ requests, 100 % of ten items alike, \d+ us \(now \d+\)/);

    const page = await browser.newPage();
    await attune.signIn(page, "/models?site=shop.example");
    const row = page.getByRole("row", { name: new RegExp(shadow.version) });
    await row.getByText("In the shadow").waitFor();
    await row.getByRole("button", { name: "Put in service" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Put in service" }).click();
    await page.getByText(`${shadow.version} is in service`).waitFor();
    assert.equal((await models("production"))[0].version, shadow.version);
    assertNoProblems(page);
    await page.context().close();
  });
});
