// The tracker in a real browser, on a site of one origin and with a collector of another.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoProblems, openBrowser } from "./harness.mjs";
import { record, siteId } from "./recorder.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const html = (body, title = "A page") =>
  `<!doctype html><html lang="en"><head><title>${title}</title>{{attune}}</head><body>${body}</body></html>`;

/** A site with these pages and a browser page on "/"; both are closed at the test's end. */
async function visit(t, pages, { attributes, answer, target = "/", init, ...options } = {}) {
  const site = await record({
    pages: Object.fromEntries(Object.entries(pages).map(([path, body]) => [path, html(body)])),
    attributes,
    answer,
  });
  const page = await browser.newPage(options);
  t.after(async () => {
    await page.context().close();
    await site.close();
  });
  if (init) await page.addInitScript(init);
  await page.goto(site.url + target);
  return { site, page };
}

test("a page view says what is needed and comes without preflight or cookie", async (t) => {
  const { site, page } = await visit(t, { "/a": "hello" }, {
    target: "/a?utm_source=x&token=geheim#part",
    timezone: "Europe/Berlin",
    width: 1200,
    height: 800,
    scale: 2,
  });
  const [view] = await site.until("pageview");
  assert.equal(site.posts[0].path, "/api/v1/events");
  assert.equal(site.posts[0].site, siteId);
  assert.match(site.posts[0].headers["content-type"], /^text\/plain/);
  assert.equal(site.posts[0].headers.cookie, undefined);
  assert.deepEqual(site.preflights, []);
  assert.match(view.event_id, uuid);
  assert.match(view.visitor_id, uuid);
  assert.match(view.session_id, uuid);
  assert.ok(Math.abs(view.timestamp - Date.now()) < 10_000);
  assert.ok(site.posts[0].sent_at >= view.timestamp);
  assert.equal(view.url, `${site.url}/a?utm_source=x&token=redacted#part`);
  assert.equal(view.title, "A page");
  assert.equal(view.referrer, "");
  assert.equal(view.viewport, "1200x800");
  assert.match(view.screen, /^\d+x\d+$/);
  assert.equal(view.device_pixel_ratio, 2);
  assert.equal(view.language, "en-GB");
  assert.equal(view.timezone, "Europe/Berlin");
  await site.settle();
  assert.equal(site.events("pageview").length, 1);
  assertNoProblems(page);
});

test("visitor and session stay over pages; the page before is the referrer", async (t) => {
  const { site, page } = await visit(t, { "/": '<a href="/b">b</a>', "/b": "b" });
  await site.until("pageview");
  await page.click("a");
  const views = await site.until("pageview", 2);
  assert.equal(views[1].visitor_id, views[0].visitor_id);
  assert.equal(views[1].session_id, views[0].session_id);
  assert.equal(views[1].referrer, `${site.url}/`);
});

test("single-page navigation counts each place once", async (t) => {
  const { site, page } = await visit(t, { "/": "app" });
  await site.until("pageview");
  await page.evaluate(() => {
    history.pushState({}, "", "/login"); // a redirect: only where it ends counts
    history.replaceState({}, "", "/home");
    document.title = "Home";
  });
  await site.until("pageview", 2);
  await page.evaluate(() => history.pushState({}, "", "/home")); // the same place
  await page.evaluate(() => history.replaceState({}, "", "/home?filter=a")); // a remembered filter
  await page.evaluate(() => history.pushState({}, "", "/home#part")); // a place on the page
  await site.settle();
  await page.evaluate(() => history.pushState({}, "", "/list?page=2"));
  await site.until("pageview", 3);
  await page.goBack();
  const views = await site.until("pageview", 4);
  await site.settle();
  const path = (event) => event.url.slice(site.url.length);
  assert.deepEqual(site.events("pageview").map(path), ["/", "/home", "/list?page=2", "/home#part"]);
  assert.equal(views[1].title, "Home");
  assert.equal(views[1].referrer, `${site.url}/`);
  assert.equal(views[2].referrer, `${site.url}/home`);
  assert.equal(new Set(views.map((event) => event.session_id)).size, 1);
});

