// Bundles the browser scripts into dist/ and refuses to let them grow past what a page should pay.
// The sizes are of gzip -9, what a server sends; run with `npm run build`.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = process.env.ATTUNE_TRACKER_DIST || join(here, "dist");
const budgets = { "t.js": 4096, "w.js": 4096, "x.js": 5632 };

await build({
  absWorkingDir: here,
  entryPoints: { t: "src/t.ts", w: "src/w.ts", x: "src/x.ts" },
  outdir,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  legalComments: "none",
  banner: { js: "/* Attune, MIT licence */" },
  logLevel: "warning",
});

let over = false;
for (const [name, limit] of Object.entries(budgets)) {
  const bytes = readFileSync(join(outdir, name));
  const packed = gzipSync(bytes, { level: 9 }).length;
  over ||= packed >= limit;
  console.log(
    `${name}: ${bytes.length} bytes, ${packed} gzipped (limit ${limit})${packed >= limit ? " TOO LARGE" : ""}`,
  );
}
process.exit(over ? 1 : 0);
