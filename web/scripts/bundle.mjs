// Bundles the dashboard into dist/: index.html and assets with a hash in their names, so that they may
// be cached for ever. Prints what a visitor downloads and fails when that exceeds the budget.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const budgetBytes = 128 * 1024;
const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const dist = path.join(web, "dist");

export async function bundle({ minify = true, sourcemap = false } = {}) {
  const result = await build({
    absWorkingDir: web,
    entryPoints: { app: "src/main.tsx", theme: "src/theme.ts" },
    outdir: dist,
    bundle: true,
    format: "iife",
    target: ["es2021"],
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    minify,
    sourcemap: sourcemap ? "inline" : false,
    write: false,
  });
  const files = new Map();
  const names = {};
  const add = (file, contents) => {
    const { name, ext } = path.parse(file);
    const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
    names[name + ext] = `assets/${name}-${hash}${ext}`;
    files.set(names[name + ext], contents);
  };
  for (const file of result.outputFiles) add(file.path, file.contents);
  add("icon.svg", await readFile(path.join(web, "src/icon.svg")));
  const template = await readFile(path.join(web, "src/index.html"), "utf8");
  const html = template.replace(/\{\{([\w.]+)\}\}/g, (_, name) => {
    if (!names[name])
      throw new Error(`index.html asks for ${name}, which the bundle does not have`);
    return `/${names[name]}`;
  });
  files.set("index.html", Buffer.from(html));
  return files;
}

async function main() {
  const files = await bundle();
  await rm(dist, { recursive: true, force: true });
  await mkdir(path.join(dist, "assets"), { recursive: true });
  let total = 0;
  for (const [name, bytes] of files) {
    await writeFile(path.join(dist, name), bytes);
    const packed = gzipSync(bytes, { level: 9 }).length;
    if (/\.(js|css)$/.test(name)) total += packed;
    console.log(`${name.padEnd(30)} ${kib(bytes.length)}  gzip ${kib(packed)}`);
  }
  console.log(`JavaScript and CSS, gzip: ${kib(total)} of ${kib(budgetBytes)} allowed`);
  if (total > budgetBytes) process.exit(1);
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