test("fragments are places with data-hash", async (t) => {
  const { site, page } = await visit(t, { "/": '<a href="#/two">two</a>' }, { attributes: "data-hash" });
  await site.until("pageview");
  await page.click("a");
  const views = await site.until("pageview", 2);
  assert.equal(views[1].url, `${site.url}/#/two`);
});

test("the prefix is left out of addresses, referrers and links", async (t) => {
  const { site, page } = await visit(t, {
    "/demo/": '<a href="/demo/products.html">p</a>',
    "/demo/products.html": "p",
  }, { attributes: 'data-strip-prefix="/demo"', target: "/demo/" });
  await site.until("pageview");
  await page.click("a");
  const views = await site.until("pageview", 2);
  assert.equal(views[0].url, `${site.url}/`);
  assert.equal(views[1].url, `${site.url}/products.html`);
  assert.equal(views[1].referrer, `${site.url}/`);
  assert.equal(site.events("click")[0].element.href, `${site.url}/products.html`);
});

test("clicks name the element that was meant, not its text", async (t) => {
  const { site, page } = await visit(t, {
    "/": `<button id="buy" class="big red"><span>Buy, <b>Anna Schmidt</b></span></button>
      <p id="text">just text</p>
      <div data-attune-ignore><button id="private">private</button></div>
      <a id="out" href="https://other.example/path?secret=1#x" target="_blank">out</a>
      <a id="mail" href="mailto:anna@a.example">mail</a>
      <svg id="icon" role="button" class="svg-class" width="30" height="30"><rect width="30" height="30"/></svg>
      <script>for (const a of document.querySelectorAll("a")) a.onclick = (e) => e.preventDefault()</script>`,
  });
  for (const target of ["#buy b", "#text", "#private", "#out", "#mail", "#icon rect"]) {
    await page.click(target);
  }
  await page.click("#out", { button: "middle" }).catch(() => {});
  const clicks = await site.until("click", 5);
  assert.deepEqual(clicks[0].element, { tag: "button", id: "buy", classes: "big red" });
  assert.deepEqual(clicks[1].element, { tag: "a", id: "out", href: "https://other.example/path" });
  assert.deepEqual(clicks[1].data, { outbound: "other.example" });
  assert.deepEqual(clicks[2].element, { tag: "a", id: "mail", href: "mailto:" });
  assert.equal(clicks[2].data, undefined);
  assert.deepEqual(clicks[3].element, { tag: "svg", id: "icon", classes: "svg-class" });
  assert.equal(clicks[4].element.id, "out", "opening in a new tab is a click too");
  assert.doesNotMatch(JSON.stringify(site.posts), /Anna|private|secret/);
});

test("scroll depth counts each quarter once, and only what was scrolled", async (t) => {
  const { site, page } = await visit(t, { "/": '<div style="height:4000px">long</div>' }, { height: 500 });
  await site.until("pageview");
  await site.settle();
  assert.deepEqual(site.events("scroll_depth"), []);
  await page.mouse.wheel(0, 1700);
  await site.until("scroll_depth", 2);
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(() => scrollTo(0, 1700));
  await page.evaluate(() => scrollTo(0, 99_999));
  await site.until("scroll_depth", 4);
  await site.settle();
  assert.deepEqual(site.events("scroll_depth").map((event) => event.scroll_percentage), [25, 50, 75, 100]);
  await page.evaluate(() => (scrollTo(0, 0), history.pushState({}, "", "/next")));
  await site.until("pageview", 2);
  await page.evaluate(() => scrollTo(0, 700));
  const depths = await site.until("scroll_depth", 5);
  assert.equal(depths[4].scroll_percentage, 25, "a new place is scrolled anew");
  assert.match(depths[4].url, /\/next$/);
});

test("a page that fits the window reports no depth", async (t) => {
  const { site, page } = await visit(t, { "/": "short" });
  await page.mouse.wheel(0, 500);
  await site.settle();
  assert.deepEqual(site.events("scroll_depth"), []);
});

