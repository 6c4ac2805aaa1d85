// Loads one TypeScript module of src/ into Node, against stand-ins for the few browser objects it uses.
import { build } from "esbuild";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const trackerDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

export async function load(module) {
  const result = await build({
    absWorkingDir: trackerDir,
    entryPoints: [`src/${module}.ts`],
    bundle: true,
    format: "esm",
    write: false,
  });
  const text = Buffer.from(result.outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${text}`);
}

/** A Storage as browsers have it; `broken` throws on every use, as blocked storage does. */
export function storage({ broken = false } = {}) {
  const values = new Map();
  const check = () => {
    if (broken) throw new Error("storage is blocked");
  };
  return {
    getItem: (key) => (check(), values.get(key) ?? null),
    setItem: (key, value) => (check(), void values.set(key, String(value))),
    removeItem: (key) => (check(), void values.delete(key)),
    get size() {
      return values.size;
    },
  };
}

/** Replaces globals for one test, also those that Node defines as read-only getters. */
export function provide(t, values) {
  for (const [name, value] of Object.entries(values)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else delete globalThis[name];
    });
  }
}
