// Tests on a page without an SDK: fetches what the site publishes, gives this visitor their variation of
// each test that changes pages, and reports who was given what. Loaded only by pages that ask for it.
// The page is hidden until it looks as it should, and never longer than HIDE_MS.
import { type Assignment, type Experiment, type Payload, type Sticky, evaluator } from "./assign";
import { readConfig } from "./config";
import { openIdentity, optedOut } from "./ids";
import { type Mutation, mutate } from "./mutate";

const HIDE_MS = 1000;
const FRESH_MS = 30_000; // as long as the server lets browsers keep a payload
const KEPT = "attune.tests";
const SEEN = "attune.exposed";
const GIVEN = "attune.given";

const root = window as unknown as { attuneAttributes?: Record<string, unknown>; attuneTests?: any };
const script = (document.currentScript ||
  document.querySelector("script[data-site][src*='x.js']")) as HTMLScriptElement | null;
const config = readConfig(script);

function stored(kind: "localStorage" | "sessionStorage", key: string): any {
  try {
    return JSON.parse(window[kind].getItem(key) || "null");
  } catch {
    return null;
  }
}

function store(kind: "localStorage" | "sessionStorage", key: string, value: unknown): void {
  try {
    window[kind].setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden: asked again on the next page
  }
}

if (config && !root.attuneTests && !config.disabled && !optedOut()) {
  const visitor = openIdentity(config.cookieless).touch().visitor;
  const query = new URLSearchParams(location.search);
  const attributes: Record<string, unknown> = {
    id: visitor,
    visitor_id: visitor,
    url: location.href,
    path: location.pathname,
    host: location.hostname,
    query: location.search,
    deviceType: /Mobi/.test(navigator.userAgent) ? "mobile" : "desktop",
    language: navigator.language,
    utmSource: query.get("utm_source"),
    utmMedium: query.get("utm_medium"),
    utmCampaign: query.get("utm_campaign"),
    ...root.attuneAttributes,
  };

  const hiding = document.createElement("style");
  hiding.textContent = "html{visibility:hidden!important}";
  const show = () => hiding.remove();

  /** What was given before in tests that are sticky: shares may move, people stay. */
  const given: Sticky = stored("localStorage", GIVEN) || {};
  const last = <T>(all: Record<string, T>, most: number): Record<string, T> =>
    Object.fromEntries(Object.entries(all).slice(-most));

  /** Once a session and variation: the first exposure counts, and the server keeps the first. */
  const exposed = (test: Experiment, made: Assignment): void => {
    const seen: string[] = stored("sessionStorage", SEEN) || [];
    const mark = test.key + "|" + made.key + "|" + made.hashValue;
    const id = made.hashAttribute + "||" + made.hashValue;
    if (given[id]) store("localStorage", GIVEN, last({ ...given, [id]: last(given[id], 100) }, 5));
    if (seen.includes(mark)) return;
    store("sessionStorage", SEEN, seen.concat(mark).slice(-100));
    const body = JSON.stringify([
      {
        event_name: "Experiment Viewed",
        properties_json: {
          experimentId: test.key,
          variationId: made.key,
          hashAttribute: made.hashAttribute,
          hashValue: made.hashValue,
        },
        sdk_language: "attune",
        device_id: visitor,
        session_id: openIdentity(config.cookieless).touch().session,
        url: location.href,
        context_json: { deviceType: attributes.deviceType, language: attributes.language },
      },
    ]);
    const to = config.host + "/growthbook/track?client_key=" + config.site;
    if (!navigator.sendBeacon?.(to, body)) {
      fetch(to, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => 0);
    }
  };

  /** Where a variation sends people: a page that is not this one. */
  const target = (test: Experiment, to: string): string | null => {
    const url = new URL(to, location.href);
    if (test.persistQueryString) {
      for (const [name, value] of query) {
        if (!url.searchParams.has(name)) url.searchParams.append(name, value);
      }
    }
    if (url.origin + url.pathname === location.origin + location.pathname) return null;
    return /^https?:$/.test(url.protocol) ? url.href : null;
  };

  /** Returns whether the page is left. */
  const apply = (test: Experiment, value: any): boolean => {
    const to = value.urlRedirect && target(test, value.urlRedirect);
    if (to) {
      location.replace(to);
      return true;
    }
    if (value.css) {
      const style = document.createElement("style");
      style.textContent = value.css;
      style.dataset.attuneTest = test.key;
      document.head.append(style);
    }
    for (const mutation of (value.domMutations || []) as Mutation[]) mutate(mutation);
    if (value.js) {
      const code = document.createElement("script");
      code.textContent = value.js;
      document.head.append(code);
    }
    return false;
  };

  let payload: Payload = {};
  const view = () => evaluator(payload, { attributes, url: location.href, sticky: given }, exposed);

  const start = (found: Payload): void => {
    payload = found;
    let leaving = false;
    try {
      const person = view();
      for (const test of found.experiments || []) {
        if (leaving || test.manual) continue;
        const made = person.run(test);
        if (made.inExperiment && made.value) leaving = apply(test, made.value);
      }
    } catch (error) {
      if (config.debug) console.warn("attune:", error);
    }
    if (!leaving) show();
  };

  const load = async (): Promise<Payload> => {
    const answer = await fetch(config.host + "/growthbook/api/features/" + config.site, {
      credentials: "omit",
    });
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const found = (await answer.json()) as Payload;
    store("localStorage", KEPT, { site: config.site, at: Date.now(), found });
    return found;
  };

  // Without an id nobody would get the same variation twice.
  let ready: Promise<unknown> = Promise.resolve();
  if (visitor) {
    const kept = stored("localStorage", KEPT);
    const age = kept && kept.site === config.site ? Date.now() - kept.at : Infinity;
    if (age >= 0 && age < FRESH_MS) {
      start(kept.found);
    } else {
      document.head.append(hiding);
      setTimeout(show, HIDE_MS);
      ready = load().then(start, (error) => {
        show();
        if (config.debug) console.warn("attune:", error);
      });
    }
  }

  root.attuneTests = {
    ready,
    /** A flag's value for this visitor, or what the page says. */
    flag: (key: string, otherwise: unknown) => view().feature(key).value ?? otherwise,
  };
}