const form = `<form id="order" name="ignored" action="/send?sid=1" method="POST">
  <input name="name" value="Anna"><input name="id" value="hides form.id"><input name="elements" value="x">
  <input type="password" name="login" value="geheim-1"><input name="card_number" value="geheim-2">
  <input name="cc" autocomplete="cc-number" value="geheim-3"><input name="cvv" value="geheim-4">
  <input type="hidden" name="csrf" value="geheim-5"><input name="api_token" value="geheim-6">
  <input name="note" data-attune-ignore value="geheim-7">
  <div data-attune-ignore><input name="inner" value="geheim-8"></div>
  <input name="one" autocomplete="one-time-code" value="geheim-9">
  <input type="file" name="upload"><input value="nameless">
  <input name="comment" value="mine is 4242 4242 4242 4242, thanks">
  <input type="checkbox" name="terms" value="yes" checked><input type="checkbox" name="spam" value="yes">
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="m" checked>
  <select name="colour"><option>red</option><option selected>blue</option></select>
  <select name="extras" multiple><option selected>a</option><option>b</option><option selected>c</option></select>
  <textarea name="message">${"long ".repeat(100)}</textarea><button>Send</button></form>`;

test("forms are described without their secrets", async (t) => {
  const { site, page } = await visit(t, {
    "/": `${form}<script>document.forms[0].onsubmit = (e) => e.preventDefault()</script>`,
  });
  await page.click("button");
  const [sent] = await site.until("form_submit");
  assert.equal(sent.form.id, "order");
  assert.equal(sent.form.method, "post");
  assert.equal(sent.form.action, `${site.url}/send`);
  const { message, ...fields } = sent.form.fields;
  assert.deepEqual(fields, {
    name: "Anna", id: "hides form.id", elements: "x", comment: "redacted", terms: "yes", size: "m",
    colour: "blue", extras: "a, c",
  });
  assert.equal(message.length, 200);
  assert.doesNotMatch(JSON.stringify(site.posts), /geheim|4242/, "secrets never leave the browser");
});

test("data-forms=names sends names only, off nothing", async (t) => {
  const quiet = `${form}<script>document.forms[0].onsubmit = (e) => e.preventDefault()</script>`;
  const names = await visit(t, { "/": quiet }, { attributes: 'data-forms="names"' });
  await names.page.click("button");
  const [sent] = await names.site.until("form_submit");
  assert.equal(sent.form.fields.name, "");
  assert.equal(sent.form.fields.colour, "");
  const off = await visit(t, { "/": quiet }, { attributes: 'data-forms="off"' });
  await off.page.click("button");
  await off.site.settle();
  assert.deepEqual(off.site.events("form_submit"), []);
});

test("a form that leaves the page is reported all the same", async (t) => {
  const { site, page } = await visit(t, {
    "/": '<form id="f" action="/next"><input name="q" value="tea"><button>Go</button></form>',
    "/next": "next",
  });
  await page.click("button");
  const [sent] = await site.until("form_submit");
  assert.deepEqual(sent.form.fields, { q: "tea" });
  assert.equal(sent.form.method, "get");
});

test("copying tells how much, never what", async (t) => {
  const { site, page } = await visit(t, { "/": "<p>twelve chars</p>" });
  await page.click("p", { clickCount: 3 });
  await page.keyboard.press("Control+c");
  const [copied] = await site.until("text_copy");
  assert.equal(copied.text_length, 12);
  assert.doesNotMatch(JSON.stringify(copied), /twelve/);
});

test("leaving sends what waits by beacon, and how long the page was seen", async (t) => {
  const { site, page } = await visit(t, { "/": "<button>b</button>", "/away": "away" });
  await site.until("pageview");
  await page.evaluate((url) => {
    attune.track("last_words", { n: 1 });
    location.href = url;
  }, `${site.url}/away`);
  const [words] = await site.until("last_words");
  const [hidden] = await site.until("page_visibility");
  assert.equal(hidden.visibility, "hidden");
  assert.equal(words.url, `${site.url}/`);
  await site.settle();
  assert.equal(site.events("last_words").length, 1, "sent once");
  const beacon = site.posts.find((post) => post.events.includes(words));
  assert.match(beacon.headers["content-type"], /^text\/plain/);
});

