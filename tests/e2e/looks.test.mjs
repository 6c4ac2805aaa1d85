// How every screen looks and behaves for everybody: names and labels, contrast as computed in both themes,
// no sideways scrolling on a phone, nothing that jumps, and fast. Leaves screenshots in the artifacts
// folder for a person to look at.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import {
  assertNoOverflow,
  assertNoProblems,
  auditAccessibility,
  openBrowser,
  screenshot,
  sourceDir,
  startAttune,
  waitFor,
} from "./harness.mjs";
import { visitsOf } from "./known_traffic.mjs";

const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const screens = [
  "overview", "realtime", "people", "catalogue", "recommendations", "placements", "flags", "tests", "campaigns", "content", "insights", "models", "settings", "system",
];
const looks = [
  { name: "light", theme: "light", width: 1360, height: 900 },
  { name: "dark", theme: "dark", width: 1360, height: 900 },
  { name: "phone", theme: "light", width: 390, height: 844, hasTouch: true, isMobile: true },
  { name: "phone-dark", theme: "dark", width: 390, height: 844, hasTouch: true, isMobile: true },
];

const settled = (page) =>
  waitFor("the screen to settle", async () => {
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    return (await page.locator('main [aria-busy="true"], main[aria-busy="true"]').count()) === 0;
  });

