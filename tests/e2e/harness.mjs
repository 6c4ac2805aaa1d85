// What every end-to-end test stands on: a real Attune on a folder and a port of its own, a real
// Chromium, and a few checks that every screen has to pass. Nothing here knows a particular screen.
//
//   const attune = await startAttune();                 // --empty unless { demo: true }
//   const site = await attune.addSite({ domain: "shop.example" });
//   await attune.postEvents(site, [{ type: "pageview", ... }]);
//   const browser = await openBrowser();
//   const page = await browser.newPage({ width: 390, height: 844, theme: "dark" });
//   await attune.signIn(page);
//   ...
//   await browser.close(); await attune.stop();
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { startPostgres } from "../system/postgres.mjs";

export { auditAccessibility, assertNoOverflow } from "./audit.mjs";

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));

export const sourceDir = path.resolve(here, "../..");
export const attuneBin = path.resolve(
  process.env.ATTUNE_BIN ?? path.join(sourceDir, "build/release/attune"),
);
export const artifactsDir = path.resolve(
  process.env.ATTUNE_E2E_ARTIFACTS ?? path.join(sourceDir, "build/e2e-artifacts"),
);
export const adminUser = "admin";
export const adminPassword = "correct horse battery staple";

/** Polls `probe` until it returns something truthy, and returns that; fails with `what` after `timeoutMs`. */
export async function waitFor(what, probe, { timeoutMs = 60_000, everyMs = 50 } = {}) {
  const deadline = Date.now() + timeoutMs;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const detail = last instanceof Error ? `: ${last.message}` : "";
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${detail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A TCP port of the loopback interface that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** With ATTUNE_TEST_ENGINE=postgres: the server, and each folder's database in it. */
const postgres = process.env.ATTUNE_TEST_ENGINE === "postgres" ? startPostgres() : null;
const databases = new Map();
const served = new Set(); // origins of the servers that were started

/**
 * Starts `attune serve` on a new data folder and waits until it is ready.
 *
 * demo      with the demo shop and its simulated visitors; otherwise --empty.
 * data      an existing data folder to serve instead of a new one (kept by stop()).
 * env       further environment variables.
 */
export async function startAttune({ demo = false, data, env = {} } = {}) {
  if (!existsSync(attuneBin)) {
    throw new Error(`no attune binary at ${attuneBin}: build it, or set ATTUNE_BIN`);
  }
  const folder = data ?? (await mkdtemp(path.join(tmpdir(), "attune-e2e-")));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  served.add(url);
  const args = ["serve", "--data", folder, "--listen", `127.0.0.1:${port}`];
  if (!demo) args.push("--empty");
  if (postgres && !databases.has(folder)) databases.set(folder, postgres.url(postgres.createDatabase()));
  if (postgres) args.push("--database", databases.get(folder));
  const child = spawn(attuneBin, args, {
    env: { ...process.env, ATTUNE_ADMIN_PASSWORD: adminPassword, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let exit = null;
  const keep = (chunk) => {
    output = (output + chunk).slice(-20_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exited = new Promise((resolve) => {
    child.once("error", (error) => {
      exit = error.message;
      resolve();
    });
    child.once("exit", (code, signal) => {
      exit = signal ?? code;
      resolve();
    });
  });
  const attune = new Attune({ url, folder, child, exited, keepFolder: data !== undefined });
  attune.output = () => output;
  try {
    await waitFor(
      "attune to be ready",
      async () => {
        if (exit !== null) return "gone";
        return (await fetch(`${url}/readyz`)).ok;
      },
      { timeoutMs: 30_000 },
    );
    if (exit !== null) throw new Error(`attune ended (${exit}) while starting`);
  } catch (error) {
    await attune.stop();
    throw new Error(`${error.message}\n--- its output ---\n${output}`);
  }
  return attune;
}

class Attune {
  #child;
  #exited;
  #keepFolder;
  #login = null;

  constructor({ url, folder, child, exited, keepFolder }) {
    this.url = url;
    this.folder = folder;
    this.#child = child;
    this.#exited = exited;
    this.#keepFolder = keepFolder;
  }

  /** Runs an attune command on this data folder and returns its standard output. */
  async command(...args) {
    const { stdout } = await run(attuneBin, args, { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  /** Rows of a read-only query by `attune query --format json`, as objects. */
  async query(sql) {
    const text = await this.command("query", "--data", this.folder, "--format", "json", sql);
    const parsed = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed;
    const names = parsed.columns.map((column) => column.name ?? column);
    return parsed.rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])));
  }

  /** The only value of a one-row, one-column query, as a number. */
  async number(sql) {
    const rows = await this.query(sql);
    assert.equal(rows.length, 1, `one row from: ${sql}`);
    return Number(Object.values(rows[0])[0]);
  }

  /** Calls the JSON API as the administrator; fails on any status but 2xx. */
  async api(method, target, body) {
    if (!this.#login) await this.#signInApi();
    const answer = await fetch(this.url + target, {
      method,
      headers: {
        cookie: this.#login.cookie,
        ...(method === "GET" ? {} : { "x-csrf-token": this.#login.csrf }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${text.slice(0, 500)}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Signs in anew at the next call of api(): the password was changed, or the server started again. */
  forgetLogin() {
    this.#login = null;
  }

  async #signInApi() {
    const answer = await fetch(`${this.url}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: adminUser, password: adminPassword }),
    });
    if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    this.#login = { cookie, csrf: (await answer.json()).csrf_token };
  }

  /** Adds a site and a key that may write its history; returns the site with `key`. */
  async addSite({ domain, timezone = "UTC", currency = "EUR", name = domain, ...rest }) {
    const site = await this.api("POST", "/api/v1/sites", {
      domain,
      name,
      timezone,
      currency,
      ...rest,
    });
    const { key } = await this.api("POST", `/api/v1/sites/${site.id}/keys`, {
      name: "e2e",
      scope: "write",
    });
    return { ...site, key };
  }

  /** Posts events with the site's key (so that old timestamps count); every one must be accepted. */
  async postEvents(site, events, { batch = 100 } = {}) {
    for (let start = 0; start < events.length; start += batch) {
      const answer = await fetch(`${this.url}/api/v1/events`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${site.key}` },
        body: JSON.stringify({ site: site.id, events: events.slice(start, start + batch) }),
      });
      const text = await answer.text();
      assert.ok(answer.ok, `posting events: ${answer.status} ${text.slice(0, 500)}`);
      assert.equal(JSON.parse(text).rejected, 0, text.slice(0, 500));
    }
  }

  /** Signs in through the login screen and waits until the dashboard is there. */
  async signIn(page, target = "/") {
    await page.goto(this.url + target);
    await page.getByLabel("Password", { exact: true }).fill(adminPassword);
    await page.getByRole("button", { name: "Sign in" }).click();
    // On a phone the navigation is there, but folded away.
    await page.locator('nav[aria-label="Screens"]').waitFor({ state: "attached" });
  }

  /** Ends the server and removes its folder. `kill: true` is kill -9. Safe to call twice. */
  async stop({ kill = false } = {}) {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(kill ? "SIGKILL" : "SIGTERM");
      const late = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
      await this.#exited;
      clearTimeout(late);
    }
    if (!this.#keepFolder) await rm(this.folder, { recursive: true, force: true });
  }
}

// Inter where it is installed: screenshots look the same on every machine that has fonts-inter.
const fontConfig = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <test name="family"><string>DejaVu Sans</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>sans-serif</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>system-ui</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
</fontconfig>
`;

function chromiumPath() {
  const candidates = [
    process.env.ATTUNE_CHROMIUM,
    "/usr/lib/chromium/chromium",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  const found = candidates.find((candidate) => candidate && existsSync(candidate));
  if (!found) throw new Error("no Chromium: install Debian's chromium, or set ATTUNE_CHROMIUM");
  return found;
}

/** A Chromium whose pages collect their own errors; see Browser.newPage. */
export async function openBrowser() {
  const scratch = await mkdtemp(path.join(tmpdir(), "attune-chromium-"));
  const fonts = path.join(scratch, "fonts.conf");
  await writeFile(fonts, fontConfig);
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    env: { ...process.env, FONTCONFIG_FILE: fonts },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--font-render-hinting=none",
      "--force-color-profile=srgb",
    ],
  });
  return new Browser(browser, scratch);
}

class Browser {
  #browser;
  #scratch;

  constructor(browser, scratch) {
    this.#browser = browser;
    this.#scratch = scratch;
  }

  /**
   * A page in a browser context of its own. `page.problems` gathers what went wrong on it: errors on
   * the console, uncaught exceptions, failed requests and answers of 500 and above.
   */
  async newPage({
    width = 1360,
    height = 900,
    theme = "light",
    timezone = "UTC",
    reducedMotion = "reduce",
    scale = 1,
    ...rest
  } = {}) {
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      timezoneId: timezone,
      locale: "en-GB",
      reducedMotion,
      deviceScaleFactor: scale,
      ...rest,
    });
    if (process.env.ATTUNE_WEB_DIST) await serveDashboardFrom(context, process.env.ATTUNE_WEB_DIST);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.problems = [];
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      // Chromium reports every 4xx as an error; a wrong password is one and is no problem.
      if (/Failed to load resource: .* 4\d\d/.test(message.text())) return;
      page.problems.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => page.problems.push(`uncaught: ${error.stack ?? error}`));
    page.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      if (reason === "net::ERR_ABORTED") return; // the page let go of it
      page.problems.push(`request failed: ${request.method()} ${request.url()} ${reason}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 500) page.problems.push(`${response.status()}: ${response.url()}`);
    });
    return page;
  }

  async close() {
    await this.#browser.close();
    await rm(this.#scratch, { recursive: true, force: true });
  }
}

/**
 * For work on the dashboard: its files come from a folder (web/dist) instead of the program, which need not
 * be linked anew for each change. Never set where results count.
 */
async function serveDashboardFrom(context, folder) {
  const isDashboard = (url) => served.has(url.origin) && !/^\/(api|demo|growthbook|ofrep)\/|\/[twx]\.js$|^\/(healthz|readyz|metrics)$/.test(url.pathname);
  await context.route(isDashboard, (route) => {
    const { pathname } = new URL(route.request().url());
    const file = pathname.startsWith("/assets/") ? pathname.slice(1) : "index.html";
    return route.fulfill({ path: path.join(folder, file) });
  });
}

/** Fails if anything went wrong on the page since the last call. */
export function assertNoProblems(page) {
  const problems = page.problems.splice(0);
  assert.deepEqual(problems, [], "problems on the page");
}

/** Takes a screenshot into the artifacts folder and returns its path. */
export async function screenshot(page, name, options = {}) {
  await mkdir(artifactsDir, { recursive: true });
  const file = path.join(artifactsDir, `${name}.png`);
  await page.screenshot({ path: file, animations: "disabled", ...options });
  return file;
}