test("a server that fails gets the same events again, in order and once", async (t) => {
  const refuse = (post, number) => {
    if (number > 2) return {};
    post.refused = true;
    return { status: 503, headers: number === 1 ? { "Retry-After": "1" } : {} };
  };
  const { site, page } = await visit(t, { "/": "hello" }, { answer: refuse });
  await page.evaluate(() => attune.track("signup", { plan: "pro" }));
  await site.until("signup");
  await site.settle();
  const ids = (post) => post.events.map((event) => event.event_id);
  assert.ok(site.posts.length >= 3);
  assert.deepEqual(ids(site.posts[1]).slice(0, ids(site.posts[0]).length), ids(site.posts[0]));
  const all = site.events().map((event) => event.event_id);
  assert.equal(new Set(all).size, all.length, "nothing was taken twice");
  assert.deepEqual(site.types(), ["pageview", "signup"]);
});

test("events of a failing server wait for the next page of the tab", async (t) => {
  let down = true;
  const { site, page } = await visit(t, { "/": "one", "/two": "two" }, {
    answer: (post) => (down ? ((post.refused = true), { status: 503 }) : {}),
  });
  await page.waitForFunction(() => performance.getEntriesByType("resource").some((e) => e.name.endsWith("/api/v1/events")));
  await page.waitForTimeout(100);
  await page.evaluate(() => attune.track("kept"));
  await page.goto("about:blank");
  down = false;
  await page.goto(`${site.url}/two`);
  const [kept] = await site.until("kept");
  assert.equal(kept.url, `${site.url}/`);
  await site.until("pageview", 2);
});

test("cookieless: nothing is stored and no id is sent", async (t) => {
  const { site, page } = await visit(t, { "/": "<button>b</button>" }, { attributes: "data-cookieless" });
  await site.until("pageview");
  await page.click("button");
  const [click] = await site.until("click");
  assert.equal(click.visitor_id, undefined);
  assert.equal(click.session_id, undefined);
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(stored, [0, 0, ""]);
  assertNoProblems(page);
});

test("a new session begins after 30 idle minutes, with a view of the open page", async (t) => {
  const { site, page } = await visit(t, { "/": "<button>b</button>" });
  const [first] = await site.until("pageview");
  await page.evaluate(() => {
    const [id, last] = localStorage.getItem("attune.session").split("|");
    localStorage.setItem("attune.session", `${id}|${Number(last) - 31 * 60_000}`);
  });
  await page.click("button");
  const [click] = await site.until("click");
  const views = site.events("pageview");
  assert.equal(views.length, 2);
  assert.notEqual(click.session_id, first.session_id);
  assert.equal(views[1].session_id, click.session_id);
  assert.equal(click.visitor_id, first.visitor_id);
});

test("Do Not Track is obeyed when asked to be, opting out always", async (t) => {
  const dnt = () => Object.defineProperty(navigator, "doNotTrack", { value: "1" });
  const ignoring = await visit(t, { "/": "a" }, { init: dnt });
  await ignoring.site.until("pageview");
  const obeying = await visit(t, { "/": "a" }, { init: dnt, attributes: "data-dnt" });
  await obeying.site.settle();
  assert.deepEqual(obeying.site.posts, []);
  assert.equal(await obeying.page.evaluate(() => localStorage.length), 0);

  const { site, page } = await visit(t, { "/": "a" });
  await site.until("pageview");
  await page.evaluate(() => attune.optOut());
  await page.evaluate(() => attune.track("unseen"));
  await page.reload();
  await site.settle();
  assert.deepEqual(site.events().filter((event) => event.type !== "page_visibility").length, 1);
  await page.evaluate(() => attune.optIn());
  await page.evaluate(() => attune.track("seen"));
  await site.until("seen");
});

test("calls made before the script are kept, in order, after the page view", async (t) => {
  const { site } = await visit(t, {
    "/": `<script>(window.attune = window.attune || []).push(["identify", "anna", { plan: "pro" }]);
      attune.push(["track", "early", { n: 1 }]); attune.push((api) => api.track("called", { ids: !!api.ids().visitor }));</script>`,
  });
  await site.until("called");
  assert.deepEqual(site.types().slice(0, 4), ["pageview", "identify", "early", "called"]);
  const [identify] = site.events("identify");
  assert.equal(identify.user_id, "anna");
  assert.deepEqual(identify.data, { plan: "pro" });
  assert.equal(site.events("early")[0].user_id, "anna");
  assert.deepEqual(site.events("called")[0].data, { ids: true });
});