describe("looks", { timeout: 600_000 }, () => {
  let attune;
  let browser;
  let site;

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    site = await attune.addSite({ domain: "shop.example", name: "The kitchen shop" });
    await attune.addSite({ domain: "quiet.example" });
    const visits = visitsOf(Date.now(), 40, (daysAgo) => 20 + ((daysAgo * 7) % 11));
    const file = path.join(attune.folder, "history.ndjson");
    await writeFile(file, visits.flatMap((visit) => visit.events).map((event) => JSON.stringify(event)).join("\n") + "\n");
    await attune.command("import", "events", file, "--data", attune.folder, "--site", site.id);
    const live = Array.from({ length: 24 }, (_, n) => ({
      type: n % 4 === 3 ? "cart_add" : "pageview",
      visitor_id: `live-${n % 7}`,
      session_id: `live-${n % 7}`,
      timestamp: new Date(Date.now() - (24 - n) * 50_000).toISOString(),
      url: `https://shop.example/${["", "products.html", "product/a-rather-long-address-that-does-not-fit-anywhere"][n % 3]}`,
      title: "A page",
      user_agent: userAgent,
      ...(n % 4 === 3 ? { items: [{ id: "pan", name: "Pan", price: 30 }] } : {}),
    }));
    await attune.postEvents(site, live);
    await waitFor("the live visitors", async () => (await attune.api("GET", `/api/v1/sites/${site.id}/stats/realtime`)).visitors_30m === 7);
  });

  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  test("TheLoginScreenIsInOrder", async () => {
    for (const look of looks) {
      const page = await browser.newPage(look);
      await page.goto(attune.url);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await auditAccessibility(page, `login, ${look.name}`);
      await assertNoOverflow(page, `login, ${look.name}`);
      await screenshot(page, `login-${look.name}`);
      assertNoProblems(page);
      await page.context().close();
    }
  });

  for (const look of looks) {
    test(`EveryScreenIsInOrder: ${look.name}`, async () => {
      const page = await browser.newPage(look);
      await attune.signIn(page, "/overview?site=shop.example");
      const addresses = [
        ...screens.map((screen) => [screen, `/${screen}?site=shop.example&period=30d`]),
        ["overview-table", "/overview?site=shop.example&period=30d&chart=table&pages=entry&sources=referrer"],
        ["overview-hours", "/overview?site=shop.example&period=today"],
        ["recommendations-tried", "/recommendations?site=shop.example&try.item=pan"],
        ["tests-new", "/tests?site=shop.example&test=new"],
        ["empty", "/overview?site=quiet.example"],
        ["all-pages", "/overview?site=shop.example&all=pages-table"],
        ["new-site", "/settings?site=shop.example&edit=new"],
        ["no-such-site", "/overview?site=nothing.example"],
      ];
      for (const [name, address] of addresses) {
        await page.goto(attune.url + address);
        await settled(page);
        await auditAccessibility(page, `${name}, ${look.name}`);
        await assertNoOverflow(page, `${name}, ${look.name}`);
        await screenshot(page, `${name}-${look.name}`, { fullPage: look.width < 500 });
        assertNoProblems(page);
      }
      await page.context().close();
    });
  }

  test("WhatOpensIsInOrderToo", async () => {
    for (const look of looks) {
      const page = await browser.newPage(look);
      await attune.signIn(page, "/overview?site=shop.example");
      await settled(page);
      const opened = [
        ["range", () => page.getByRole("button", { name: /^Time range/ }).click()],
        ["site-menu", () => page.getByRole("button", { name: /^Site: / }).click()],
        ["person-menu", () => page.getByRole("button", { name: /sign out/ }).click()],
        ["help", () => page.keyboard.press("?")],
      ];
      if (look.width < 500) opened.push(["navigation", () => page.getByRole("button", { name: "Navigation" }).click()]);
      for (const [name, open] of opened) {
        await open();
        await auditAccessibility(page, `${name}, ${look.name}`);
        await assertNoOverflow(page, `${name}, ${look.name}`);
        await screenshot(page, `${name}-${look.name}`);
        await page.keyboard.press("Escape");
      }
      assertNoProblems(page);
      await page.context().close();
    }
  });

  test("NothingJumpsWhileNumbersArrive", async () => {
    const page = await browser.newPage({ reducedMotion: "no-preference" });
    await attune.signIn(page, "/settings?site=shop.example");
    await page.addInitScript(() => {
      window.jumps = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if (entry.hadRecentInput) continue;
          const names = entry.sources.map(({ node }) => node?.className || node?.nodeName);
          window.jumps.push({ value: entry.value, names });
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    // Each answer comes at another moment, so that every panel changes on its own.
    let order = 0;
    await page.route(/\/stats\//, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 60 * (1 + (order++ % 5))));
      await route.continue();
    });
    for (const screen of ["overview", "realtime", "recommendations"]) {
      await page.goto(`${attune.url}/${screen}?site=shop.example`);
      await settled(page);
      const jumps = await page.evaluate(() => window.jumps);
      const total = jumps.reduce((sum, { value }) => sum + value, 0);
      assert.ok(total < 0.02, `layout shift of ${screen} is ${total.toFixed(4)}: ${JSON.stringify(jumps)}`);
    }
    await page.unrouteAll({ behavior: "wait" });
    await page.context().close();
  });

  test("MotionStopsForThoseWhoAskForIt", async () => {
    const page = await browser.newPage({ reducedMotion: "reduce" });
    await attune.signIn(page, "/realtime?site=shop.example");
    await settled(page);
    const longest = await page.evaluate(() =>
      Math.max(...[...document.querySelectorAll("*")].map((element) => {
        const style = getComputedStyle(element);
        return Math.max(...`${style.animationDuration},${style.transitionDuration}`.split(",").map((text) => Number.parseFloat(text) * (text.includes("ms") ? 1 : 1000)));
      })),
    );
    assert.ok(longest <= 1, `an animation or transition takes ${longest} ms`);
    await page.context().close();
  });

  test("TheThemeCanBeChosenAndStays", async () => {
    const page = await browser.newPage({ theme: "light" });
    await attune.signIn(page, "/overview?site=shop.example");
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole("button", { name: /sign out/ }).click();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await settled(page);
    assert.equal(await background(), dark);
    await page.context().close();
  });

  test("NumbersAreThereWithinAThirdOfASecond", async () => {
    const page = await browser.newPage();
    await attune.signIn(page, "/overview?site=shop.example");
    await page.addInitScript(() => {
      const look = () => {
        if (document.querySelector(".stat-value")) window.numbersAtMs = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const times = [];
    const bare = [];
    for (let round = 0; round < 9; round++) {
      await page.goto(`${attune.url}/overview?site=shop.example`);
      await settled(page);
      times.push(await page.evaluate(() => window.numbersAtMs));
      // What the same browser needs for nothing but a page of a few bytes from the same server.
      await page.goto(`${attune.url}/healthz`);
      bare.push(
        await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd),
      );
    }
    const summary = (values) => {
      const sorted = [...values].sort((a, b) => a - b);
      return `${sorted[0].toFixed(0)} ms at best, ${sorted[4].toFixed(0)} ms in the middle of 9`;
    };
    console.log(`headline numbers on the screen after ${summary(times)}; a bare page after ${summary(bare)}`);
    // The best of nine is what the program needs; the rest is what else the machine was doing.
    assert.ok(Math.min(...times) < 300, summary(times));
    await page.context().close();
  });
});

const update = process.env.ATTUNE_UPDATE_SCREENSHOTS === "1";

test("ThePictureInTheReadme", { skip: !update && "set ATTUNE_UPDATE_SCREENSHOTS=1 to take it anew", timeout: 700_000 }, async () => {
  const attune = await startAttune({ demo: true });
  const browser = await openBrowser();
  try {
    const { sites } = await attune.api("GET", "/api/v1/sites");
    const demo = sites[0];
    const overview = `/api/v1/sites/${demo.id}/stats/overview?period=7d`;
    await waitFor(
      "two weeks of simulated visits and some minutes of live ones",
      async () => {
        const { metrics } = await attune.api("GET", overview);
        const realtime = await attune.api("GET", `/api/v1/sites/${demo.id}/stats/realtime`);
        const minutes = realtime.minutes.filter(({ visitors }) => visitors > 0).length;
        return metrics.sessions.previous > 2_000 && metrics.sessions.value > 2_000 && minutes >= 6;
      },
      { timeoutMs: 600_000, everyMs: 1_000 },
    );
    const page = await browser.newPage({ width: 1280, height: 860, scale: 2 });
    const day = (daysAgo) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
    const range = `from=${day(7)}&to=${day(1)}&interval=hour`;
    await attune.signIn(page, `/overview?site=${demo.domain}&${range}`);
    await settled(page);
    await page.screenshot({ path: path.join(sourceDir, "docs/images/dashboard.png"), animations: "disabled" });
  } finally {
    await browser.close();
    await attune.stop();
  }
});
