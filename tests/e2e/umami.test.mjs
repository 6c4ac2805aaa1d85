// Umami's own clients against the real server: @umami/node as published, and in a browser on another origin
// the requests that Umami's script makes, preflight and token included.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import umamiNode from "@umami/node";
import { openBrowser, startAttune, waitFor } from "./harness.mjs";

const { Umami } = umamiNode;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// A browser that says "Headless" is a bot to the collector, and rightly; these visits are a person's.
const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

describe("Umami's clients", { timeout: 120_000 }, () => {
  let attune;
  let site;

  before(async () => {
    attune = await startAttune();
    site = await attune.addSite({ domain: "shop.example" });
  });
  after(() => attune?.stop());

  const rows = (sql) => attune.query(sql.replaceAll("{site}", site.id));
  const until = (what, sql, count) =>
    waitFor(what, async () => {
      const found = await rows(sql);
      return found.length >= count && found;
    });

  test("@umami/node: page views, events and identities come through", async () => {
    const umami = new Umami({ websiteId: site.id, hostUrl: attune.url });
    const payload = { hostname: "shop.example", language: "de-DE", screen: "1920x1080" };
    const answers = [
      await umami.track({ ...payload, url: "/tea?utm_source=letter", title: "Tea",
        referrer: "https://www.google.com/" }),
      await umami.track({ ...payload, url: "/tea", name: "signup", data: { plan: "pro", seats: 3 } }),
      await umami.track("bare", { at: 1 }),
      await umami.identify({ plan: "pro" }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      const body = await answer.json();
      assert.equal(typeof body.cache, "string");
      assert.match(body.sessionId, uuid);
      assert.match(body.visitId, uuid);
    }
    const [view] = await until("the page view",
      "select path, title, query_params, utm_source, session_id, visitor_id from pageviews where site_id = '{site}'", 1);
    assert.equal(view.path, "/tea");
    assert.equal(view.title, "Tea");
    assert.equal(view.utm_source, "letter");
    const events = await until("the events",
      "select event_type, visitor_id, session_id, cast(event_data as varchar) as data from user_events " +
        "where site_id = '{site}' and event_type in ('signup', 'bare') order by id", 2);
    assert.deepEqual(events.map((event) => event.event_type), ["signup", "bare"]);
    assert.match(events[0].data, /"plan": ?"pro"/);
    for (const event of events) assert.equal(event.visitor_id, view.visitor_id, "one client, one visitor");
    const bots = await rows(
      "select count(*) as n from events_log where site_id = '{site}' and is_bot");
    assert.equal(Number(bots[0].n), 0, "Umami's own user agent is no bot");
  });

  test("@umami/node: an unknown site is refused in Umami's words", async () => {
    const umami = new Umami({ websiteId: "00000000-0000-4000-8000-000000000000", hostUrl: attune.url });
    const answer = await umami.track({ url: "/x", hostname: "shop.example" });
    assert.equal(answer.status, 400);
    const { error } = await answer.json();
    assert.equal(error.status, 400);
    assert.equal(typeof error.message, "string");
    assert.equal(typeof error.code, "string");
  });

  test("a bot is thanked and not counted", async () => {
    const umami = new Umami({
      websiteId: site.id, hostUrl: attune.url,
      userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    });
    const answer = await umami.track({ url: "/bot", hostname: "shop.example" });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { beep: "boop" });
    await until("the bot's event", "select id from events_log where site_id = '{site}' and path = '/bot'", 1);
    assert.deepEqual(await rows("select id from pageviews where site_id = '{site}' and path = '/bot'"), []);
  });

  test("batch: good ones are kept, bad ones counted", async () => {
    const send = (payload) => ({ type: "event", payload: { website: site.id, hostname: "shop.example", ...payload } });
    const answer = await fetch(`${attune.url}/api/batch`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Mozilla/5.0 Umami/v20" },
      body: JSON.stringify([send({ url: "/one" }), { type: "event", payload: { url: "/none" } }, send({ url: "/two" })]),
    });
    assert.equal(answer.status, 200);
    const body = await answer.json();
    assert.deepEqual([body.size, body.processed, body.errors], [3, 2, 1]);
    assert.equal(body.details[0].index, 1);
    await until("both", "select path from pageviews where site_id = '{site}' and path in ('/one', '/two')", 2);
    const none = await fetch(`${attune.url}/api/batch`, { method: "POST", body: "{}" });
    assert.equal(none.status, 400);
  });

  test("heartbeat", async () => {
    const answer = await fetch(`${attune.url}/api/heartbeat`);
    assert.deepEqual(await answer.json(), { ok: true });
  });

  test("a browser on another origin sends as Umami's script does, and the token keeps the visit", async (t) => {
    const pages = createServer((request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>elsewhere</title>");
    });
    await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
    const browser = await openBrowser();
    t.after(async () => {
      await browser.close();
      pages.close();
      pages.closeAllConnections();
    });
    const page = await browser.newPage({ userAgent });
    await page.goto(`http://127.0.0.1:${pages.address().port}/`);
    const results = await page.evaluate(
      async ({ endpoint, website }) => {
        let cache;
        const answers = [];
        // The body and headers of Umami's script: its payload, and its token from the second request on.
        for (const more of [{}, { name: "clicked", data: { where: "top" } }]) {
          const answer = await fetch(endpoint, {
            keepalive: true,
            method: "POST",
            body: JSON.stringify({
              type: "event",
              payload: {
                website, screen: "1360x900", language: navigator.language, title: document.title,
                hostname: location.hostname, url: location.href, referrer: "", tag: undefined, id: undefined, ...more,
              },
            }),
            headers: { "Content-Type": "application/json", ...(cache !== undefined && { "x-umami-cache": cache }) },
            credentials: "omit",
          });
          const body = await answer.json();
          cache = body.cache;
          answers.push(body);
        }
        return answers;
      },
      { endpoint: `${attune.url}/api/send`, website: site.id },
    );
    assert.deepEqual(page.problems, []);
    assert.equal(results[1].sessionId, results[0].sessionId);
    assert.equal(results[1].visitId, results[0].visitId);
    const [event] = await until("the event",
      "select visitor_id, session_id from user_events where site_id = '{site}' and event_type = 'clicked'", 1);
    assert.equal(event.visitor_id, results[0].sessionId);
    assert.equal(event.session_id, results[0].visitId);
  });
});