test("the shop's calls become commerce events", async (t) => {
  const { site, page } = await visit(t, { "/": "a" }, { attributes: 'data-currency="EUR"' });
  await site.until("pageview");
  await page.evaluate(() => {
    const mug = { id: "mug", name: "Mug", category: "ceramics", brand: "S", price: 18, quantity: 2 };
    attune.productView(mug);
    attune.productClick(mug);
    attune.addToCart([mug, { id: "pot" }]);
    attune.removeFromCart({ id: "pot" });
    attune.wishlist(mug);
    attune.removeFromWishlist(mug);
    attune.checkout("address", [mug]);
    attune.purchase({ id: "o-1", revenue: 40, currency: "USD", items: [mug] });
    attune.search("tea pot", { results: 3 });
    attune.send("recommendation_click", { decision_id: "d", items: [{ id: "mug" }] });
  });
  await site.until("recommendation_click");
  const one = (type) => site.events(type)[0];
  assert.deepEqual(one("product_view").items, [
    { id: "mug", name: "Mug", category: "ceramics", brand: "S", price: 18, quantity: 2 },
  ]);
  assert.equal(one("product_view").currency, "EUR");
  assert.equal(one("product_click").items[0].id, "mug");
  assert.deepEqual(one("cart_add").items.map((item) => item.id), ["mug", "pot"]);
  assert.deepEqual(one("cart_remove").items, [{ id: "pot" }]);
  assert.ok(one("wishlist_add") && one("wishlist_remove"));
  assert.equal(one("checkout").checkout_step, "address");
  const order = one("purchase");
  assert.deepEqual([order.order_id, order.revenue, order.currency], ["o-1", 40, "USD"]);
  assert.equal(one("search").query, "tea pot");
  assertNoProblems(page);
});

test("markup can say it: product pages, cards, actions, named events", async (t) => {
  const card = 'data-attune-product="mug" data-attune-name="Mug" data-attune-price="18.5"';
  const { site, page } = await visit(t, {
    "/": `<main data-attune-view data-attune-product="pot" data-attune-category="ceramics">
        <button id="add" data-attune-action="cart_add">add</button><a id="inside" href="#x">inside</a></main>
      <div ${card} data-attune-quantity="3"><a id="card" href="#mug">mug</a>
        <button id="wish" data-attune-action="wishlist_add">wish</button></div>
      <button id="named" data-attune-event="cta" data-attune-data='{"place":"top"}'>go</button>
      <form data-attune-event="newsletter" onsubmit="return false"><input name="email"><button id="send">s</button></form>`,
  });
  await site.until("product_view");
  for (const id of ["add", "inside", "card", "wish", "named", "send"]) await page.click(`#${id}`);
  await site.until("newsletter");
  await site.settle();
  const of = (type) => site.events(type);
  assert.deepEqual(of("product_view").map((event) => event.items[0]), [{ id: "pot", category: "ceramics" }]);
  assert.deepEqual(of("cart_add").map((event) => event.items[0].id), ["pot"]);
  assert.deepEqual(of("product_click").map((event) => event.items[0]), [
    { id: "mug", name: "Mug", price: 18.5, quantity: 3 },
  ], "a link on the product's own page is no click on a card");
  assert.deepEqual(of("wishlist_add").map((event) => event.items[0].id), ["mug"]);
  assert.deepEqual(of("cta").map((event) => event.data), [{ place: "top" }]);
  assert.equal(of("newsletter").length, 1);
});

test("the page never notices: broken storage, odd calls, two copies", async (t) => {
  const { site, page } = await visit(t, {
    "/": `<button data-attune-event="x" data-attune-data="{broken">b</button>{{attune}}`,
  }, {
    init: () => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, { get: () => { throw new Error("blocked"); } });
      }
    },
  });
  await site.until("pageview");
  await page.evaluate(() => {
    attune.push(["nothing"]);
    attune.push(null);
    attune.purchase();
    attune.identify();
    const loop = {};
    loop.self = loop;
    attune.track("loop", loop);
  });
  await page.click("button");
  await site.until("click");
  assert.equal(site.events("pageview").length, 1, "the second copy stays silent");
  assert.equal(site.events("pageview")[0].visitor_id, undefined, "without storage there are no ids");
  assertNoProblems(page);
});
