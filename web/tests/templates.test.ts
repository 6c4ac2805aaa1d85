import assert from "node:assert/strict";
import { test } from "node:test";
import type { Template } from "../src/lib/campaign_types";
import { byName, forFrame, indexOf, placeOf } from "../src/lib/templates";

test("ErrorsHaveAPlaceInTheText", () => {
  assert.deepEqual(placeOf("line 2, column 7: the variable nam is not declared"), { line: 2, column: 7 });
  assert.equal(placeOf("must be an object"), null);
  assert.equal(indexOf("ab\ncd {{ x }}", { line: 2, column: 4 }), 6);
  assert.equal(indexOf("ä{{ x }}", { line: 1, column: 3 }), 1, "columns are bytes");
  assert.equal(indexOf("ab", { line: 9, column: 1 }), 2);
});

test("StylesWaitUntilTheFrameMaySetThem", () => {
  const held = forFrame(`<style>p{color:red}</style><p class="x" style="color: blue">style="not a tag"</p>`);
  assert.match(held, /<script type="held">p\{color:red\}<\/script>/);
  assert.match(held, /<p class="x" data-style="color: blue">/);
  assert.match(held, />style="not a tag"</, "text stays as it is");
  assert.doesNotMatch(held, /<style/);
  assert.match(forFrame(`<a title="a > b" STYLE='x'>`), /title="a > b" data-style='x'/);
});

test("AStyleSheetCannotBecomeAScript", () => {
  // Whatever the source says of its sheet is gone; what remains has a type that no browser runs.
  const held = forFrame(`<style type="module" src="/x.js">alert(1)</style>`);
  assert.match(held, /<script type="held">alert\(1\)<\/script>/);
});

test("VersionsStandUnderTheirNameNewestFirst", () => {
  const row = (name: string, version: number): Template => ({ name, version }) as Template;
  const made = byName([row("b", 1), row("a", 1), row("a", 3), row("a", 2)]);
  assert.deepEqual(made.map(({ newest, older }) => [newest.name, newest.version, older.map((each) => each.version)]), [
    ["a", 3, [2, 1]], ["b", 1, []],
  ]);
});
