// Drives the dashboard in Chromium against a real server with known traffic, and compares what stands on
// the screen with a count made here, with the API, and with `attune query`.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { adminPassword, assertNoProblems, openBrowser, startAttune, waitFor } from "./harness.mjs";
import { countVisits, utcDay, visitsOf } from "./known_traffic.mjs";

const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const digits = (text) => Number(text.replace(/[^\d.-]/g, ""));

describe("dashboard", { timeout: 600_000 }, () => {
  let attune;
  let browser;
  let page;
  let site;
  let visits;
  let now;
  let range; // of the fortnight that ends yesterday: { from, to } in ms, `to` not included
  let address; // of that range on the overview

  before(async () => {
    attune = await startAttune();
    browser = await openBrowser();
    now = Date.now();
    site = await attune.addSite({ domain: "shop.example", name: "The shop", allowed_origins: [] });
    visits = visitsOf(now, 30, (daysAgo) => 8 + (daysAgo % 5) + (daysAgo <= 14 ? 6 : 0));
    range = { from: utcDay(now, 14), to: utcDay(now, 0) };
    address = `/overview?site=shop.example&from=${day(range.from)}&to=${day(range.to - 1)}`;
    const file = path.join(attune.folder, "history.ndjson");
    await writeFile(
      file,
      visits
        .flatMap((visit) => visit.events)
        .map((event) => JSON.stringify(event))
        .join("\n") + "\n",
    );
    await attune.command("import", "events", file, "--data", attune.folder, "--site", site.id);
    await waitFor("the import to be counted", async () => {
      const { metrics } = await attune.api(
        "GET",
        `/api/v1/sites/${site.id}/stats/overview?period=all&compare=none`,
      );
      return metrics.sessions.value === visits.length;
    });
    page = await browser.newPage();
    page.on("dialog", (dialog) => dialog.dismiss());
  });

  after(async () => {
    await browser?.close();
    await attune?.stop();
  });

  /** The exact value of a headline number: what it shows on hover. */
  const headline = async (label) => {
    const stat = page.locator(".stat", {
      has: page.locator(".stat-label", { hasText: new RegExp(`^${label}$`) }),
    });
    return digits(await stat.locator(".stat-value").getAttribute("data-tip"));
  };
  const rowsOf = async (title) => {
    const rows = await page
      .locator(
        `section[aria-label="${title}"] tbody tr, section:has(> header > h2:text-is("${title}")) tbody tr`,
      )
      .all();
    return Promise.all(
      rows.map(async (row) =>
        (await row.locator("th, td").allInnerTexts()).map((text) => text.trim()),
      ),
    );
  };
  const panel = (title) =>
    page.locator("section.panel", { has: page.getByRole("heading", { name: title, exact: true }) });
  const settled = () =>
    waitFor(
      "the screen to settle",
      async () => (await page.locator('main [aria-busy="true"]').count()) === 0,
    );

  test("AWrongPasswordIsRefusedInWords", async () => {
    await page.goto(attune.url + address);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("User and password do not match.").waitFor();
  });

  test("SigningInShowsTheViewThatTheLinkNamed", async () => {
    await attune.signIn(page, address);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.ok(page.url().includes(`from=${day(range.from)}`), page.url());
    await settled();
    assertNoProblems(page);
  });

  test("HeadlineNumbersAgreeWithACountAndWithSql", async () => {
    const truth = countVisits(visits, range.from, range.to);
    assert.equal(await headline("Visitors"), truth.visitors);
    assert.equal(await headline("Sessions"), truth.sessions);
    assert.equal(await headline("Pageviews"), truth.pageviews);
    assert.equal(await headline("Orders"), truth.orders);
    assert.equal(await headline("Revenue"), truth.revenue);
    assert.ok(Math.abs((await headline("Bounce rate")) - truth.bounceRate * 100) < 0.001);

    const between = `site_id = '${site.id}' and %s >= timestamp '${day(range.from)}' and %s < timestamp '${day(range.to)}'`;
    const when = (column) => between.replaceAll("%s", column);
    assert.equal(
      await attune.number(`select count(*) as n from user_sessions where ${when("session_start")}`),
      truth.sessions,
    );
    assert.equal(
      await attune.number(`select count(*) as n from pageviews where ${when("view_timestamp")}`),
      truth.pageviews,
    );
  });

  test("ChangesCompareWithTheFortnightBefore", async () => {
    const truth = countVisits(visits, range.from, range.to);
    const earlier = countVisits(visits, range.from - (range.to - range.from), range.from);
    const stat = page.locator(".stat", {
      has: page.locator(".stat-label", { hasText: /^Sessions$/ }),
    });
    const percent = Math.round(
      (Math.abs(truth.sessions - earlier.sessions) / earlier.sessions) * 100,
    );
    assert.equal(
      digits((await stat.locator(".change").innerText()).replace(/up|down|better|worse/g, "")),
      percent,
    );
    assert.match(
      await stat.locator(".change").getAttribute("data-tip"),
      new RegExp(`^${earlier.sessions} in `),
    );
  });

  test("ComparisonCanBeSwitchedOff", async () => {
    await page.getByRole("switch", { name: "Compare" }).click();
    await waitFor(
      "the changes to go",
      async () => (await page.locator(".stat .change").count()) === 0,
    );
    assert.match(page.url(), /compare=none/);
    await page.goBack();
    await page.locator(".stat .change").first().waitFor();
  });

  test("TheNumberThatIsClickedIsTheOneThatIsDrawn", async () => {
    await page.getByRole("button", { name: /^Pageviews/ }).click();
    await page.getByRole("heading", { name: "Pageviews", exact: true }).waitFor();
    assert.match(page.url(), /metric=pageviews/);
    await page.getByRole("button", { name: "Show as a table" }).click();
    await page.getByRole("region", { name: "Pageviews as a table" }).waitFor();
    await settled();
    const rows = await rowsOf("Pageviews over time");
    const sum = rows.reduce((total, [, value]) => total + digits(value), 0);
    assert.equal(sum, countVisits(visits, range.from, range.to).pageviews);
    assert.equal(rows.length, 14);
  });

  test("TheFileBehindTheChartHasItsNumbers", async () => {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Pageviews as CSV" }).click(),
    ]);
    assert.equal(file.suggestedFilename(), "pageviews.csv");
    const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
    const sum = lines.slice(1).reduce((total, line) => total + Number(line.split(",").at(-2)), 0);
    assert.equal(sum, countVisits(visits, range.from, range.to).pageviews);
    await page.getByRole("button", { name: "Show as a chart" }).click();
  });

  test("ThePointerAndTheKeysReadTheChart", async () => {
    const chart = page.locator(".chart-host");
    await chart.locator(".u-over").waitFor();
    const box = await chart.locator(".u-over").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const readout = page.locator(".readout");
    await readout.waitFor();
    assert.equal(
      await readout.locator(".readout-row").count(),
      2,
      "this period and the one before",
    );

    await chart.focus();
    await page.keyboard.press("End");
    const last = countVisits(visits, range.to - 86_400_000, range.to).pageviews;
    await waitFor(
      "the last day's value",
      async () => (await readout.locator("b").first().innerText()) === String(last),
    );
    await page.keyboard.press("Escape");
    await readout.waitFor({ state: "detached" });
  });

  test("DraggingOverTheChartChoosesTheDaysAndBackReturns", async () => {
    const over = page.locator(".chart-host .u-over");
    const box = await over.boundingBox();
    const at = (index) => box.x + (box.width * index) / 13;
    await page.mouse.move(at(3), box.y + 60);
    await page.mouse.down();
    await page.mouse.move(at(5), box.y + 80, { steps: 4 });
    await page.mouse.move(at(7), box.y + 80, { steps: 4 });
    await page.mouse.up();
    const from = range.from + 3 * 86_400_000;
    const to = range.from + 7 * 86_400_000;
    await waitFor("the address to have the range", () =>
      page.url().includes(`from=${day(from)}&to=${day(to)}`),
    );
    await settled();
    assert.equal(await headline("Sessions"), countVisits(visits, from, to + 86_400_000).sessions);
    await page.goBack();
    await waitFor("the range of before", () => page.url().includes(`from=${day(range.from)}`));
    await settled();
    assert.equal(await headline("Sessions"), countVisits(visits, range.from, range.to).sessions);
    assertNoProblems(page);
  });

  test("PagesAgreeWithTheCountAndCanBeSortedAndSearched", async () => {
    const truth = countVisits(visits, range.from, range.to).pages.sort(
      (a, b) => b.pageviews - a.pageviews,
    );
    await panel("Pages")
      .getByRole("button", { name: /^Views/ })
      .click();
    await settled();
    const rows = await rowsOf("Pages");
    assert.equal(rows.length, truth.length);
    const shown = new Map(
      rows.map(([name, visitors, views]) => [name, [digits(visitors), digits(views)]]),
    );
    for (const { path: name, visitors, pageviews } of truth)
      assert.deepEqual(shown.get(name), [visitors, pageviews], name);
    const views = rows.map((row) => digits(row[2]));
    assert.deepEqual(
      views,
      [...views].sort((a, b) => b - a),
      "most views first",
    );

    await page.keyboard.press("/");
    await page.keyboard.type("product/");
    await waitFor("two rows", async () => (await rowsOf("Pages")).length === 2);
    await page.keyboard.press("Escape");
    await waitFor("all rows", async () => (await rowsOf("Pages")).length === truth.length);
  });

  test("SourcesAgreeWithTheCount", async () => {
    const truth = countVisits(visits, range.from, range.to).sources;
    const words = {
      search: "Search",
      direct: "Direct",
      social: "Social media",
      referral: "Other sites",
    };
    const shown = new Map(
      (await rowsOf("Sources")).map(([name, , sessions]) => [name, digits(sessions)]),
    );
    for (const [name, sessions] of truth) assert.equal(shown.get(words[name]), sessions, name);

    await page.getByRole("tab", { name: "Referrer" }).click();
    await panel("Sources").getByText("kitchen-blog.example").waitFor();
    await settled();
    const referrers = new Map(
      (await rowsOf("Sources")).map(([name, , sessions]) => [name, digits(sessions)]),
    );
    assert.equal(referrers.get("kitchen-blog.example"), truth.get("referral"));
    assert.equal(referrers.get("google.com"), truth.get("search"));
  });

  test("TheCalendarChoosesDaysByKeyboardAlone", async () => {
    await page.goto(`${attune.url}/overview?site=shop.example&period=today`);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await settled();
    await page.keyboard.press("d");
    await page.getByRole("dialog", { name: /Time range/ }).waitFor();
    await page.locator(`[data-day="${day(now)}"]`).focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    const from = day(now - 2 * 86_400_000);
    await waitFor("two days", () =>
      page.url().includes(`from=${from}&to=${day(now - 86_400_000)}`),
    );
    await settled();
    assert.equal(
      await headline("Sessions"),
      countVisits(visits, utcDay(now, 2), utcDay(now, 0)).sessions,
    );
  });

  test("EveryScreenIsReachedByKeyboardAndHelpListsTheKeys", async () => {
    for (const [keys, title] of [
      [["g", "r"], "Realtime"],
      [["g", "e"], "People"],
      [["g", "a"], "Catalogue"],
      [["g", "c"], "Recommendations"],
      [["g", "p"], "Placements"],
      [["g", "m"], "Models"],
      [["g", "s"], "Settings"],
      [["g", "y"], "System"],
      [["g", "o"], "Overview"],
    ]) {
      for (const key of keys) await page.keyboard.press(key);
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
    }
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor({ state: "detached" });

    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement.textContent.trim()),
      "Skip to the content",
    );
    const seen = new Set();
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        return {
          name: element.getAttribute("aria-label") ?? element.textContent.trim(),
          outline: style.outlineStyle,
          tag: element.tagName,
        };
      });
      if (focus.tag === "BODY") break;
      assert.notEqual(focus.outline, "none", `focus is visible on ${focus.name}`);
      seen.add(focus.name);
    }
    for (const name of ["Overview", "Settings", "Site: shop.example", "Compare", "Channel"]) {
      assert.ok(
        [...seen].some((each) => each.startsWith(name)),
        `${name} is reached by Tab: ${[...seen].join(", ")}`,
      );
    }
    assertNoProblems(page);
  });

  test("AVisitShowsInRealtimeWithinSeconds", async () => {
    await page.goto(`${attune.url}/realtime?site=shop.example`);
    await page.getByRole("heading", { name: "Realtime" }).waitFor();
    await settled();
    assert.equal(await page.getByTestId("visitors-now").innerText(), "0");
    await attune.postEvents(site, [
      {
        type: "pageview",
        visitor_id: "live-1",
        session_id: "live-1",
        url: "https://shop.example/product/pan",
        user_agent: userAgent,
      },
      {
        type: "pageview",
        visitor_id: "live-2",
        session_id: "live-2",
        url: "https://shop.example/",
        user_agent: userAgent,
      },
      {
        type: "cart_add",
        visitor_id: "live-1",
        session_id: "live-1",
        url: "https://shop.example/product/pan",
        items: [{ id: "pan", price: 20 }],
        user_agent: userAgent,
      },
    ]);
    await waitFor(
      "two visitors",
      async () => (await page.getByTestId("visitors-now").innerText()) === "2",
      { timeoutMs: 10_000 },
    );
    await page.locator(".feed").getByText("Added to cart").waitFor();
    const realtime = await attune.api("GET", `/api/v1/sites/${site.id}/stats/realtime`);
    assert.equal(realtime.visitors_now, 2);
    assertNoProblems(page);
  });

  test("APanelFailsAloneAndRecovers", async () => {
    const broken = /stats\/pages/;
    await page.route(broken, (route) =>
      route.fulfill({
        status: 429,
        contentType: "application/json",
        body: JSON.stringify({
          error: { code: "resource_exhausted", message: "too many questions at once" },
        }),
      }),
    );
    await page.goto(attune.url + address);
    await panel("Pages").getByText("Too many questions at once").waitFor();
    assert.equal(
      await headline("Sessions"),
      countVisits(visits, range.from, range.to).sessions,
      "the rest works",
    );
    await page.unroute(broken);
    await panel("Pages").getByRole("button", { name: "Try again" }).click();
    await panel("Pages").getByText("/products.html").waitFor();
    assertNoProblems(page);
  });

  test("OldNumbersStayDimmedWhileNewOnesLoad", async () => {
    await settled();
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route(/stats\/pages/, async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press("d");
    await page.getByRole("button", { name: "Last 30 days" }).click();
    await panel("Pages").locator('.panel-content[aria-busy="true"]').waitFor();
    assert.ok((await rowsOf("Pages")).length > 0, "rows of before are still there");
    release();
    await settled();
    await page.unrouteAll({ behavior: "wait" });
  });

  test("SitesAreAddedEditedAndDeleted", async () => {
    await page.goto(`${attune.url}/settings?site=shop.example`);
    await page.getByRole("button", { name: "Add a site" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a site" });
    await dialog.getByLabel("Domain").fill("https://www.second.example/");
    await dialog.getByLabel("Time zone").fill("Nowhere/Atlantis");
    await dialog.getByRole("button", { name: "Add the site" }).click();
    await dialog.getByText("Time zone must be an IANA time zone").waitFor();
    await dialog.getByLabel("Time zone").fill("Europe/Berlin");
    await dialog.getByRole("button", { name: "Add the site" }).click();
    await dialog.waitFor({ state: "detached" });
    const { sites } = await attune.api("GET", "/api/v1/sites");
    const second = sites.find((each) => each.domain === "second.example");
    assert.equal(second.timezone, "Europe/Berlin");
    await page.getByRole("button", { name: "Site: second.example" }).waitFor();
    await page.getByLabel("Tracking snippet", { exact: true }).getByText(second.id).waitFor();

    await page.getByRole("button", { name: "Edit second.example" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("The second");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByText("The second · ").waitFor();

    await page.getByRole("button", { name: "Edit second.example" }).click();
    await page.getByRole("button", { name: "Delete this site…" }).click();
    const confirm = page.getByRole("button", { name: "Delete second.example" });
    assert.ok(await confirm.isDisabled(), "the name must be typed");
    await page.getByLabel("Type the domain to confirm").fill("second.example");
    await confirm.click();
    await waitFor("the site to be gone", async () =>
      (await attune.api("GET", "/api/v1/sites")).sites.every(
        (each) => each.domain !== "second.example",
      ),
    );
    await page.getByRole("button", { name: "Edit second.example" }).waitFor({ state: "detached" });
    assertNoProblems(page);
  });

  test("AKeyIsShownOnceWorksAndStopsWorking", async () => {
    await page.goto(`${attune.url}/settings?site=shop.example`);
    await page.getByLabel("Name of the new key").fill("Reporting");
    await page.getByLabel("Scope").selectOption("read");
    await page.getByRole("button", { name: "Create key" }).click();
    const key = (await page.getByLabel("Secret key", { exact: true }).innerText()).trim();
    assert.match(key, /^sk_/);
    const ask = () =>
      fetch(`${attune.url}/api/v1/sites/${site.id}/stats/overview`, {
        headers: { authorization: `Bearer ${key}` },
      });
    assert.equal((await ask()).status, 200);
    await page.getByRole("button", { name: "I have copied it" }).click();
    assert.ok(!(await page.content()).includes(key), "the secret is nowhere on the page any more");

    await page.getByRole("button", { name: "Revoke Reporting" }).click();
    await page.getByLabel("Type the key’s name to confirm").fill("Reporting");
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByRole("button", { name: "Revoke Reporting" }).waitFor({ state: "detached" });
    assert.equal((await ask()).status, 401);
    assertNoProblems(page);
  });

  test("ThePasswordCanBeChanged", async () => {
    await page.getByLabel("Current password").fill("wrong password");
    await page.getByLabel("New password").fill("another long password");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("That is not the current password").waitFor();
    await page.getByLabel("Current password").fill(adminPassword);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("The password is changed").waitFor();
    const refused = await fetch(`${attune.url}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: "admin", password: adminPassword }),
    });
    assert.equal(refused.status, 401);
    await page.getByLabel("Current password").fill("another long password");
    await page.getByLabel("New password").fill(adminPassword);
    await page.getByRole("button", { name: "Change password" }).click();
    await waitFor(
      "the old password again",
      async () => (await page.getByLabel("Current password").inputValue()) === "",
    );
    attune.forgetLogin();
    assertNoProblems(page);
  });

  test("SystemSaysThatAllIsWellWithTheServersOwnNumbers", async () => {
    await page.goto(`${attune.url}/system?site=shop.example`);
    await page.getByText("All is well").waitFor();
    const status = await attune.api("GET", "/api/v1/status");
    await page.locator("dd", { hasText: status.data_dir }).waitFor();
    const shown = digits(
      await page.locator("dt:text-is('Records processed') + dd").getAttribute("data-tip"),
    );
    assert.ok(shown > 0 && shown <= (await attune.api("GET", "/api/v1/status")).etl.records);
    assertNoProblems(page);
  });

  test("ASiteWithoutEventsTeachesAndComesAlive", async () => {
    const quiet = await attune.addSite({ domain: "quiet.example" });
    await page.goto(`${attune.url}/overview?site=quiet.example`);
    await page
      .getByRole("heading", { name: "Waiting for the first visitor of quiet.example" })
      .waitFor();
    await page.getByLabel("Tracking snippet", { exact: true }).getByText(quiet.id).waitFor();
    // The command on the screen is run as written, by the shell it is written for.
    const command = (await page.getByLabel("Command", { exact: true }).innerText()).trim();
    const { execFile } = await import("node:child_process");
    const { promisify } = await import("node:util");
    const { stdout } = await promisify(execFile)("sh", ["-c", command]);
    assert.equal(JSON.parse(stdout).accepted, 1, stdout);
    await page.locator(".stat", { hasText: "Visitors" }).waitFor({ timeout: 15_000 });
    await settled();
    assert.equal(await headline("Pageviews"), 1);
    assertNoProblems(page);
  });

  test("SigningOutEndsTheLogin", async () => {
    await page.getByRole("button", { name: /sign out/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Attune" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in to Attune" }).waitFor();
    assertNoProblems(page);
  });
});
