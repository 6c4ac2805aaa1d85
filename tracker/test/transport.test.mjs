// The queue between the page and the collector: what is sent, when, and again after a failure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, provide, storage } from "./load.mjs";

const { openTransport } = await load("transport");

/** A transport on a clock moved by hand, talking to answers given in advance. */
function setUp(t, { answers = [], keep = true, session = storage() } = {}) {
  const posts = [];
  const beacons = [];
  let now = 0;
  const timers = new Map();
  let next = 1;
  const answer = async (_url, options) => {
    posts.push({ at: now, options, ...JSON.parse(options.body) });
    const reply = answers.shift() ?? 200;
    if (reply === "broken") throw new TypeError("Failed to fetch");
    const { status = reply, retryAfter = null } = typeof reply === "object" ? reply : {};
    return { status, headers: { get: () => retryAfter } };
  };
  provide(t, {
    fetch: answer,
    sessionStorage: session,
    navigator: { sendBeacon: (_url, body) => (beacons.push(JSON.parse(body)), true) },
    setTimeout: (action, delay) => (timers.set(next, { at: now + delay, action }), next++),
  });
  t.mock.method(Math, "random", () => 1);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const advance = async (ms) => {
    const until = now + ms;
    for (;;) {
      await settle();
      const due = [...timers].filter(([, timer]) => timer.at <= until);
      if (!due.length) break;
      const [id, timer] = due.sort((a, b) => a[1].at - b[1].at)[0];
      timers.delete(id);
      now = timer.at;
      timer.action();
    }
    now = until;
    await settle();
  };
  const transport = openTransport("https://a.example/api/v1/events", "site-1", keep);
  return { transport, posts, beacons, advance, session };
}

const names = (post) => post.events.map((event) => event.event_id);

test("events of one moment share a request without credentials or preflight", async (t) => {
  const { transport, posts, advance } = setUp(t);
  for (const id of ["a", "b", "c"]) transport.push({ event_id: id });
  await advance(1000);
  assert.equal(posts.length, 1);
  assert.deepEqual(names(posts[0]), ["a", "b", "c"]);
  assert.equal(posts[0].site, "site-1");
  assert.equal(posts[0].options.credentials, "omit");
  assert.equal(posts[0].options.keepalive, true);
  assert.equal(posts[0].options.headers, undefined, "a string body goes as text/plain");
});

test("an overloaded server gets the same ids again, after the wait it asked for", async (t) => {
  const { transport, posts, advance } = setUp(t, {
    answers: [{ status: 503, retryAfter: "7" }, "broken", 429, 200],
  });
  transport.push({ event_id: "a" });
  await advance(500);
  transport.push({ event_id: "b" });
  await advance(120_000);
  assert.deepEqual(posts.map(names), [["a"], ["a", "b"], ["a", "b"], ["a", "b"]]);
  assert.equal(posts[1].at - posts[0].at, 7000, "Retry-After is obeyed, later events notwithstanding");
  assert.equal(posts[2].at - posts[1].at, 2000);
  assert.equal(posts[3].at - posts[2].at, 4000, "waits double");
});

test("what the server refuses for good is not sent again", async (t) => {
  const { transport, posts, advance } = setUp(t, { answers: [400, 200] });
  transport.push({ event_id: "bad" });
  await advance(60_000);
  transport.push({ event_id: "good" });
  await advance(60_000);
  assert.deepEqual(posts.map(names), [["bad"], ["good"]]);
});

test("waits never grow past a minute", async (t) => {
  const { transport, posts, advance } = setUp(t, { answers: Array(12).fill(500) });
  transport.push({ event_id: "a" });
  await advance(3_600_000);
  const waits = posts.slice(1).map((post, index) => post.at - posts[index].at);
  assert.equal(Math.max(...waits), 60_000);
});

test("large batches are split below what a beacon may carry, in order", async (t) => {
  const { transport, posts, advance } = setUp(t);
  const sent = [];
  for (let index = 0; index < 120; ++index) {
    sent.push(String(index));
    transport.push({ event_id: String(index), title: "x".repeat(index < 10 ? 9000 : 10) });
  }
  await advance(1000);
  assert.deepEqual(posts.flatMap(names), sent);
  for (const post of posts) {
    assert.ok(post.options.body.length < 60_000);
    assert.ok(post.events.length <= 50);
  }
});

test("a page that is offline for long keeps the newest events only", async (t) => {
  const { transport, posts, advance } = setUp(t, { answers: ["broken"] });
  transport.push({ event_id: "first" });
  await advance(300);
  for (let index = 0; index < 500; ++index) transport.push({ event_id: String(index) });
  await advance(100_000);
  const delivered = posts.slice(1).flatMap(names);
  assert.equal(delivered.length, 200);
  assert.equal(delivered.at(-1), "499");
});

test("leaving sends what waits by beacon and nothing twice", async (t) => {
  const { transport, posts, beacons, advance } = setUp(t);
  transport.push({ event_id: "a" });
  transport.leave();
  transport.leave();
  await advance(10_000);
  assert.deepEqual(beacons.map(names), [["a"]]);
  assert.equal(posts.length, 0);
});

test("leaving while the server fails hands the events to the next page of the tab", async (t) => {
  const session = storage();
  const first = setUp(t, { answers: [503, "broken"], session });
  first.transport.push({ event_id: "a" });
  await first.advance(500);
  first.transport.leave();
  const second = setUp(t, { session });
  await second.advance(500);
  assert.deepEqual(second.posts.map(names), [["a"]]);
  assert.equal(session.size, 0);
});

test("without permission to keep anything, nothing is kept", async (t) => {
  const session = storage();
  const { transport, advance } = setUp(t, { answers: [503], session, keep: false });
  transport.push({ event_id: "a" });
  await advance(500);
  transport.leave();
  assert.equal(session.size, 0);
});

test("blocked storage does not keep events from being sent", async (t) => {
  const { transport, posts, beacons, advance } = setUp(t, {
    answers: [503],
    session: storage({ broken: true }),
  });
  transport.push({ event_id: "a" });
  await advance(300);
  transport.leave();
  assert.deepEqual(posts.map(names), [["a"]]);
  assert.deepEqual(beacons.map(names), [["a"]]);
});
