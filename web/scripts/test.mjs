// Compiles tests/*.test.ts and runs them with node:test.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const names = (await readdir(path.join(web, "tests"))).filter((name) => name.endsWith(".test.ts"));
const out = await mkdtemp(path.join(tmpdir(), "attune-web-tests-"));
try {
  await build({
    absWorkingDir: web,
    entryPoints: names.map((name) => `tests/${name}`),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
  });
  const files = names.map((name) => path.join(out, name.replace(/\.ts$/, ".mjs")));
  const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=dot", ...files], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
