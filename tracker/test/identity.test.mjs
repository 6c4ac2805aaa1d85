// Visitor, session and user: when they stay, when they change, and when there are none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, provide, storage } from "./load.mjs";

const { openIdentity, optedOut, setOptedOut, uuid } = await load("ids");
const MINUTE = 60_000;

function setUp(t, { local = storage(), cookieless = false } = {}) {
  provide(t, { localStorage: local });
  let now = 1_800_000_000_000;
  t.mock.method(Date, "now", () => now);
  return { local, identity: openIdentity(cookieless), pass: (ms) => (now += ms) };
}

test("ids are random UUIDs, with and without crypto.randomUUID", (t) => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(uuid(), form);
  const { getRandomValues } = crypto;
  provide(t, { crypto: { getRandomValues: (bytes) => getRandomValues.call(webcrypto, bytes) } });
  const many = new Set(Array.from({ length: 1000 }, uuid));
  assert.equal(many.size, 1000);
  for (const id of many) assert.match(id, form);
});
const webcrypto = crypto;

test("a session lasts while pauses stay below 30 minutes; the visitor outlives it", (t) => {
  const { identity, pass } = setUp(t);
  assert.equal(identity.expired(), true, "the first event begins one");
  const first = identity.touch();
  for (let index = 0; index < 5; ++index) {
    pass(29 * MINUTE);
    assert.equal(identity.expired(), false);
    assert.deepEqual(identity.touch(), first);
  }
  pass(30 * MINUTE);
  assert.equal(identity.expired(), true);
  const second = identity.touch();
  assert.notEqual(second.session, first.session);
  assert.equal(second.visitor, first.visitor);
});

test("the next page and the other tab are the same visitor, session and user", (t) => {
  const { identity, local } = setUp(t);
  identity.setUser("anna");
  const ids = identity.touch();
  assert.deepEqual(setUp(t, { local }).identity.touch(), ids);
});

test("reset makes somebody else", (t) => {
  const { identity } = setUp(t);
  identity.setUser("anna");
  const before = identity.touch();
  identity.reset();
  const after = identity.touch();
  assert.notEqual(after.visitor, before.visitor);
  assert.notEqual(after.session, before.session);
  assert.equal(after.user, undefined);
});

for (const [name, options] of [
  ["cookieless", { cookieless: true }],
  ["blocked storage", { local: storage({ broken: true }) }],
]) {
  test(`${name}: no ids, nothing stored, and no session to expire`, (t) => {
    const { identity, local } = setUp(t, options);
    assert.equal(identity.expired(), false);
    assert.deepEqual(identity.touch(), { user: undefined });
    identity.setUser("anna");
    assert.deepEqual(identity.touch(), { user: "anna" }, "a named user is the page's own statement");
    assert.equal(local.size, 0);
  });
}

test("opting out is remembered until taken back", (t) => {
  setUp(t);
  assert.equal(optedOut(), false);
  setOptedOut(true);
  assert.equal(optedOut(), true);
  setOptedOut(false);
  assert.equal(optedOut(), false);
});
