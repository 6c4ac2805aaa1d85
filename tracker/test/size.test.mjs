// Every page view of every site pays for these bytes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { trackerDir } from "./load.mjs";

test("the tracker stays below 4 KB gzipped, and the build says so", (t) => {
  const dist = mkdtempSync(path.join(tmpdir(), "attune-tracker-"));
  t.after(() => rmSync(dist, { recursive: true }));
  const built = spawnSync(process.execPath, ["build.mjs"], {
    cwd: trackerDir,
    env: { ...process.env, ATTUNE_TRACKER_DIST: dist },
    encoding: "utf8",
  });
  assert.equal(built.status, 0, built.stderr);
  const bytes = gzipSync(readFileSync(path.join(dist, "t.js")), { level: 9 }).length;
  assert.ok(bytes < 4096, `${bytes} bytes`);
  assert.match(built.stdout, new RegExp(`t\\.js: \\d+ bytes, ${bytes} gzipped`));
  assert.ok(gzipSync(readFileSync(path.join(dist, "w.js"))).length < 4096);
});
