import assert from "node:assert/strict";
import test from "node:test";
import { load } from "../src/lib/resource";

/** Requests wait here until the test answers them. */
const asked: Array<(body: unknown) => void> = [];
globalThis.fetch = () =>
  new Promise((answer) => {
    asked.push((body) =>
      answer(new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } })),
    );
  });

test("who asks while a request is under way gets its answer", async () => {
  const all = [load("/shared"), load("/shared")];
  assert.equal(asked.length, 1);
  asked.pop()?.({ n: 1 });
  assert.deepEqual(await Promise.all(all), [{ n: 1 }, { n: 1 }]);
});

test("who asks anew does not get what was under way before, and nor does anyone else", async () => {
  const before = load("/changed");
  const after = load("/changed", true);
  const [old, fresh] = asked.splice(0);
  old?.({ n: "before the change" });
  fresh?.({ n: "after it" });
  assert.deepEqual(await Promise.all([before, after]), [{ n: "after it" }, { n: "after it" }]);
});

test("an older answer that comes later is not kept", async () => {
  const before = load("/late");
  const after = load("/late", true);
  const [old, fresh] = asked.splice(0);
  fresh?.({ n: 2 });
  assert.deepEqual(await after, { n: 2 });
  old?.({ n: 1 });
  assert.deepEqual(await before, { n: 2 });
});
