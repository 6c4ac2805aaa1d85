// Feature flags through the clients that people have: GrowthBook's SDK with its tracking plugin and
// OpenFeature's two providers, as published on npm, against the real server.
import assert from "node:assert/strict";
import { createDecipheriv, webcrypto } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { GrowthBook, clearCache, setPolyfills } from "@growthbook/growthbook";
import { growthbookTrackingPlugin } from "@growthbook/growthbook/plugins";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature as Web } from "@openfeature/web-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature as Server } from "@openfeature/server-sdk";
import { EventSource } from "eventsource";
import { startAttune, waitFor } from "./harness.mjs";

const arms = { variations: ["plain", "large", "green"], weights: [0.5, 0.3, 0.2], coverage: 0.9 };
const button = {
  value_type: "string", default_value: "plain", description: "The button that buys",
  rules: [
    { id: "staff", condition: { staff: true }, force: "secret" },
    { id: "rollout", condition: { country: { $in: ["AT", "CH"] } }, force: "large", coverage: 0.25, hashAttribute: "id" },
    { id: "split", key: "button-test", seed: "b1", hashVersion: 2, hashAttribute: "id", ...arms,
      condition: { country: "DE" }, meta: [{ key: "control" }, { key: "large" }, { key: "green" }] },
  ],
};
const countries = ["DE", "AT", "CH", "FR"];
const person = (n) => ({ id: n % 5 === 0 ? `Jürgen-${n}` : `user-${n}`, country: countries[n % 4], staff: n % 97 === 0 });

describe("flags", { timeout: 300_000 }, () => {
  let attune;
  let site;
  let flags;
  let growthbook;

  before(async () => {
    attune = await startAttune();
    site = await attune.addSite({ domain: "shop.example" });
    flags = (method, rest, body) => attune.api(method, `/api/v1/sites/${site.id}/flags${rest}`, body);
    growthbook = { apiHost: `${attune.url}/growthbook`, clientKey: site.id };
    globalThis.EventSource = EventSource;
    setPolyfills({ EventSource, SubtleCrypto: webcrypto.subtle });
    await attune.api("POST", "/api/v1/meta_user_profiles", { industry: "retail" });
    await flags("PUT", "/button", button);
    await flags("PUT", "/menu", { default_value: true, value_type: "boolean", description: "", rules: [
      { force: false, condition: { country: "FR" } }] });
    await flags("PUT", "/limits", { default_value: { daily: 3 } });
  });
  after(async () => {
    await clearCache();
    await attune?.stop();
  });

  /** What the journal holds of exposures: the record's texts are there as they are. */
  async function journal() {
    const folder = path.join(attune.folder, "journal");
    const files = (await readdir(folder)).filter((name) => name.endsWith(".journal"));
    return Buffer.concat(await Promise.all(files.map((name) => readFile(path.join(folder, name)))));
  }

  test("the payload is what GrowthBook's API answers, and changes its version when it changes", async () => {
    const url = `${growthbook.apiHost}/api/features/${site.id}`;
    const first = await fetch(url);
    assert.equal(first.headers.get("access-control-allow-origin"), "*");
    assert.equal(first.headers.get("x-sse-support"), "enabled");
    assert.match(first.headers.get("cache-control"), /max-age=30/);
    const payload = await first.json();
    assert.equal(payload.status, 200);
    assert.deepEqual(payload.features.limits, { defaultValue: { daily: 3 } });
    assert.deepEqual(payload.features.button.rules[1], button.rules[1]);
    const etag = first.headers.get("etag");
    assert.equal((await fetch(url, { headers: { "if-none-match": etag } })).status, 304);
    await flags("PATCH", "/limits", { description: "said otherwise" });
    assert.equal((await fetch(url, { headers: { "if-none-match": etag } })).status, 304, "clients need not know");
    await flags("PATCH", "/limits", { default_value: { daily: 4 } });
    const second = await fetch(url, { headers: { "if-none-match": etag } });
    assert.equal(second.status, 200);
    assert.ok((await second.json()).dateUpdated > payload.dateUpdated);
    const wrong = await fetch(`${growthbook.apiHost}/api/features/nobody`);
    assert.equal(wrong.status, 400);
    assert.equal((await wrong.json()).status, 400);
    const preflight = await fetch(url, { method: "OPTIONS" });
    assert.equal(preflight.status, 204);
  });

  test("1,000 people get the same from the SDK, from OFREP and from the server's own evaluation", async () => {
    const gb = new GrowthBook({ ...growthbook });
    await gb.init({ timeout: 5000 });
    const counts = {};
    for (let n = 0; n < 1000; ++n) {
      const attributes = person(n);
      await gb.setAttributes(attributes);
      const sdk = gb.evalFeature("button");
      const answer = await fetch(`${attune.url}/ofrep/v1/evaluate/flags/button`, {
        method: "POST", headers: { "content-type": "application/json", "x-api-key": site.id },
        body: JSON.stringify({ context: { targetingKey: attributes.id, ...attributes } }) });
      const ofrep = await answer.json();
      assert.equal(ofrep.value, sdk.value, JSON.stringify({ attributes, ofrep, sdk }));
      if (sdk.source === "experiment") {
        assert.equal(ofrep.reason, "SPLIT");
        assert.equal(ofrep.variant, sdk.experimentResult.key);
      }
      if (n % 50 === 0) {
        const own = await flags("POST", "/button/evaluate", { attributes });
        assert.deepEqual(own.value, sdk.value);
        assert.equal(own.source, sdk.source);
        assert.notEqual(own.reason, "");
      }
      const of = `${sdk.source}/${sdk.value}`;
      counts[of] = (counts[of] ?? 0) + 1;
    }
    for (const of of ["experiment/plain", "experiment/large", "experiment/green", "force/large", "force/secret", "defaultValue/plain"]) {
      assert.ok(counts[of] > 5, `${of}: ${JSON.stringify(counts)}`);
    }
    gb.destroy();
  });

  test("a change arrives by the stream, and so does the kill switch", async () => {
    const gb = new GrowthBook({ ...growthbook, attributes: { id: "someone" } });
    await gb.init({ timeout: 5000, streaming: true });
    assert.equal(gb.isOn("menu"), true);
    await flags("PATCH", "/menu", { default_value: false });
    await waitFor("the new value", () => gb.getFeatureValue("menu", "none") === false, { timeoutMs: 5000 });
    await flags("PATCH", "/menu", { enabled: false });
    await waitFor("the switch", () => gb.getFeatureValue("menu", "the code's own") === "the code's own", { timeoutMs: 5000 });
    await flags("PATCH", "/menu", { enabled: true, default_value: true });
    await waitFor("the switch back", () => gb.isOn("menu"), { timeoutMs: 5000 });
    gb.destroy();
  });

  test("twenty clients hear of a change, and one that does not read holds nobody up", async () => {
    const stuck = await fetch(`${growthbook.apiHost}/sub/${site.id}`);
    const heard = [];
    const sources = Array.from({ length: 20 }, () => {
      const source = new EventSource(`${growthbook.apiHost}/sub/${site.id}`);
      source.addEventListener("features", (event) => heard.push(JSON.parse(event.data).features.limits.defaultValue.daily));
      return source;
    });
    await waitFor("the first payloads", () => heard.length >= 20);
    await flags("PATCH", "/limits", { default_value: { daily: 7 } });
    await waitFor("twenty times news", () => heard.filter((value) => value === 7).length >= 20);
    for (const source of sources) source.close();
    await stuck.body.cancel();
  });

  const features = async (key) => (await fetch(`${growthbook.apiHost}/api/features/${key}`)).json();
  const group = (key, members) => attune.api("PUT", `/api/v1/sites/${site.id}/saved-groups/${key}`, { members });
  const connections = (method, rest, body) => attune.api(method, `/api/v1/sites/${site.id}/sdk-connections${rest}`, body);
  /** Flags that decide by a saved group. */
  const desk = { value_type: "string", default_value: "shop", rules: [
    { id: "in", condition: { id: { $inGroup: "staff" } }, force: "staff" },
    { id: "out", condition: { country: "DE", id: { $notInGroup: "staff" } }, force: "guest" }] };

  test("saved groups decide the same in the SDK, by OFREP and here, and a change is in service at once", async () => {
    await group("staff", ["ann", "bob", 7]);
    await group("unused", ["carl"]);
    await flags("PUT", "/desk", desk);
    const people = [["ann", "DE"], ["eve", "DE"], ["ola", "SE"], ["7", "SE"]];
    const streaming = new GrowthBook({ ...growthbook, attributes: { id: "eve", country: "DE" } });
    await streaming.init({ timeout: 5000, streaming: true, skipCache: true });
    const answers = async () => {
      const payload = await features(site.id);
      const found = {};
      for (const [id, country] of people) {
        const attributes = { id, country };
        const gb = new GrowthBook({ attributes }).initSync({ payload });
        found[id] = gb.getFeatureValue("desk", null);
        const here = await flags("POST", "/desk/evaluate", { visitor: id, attributes });
        assert.equal(here.value, found[id], id);
        const ofrep = await fetch(`${attune.url}/ofrep/v1/evaluate/flags/desk`, {
          method: "POST", headers: { "content-type": "application/json", "x-api-key": site.id },
          body: JSON.stringify({ context: { targetingKey: id, ...attributes } }) });
        assert.equal((await ofrep.json()).value, found[id], id);
        gb.destroy();
      }
      return { groups: payload.savedGroups, found };
    };
    assert.equal(streaming.getFeatureValue("desk", null), "guest");
    assert.deepEqual(await answers(), { groups: { staff: ["ann", "bob", 7] }, found: { ann: "staff", eve: "guest", ola: "shop", 7: "shop" } });
    await group("staff", ["eve"]);
    assert.deepEqual(await answers(), { groups: { staff: ["eve"] }, found: { ann: "guest", eve: "staff", ola: "shop", 7: "shop" } });
    await waitFor("the group by the stream", () => streaming.getFeatureValue("desk", null) === "staff");
    streaming.destroy();
    await assert.rejects(attune.api("DELETE", `/api/v1/sites/${site.id}/saved-groups/staff`), /flag desk/);
    await flags("DELETE", "/desk");
    assert.deepEqual((await features(site.id)).savedGroups, {});
    for (const key of ["staff", "unused"]) await attune.api("DELETE", `/api/v1/sites/${site.id}/saved-groups/${key}`);
  });

  test("a test's condition names a saved group, which stays while the test may run", async () => {
    const path = `/api/v1/sites/${site.id}/saved-groups/buyers`;
    const made = await attune.api("POST", "/api/v1/ab_tests", { name: "Greeting", site_id: site.id, primary_metric: "bought", design: {
      metrics: [{ name: "bought", kind: "conversion", event: "purchase" }], condition: { id: { $inGroup: "buyers" } } } });
    for (const variation_id of ["a", "b"]) {
      await attune.api("POST", "/api/v1/test_variations", { ab_test_id: made.id, variation_id, name: variation_id, is_control: variation_id === "a" });
    }
    const step = (name) => attune.api("POST", `/api/v1/ab_tests/${made.id}/${name}`, { reason: "because" });
    await assert.rejects(step("start"), /no saved group 'buyers'/);
    await group("buyers", ["bea"]);
    await step("start");
    await waitFor("the test", async () => (await features(site.id)).features.greeting !== undefined);
    const payload = await features(site.id);
    assert.deepEqual(payload.savedGroups, { buyers: ["bea"] });
    const source = (id) => {
      const gb = new GrowthBook({ attributes: { id } }).initSync({ payload });
      const { source } = gb.evalFeature("greeting");
      gb.destroy();
      return source;
    };
    assert.equal(source("bea"), "experiment");
    assert.equal(source("ola"), "defaultValue");
    await assert.rejects(attune.api("DELETE", path), /test greeting/);
    await step("cancel");
    await waitFor("its end", async () => (await features(site.id)).features.greeting === undefined);
    await attune.api("DELETE", path);
  });

  /** What a payload hides, read with the key by other means than the SDK's. */
  function opened(text, key) {
    const [vector, hidden] = text.split(".").map((part) => Buffer.from(part, "base64"));
    const cipher = createDecipheriv("aes-128-cbc", Buffer.from(key, "base64"), vector);
    return JSON.parse(Buffer.concat([cipher.update(hidden), cipher.final()]).toString());
  }

  /** Runs `work`; returns what the SDK says on the console meanwhile. */
  async function complaints(work) {
    const { error } = console;
    const said = [];
    console.error = (...words) => said.push(words.map(String).join(" "));
    try {
      await work();
    } finally {
      console.error = error;
    }
    return said;
  }

  test("an encrypted payload is read by who has its key, also from the stream, and by nobody else", async () => {
    await group("staff", ["ann"]);
    await flags("PUT", "/desk", desk);
    const { client_key: clientKey, encryption_key: first } = await connections("POST", "", { name: "Phone" });
    const raw = await features(clientKey);
    // In quotes, or with a sign that base64 has not: by chance it has any short word.
    assert.doesNotMatch(JSON.stringify(raw), /"(button|desk|ann|staff|guest|plain|limits)"|button-test|inGroup"/);
    assert.deepEqual([raw.features, raw.experiments, raw.savedGroups], [{}, [], {}]);
    const shown = await features(site.id);
    assert.deepEqual(opened(raw.encryptedFeatures, first), shown.features);
    assert.deepEqual(opened(raw.encryptedSavedGroups, first), { staff: ["ann"] });
    const stranger = Buffer.alloc(16, 7).toString("base64");
    assert.throws(() => opened(raw.encryptedFeatures, stranger));

    const now = { timeout: 5000, skipCache: true };
    const sdk = (decryptionKey, id) => new GrowthBook({ ...growthbook, clientKey, decryptionKey, attributes: { id, country: "DE" } });
    const ann = sdk(first, "ann");
    const eve = sdk(first, "eve");
    await ann.init(now);
    await eve.init({ ...now, streaming: true });
    assert.deepEqual(ann.getFeatures(), shown.features);
    assert.deepEqual([ann, eve].map((each) => each.getFeatureValue("desk", null)), ["staff", "guest"]);
    for (const key of [stranger, "no key", undefined]) {
      const blind = sdk(key, "ann");
      const said = await complaints(() => blind.init(now));
      assert.match(said.join("\n"), /Failed to decrypt/);
      assert.deepEqual(blind.getFeatures(), {});
      assert.equal(blind.getFeatureValue("desk", "the code's own"), "the code's own");
      blind.destroy();
    }
    await flags("PUT", "/limits", { default_value: { daily: 12 } });
    await waitFor("the change by the encrypted stream", () => eve.getFeatureValue("limits", null)?.daily === 12);

    let second;
    const said = await complaints(async () => {   // from before: the stream may be faster than the answer
      ({ encryption_key: second } = await connections("PATCH", `/${clientKey}`, { new_key: true }));
      await waitFor("the old key to be of no use", () => eve.getFeatureValue("limits", "the code's own") === "the code's own");
    });
    assert.notEqual(second, first);
    assert.match(said.join("\n"), /Failed to decrypt/);
    const late = await features(clientKey);
    assert.throws(() => opened(late.encryptedFeatures, first));
    const renewed = sdk(second, "ann");
    await renewed.init(now);
    assert.equal(renewed.getFeatureValue("desk", null), "staff");

    await connections("PATCH", `/${site.id}`, { encrypted: true });
    assert.doesNotMatch(JSON.stringify(await features(site.id)), /"button"|"desk"/);
    await connections("PATCH", `/${site.id}`, { encrypted: false });
    assert.ok((await features(site.id)).features.button);
    await connections("DELETE", `/${clientKey}`);
    const gone = await fetch(`${growthbook.apiHost}/api/features/${clientKey}`);
    assert.equal(gone.status, 400);
    assert.match((await gone.json()).error, /client key/);
    assert.equal((await fetch(`${growthbook.apiHost}/sub/${clientKey}`)).status, 400);
    const log = attune.output() + JSON.stringify(await attune.api("GET", "/api/v1/audit_log?limit=200"));
    assert.match(log, /create_sdk_connection/);
    for (const secret of [first, second]) assert.ok(!log.includes(secret), "the log has no key");
    for (const each of [ann, eve, renewed]) each.destroy();
    await flags("PUT", "/limits", { default_value: { daily: 7 } });
    await flags("DELETE", "/desk");
    await attune.api("DELETE", `/api/v1/sites/${site.id}/saved-groups/staff`);
  });

  test("remote evaluation gives values and no rules", async () => {
    const seen = [];
    const gb = new GrowthBook({ ...growthbook, remoteEval: true, attributes: person(4),
      trackingCallback: (experiment, result) => { seen.push([experiment.key, result.key]); } });
    await gb.init({ timeout: 5000 });
    assert.doesNotMatch(JSON.stringify(gb.getFeatures()), /condition|staff/);
    const whole = new GrowthBook({ ...growthbook, attributes: person(4) });
    await whole.init({ timeout: 5000 });
    const expected = whole.evalFeature("button");
    assert.equal(expected.source, "experiment");
    assert.equal(gb.getFeatureValue("button", null), expected.value);
    assert.deepEqual(seen, [["button-test", expected.experimentResult.key]]);
    await gb.setAttributes({ ...person(4), staff: true });
    await waitFor("the values of staff", () => gb.getFeatureValue("button", null) === "secret", { timeoutMs: 5000 });
    gb.destroy();
    whole.destroy();
  });

  test("the tracking plugin's exposures are journalled, and its events are events", async () => {
    const gb = new GrowthBook({ ...growthbook, attributes: { id: "plugin-guest", country: "DE", device_id: "plugin-guest" },
      plugins: [growthbookTrackingPlugin({ ingestorHost: `${attune.url}/growthbook`, queueFlushInterval: 10 })] });
    await gb.init({ timeout: 5000 });
    const result = gb.evalFeature("button");
    assert.equal(result.source, "experiment", JSON.stringify(result));
    await gb.logEvent("Added To Wishlist", { item: "p1" });
    await waitFor("the exposure", async () => {
      const bytes = await journal();
      return bytes.includes("growthbook") && bytes.includes("plugin-guest") && bytes.includes("button-test");
    });
    await waitFor("the event", async () => (await attune.number(
      `select count(*) as n from events_log where site_id = '${site.id}' and event_type = 'added_to_wishlist' and visitor_id = 'plugin-guest'`)) === 1);
    gb.destroy();
    const send = (body, query = `client_key=${site.id}`) => fetch(`${attune.url}/growthbook/track?${query}`, {
      method: "POST", headers: { "content-type": "text/plain" }, body });
    assert.equal((await send("[]")).status, 400);
    assert.equal((await send("{")).status, 400);
    assert.equal((await send("[{}]", "client_key=x")).status, 400);
    const half = await send(JSON.stringify([{ event_name: "Experiment Viewed", properties_json: { experimentId: "t" } }]));
    assert.deepEqual(await half.json(), { status: 200, exposures: 0, events: 0, ignored: 1 });
  });

  /** A running test of the site with these variations, the control first. */
  async function run({ name, variations, ...rest }) {
    const { id } = await attune.api("POST", "/api/v1/ab_tests", {
      name, site_id: site.id, primary_metric: "bought", ...rest,
      design: { metrics: [{ name: "bought", kind: "conversion", event: "purchase" }], ...rest.design } });
    for (const [n, [variation, configuration]] of Object.entries(variations).entries()) {
      await attune.api("POST", "/api/v1/test_variations", { ab_test_id: id, variation_id: variation, name: `variation ${n}`,
        is_control: n === 0, traffic_percentage: 100 / Object.keys(variations).length, configuration });
    }
    await attune.api("POST", `/api/v1/ab_tests/${id}/start`, { reason: "it is time" });
    return id;
  }

  test("a test that runs is a flag of its own, or one that a flag shows, and its exposures are counted", async () => {
    const gb = new GrowthBook({ ...growthbook, attributes: { id: "first" },
      plugins: [growthbookTrackingPlugin({ ingestorHost: `${attune.url}/growthbook`, queueFlushInterval: 10 })] });
    await gb.init({ timeout: 5000, streaming: true });
    assert.equal(gb.getFeatureValue("red-button", "none"), "none");
    await assert.rejects(flags("PUT", "/colour", { default_value: "blue", rules: [{ test: "red-button" }] }), /no test of this site/);
    const id = await run({ name: "Red button", test_key: "red-button", variations: { old: { value: "grey" }, red: { value: "red" } } });
    await waitFor("the test by the stream", () => gb.getFeatureValue("red-button", "none") !== "none", { timeoutMs: 10_000 });
    const given = {};
    for (let n = 0; n < 200; ++n) {
      await gb.setAttributes({ id: `shopper-${n}` });
      const { value, experimentResult } = gb.evalFeature("red-button");
      given[`shopper-${n}`] = experimentResult.key;
      assert.equal(value, experimentResult.key === "red" ? "red" : "grey");
    }
    await waitFor("the exposures", async () => (await attune.number(
      `select count(*) as n from test_exposure where site_id = '${site.id}' and test_key = 'red-button' and visitor_id like 'shopper-%'`)) === 200);
    const rows = await attune.query(
      `select visitor_id, variation_id, is_mixed, propensity from test_exposure where site_id = '${site.id}' and visitor_id like 'shopper-%'`);
    for (const row of rows) {
      assert.equal(row.variation_id, given[row.visitor_id]);
      assert.equal(row.is_mixed, false);
      assert.equal(Number(row.propensity), 0.5);
    }
    await flags("PUT", "/colour", { default_value: "blue", rules: [{ id: "shown", test: "red-button", values: { old: "grey", red: "crimson" } }] });
    await waitFor("the flag in its place", () => gb.getFeatureValue("colour", "") !== "" && gb.getFeatureValue("red-button", "gone") === "gone", { timeoutMs: 10_000 });
    assert.equal(gb.getFeatureValue("colour", ""), given["shopper-199"] === "red" ? "crimson" : "grey", "the same people");
    const own = await flags("POST", "/colour/evaluate", { visitor: "shopper-199" });
    assert.equal(own.variation, given["shopper-199"]);
    assert.match(own.reason, /red-button/);
    await attune.api("POST", `/api/v1/ab_tests/${id}/complete`, { reason: "red is nicer", winner: "red" });
    await waitFor("the end", () => gb.getFeatureValue("colour", "") === "blue", { timeoutMs: 10_000 });
    await flags("DELETE", "/colour");
    gb.destroy();
  });

  test("tests that change pages are experiments of the payload", async () => {
    await run({ name: "Other page", test_type: "Split URL", test_key: "other-page", variations: { here: {}, there: { url: "https://shop.example/b" } },
      design: { url_targets: [{ include: true, type: "simple", pattern: "/a" }] } });
    await run({ name: "Look", test_key: "look", variations: { plain: {}, loud: { changes: { css: "h1{color:red}" } } } });
    const of = async () => (await (await fetch(`${growthbook.apiHost}/api/features/${site.id}`)).json()).experiments;
    const experiments = await waitFor("both", async () => {
      const found = await of();
      return found.length === 2 ? found : null;
    });
    const there = experiments.find(({ key }) => key === "other-page");
    assert.equal(there.variations[1].urlRedirect, "https://shop.example/b");
    assert.equal(there.urlPatterns[0].pattern, "/a");
    assert.equal(experiments.find(({ key }) => key === "look").variations[1].css, "h1{color:red}");
  });

  test("a holdout keeps its people out of tests and rules, whatever shows it", async () => {
    const holdout = "nothing-new";
    const variations = { old: {}, new: { changes: { css: "h1{color:red}" } } };
    const ids = [await run({ name: "Nothing new", test_key: holdout, variations: { plain: {}, all: { changes: { css: "h1{margin:0}" } } } })];
    ids.push(await run({ name: "New button", test_key: "new-button", variations: { old: {}, new: {} }, design: { holdout } }));
    ids.push(await run({ name: "New page", test_key: "new-page", variations, design: { holdout } }));
    await flags("PUT", "/new-menu", { default_value: "old", rules: [{ force: "new", holdout }] });
    await assert.rejects(flags("PUT", "/wrong", { default_value: "a", rules: [{ force: "b", holdout: "unheard-of" }] }), /no test of this site/);
    const payload = await waitFor("all of it in service", async () => {
      const found = await (await fetch(`${growthbook.apiHost}/api/features/${site.id}`)).json();
      return found.features["new-menu"] && found.experiments.some(({ key }) => key === "new-page") && found;
    });
    const onPage = payload.experiments.find(({ key }) => key === "new-page");
    const counted = new Map();
    const gb = new GrowthBook({ trackingCallback: (experiment, result) => {
      if (experiment.key === holdout) counted.set(result.hashValue, result.key);
    } });
    gb.initSync({ payload: { features: payload.features } });
    for (let n = 0; n < 300; ++n) {
      const id = `kept-${n}`;
      await gb.setAttributes({ id });
      const menu = gb.getFeatureValue("new-menu", "");
      const isHeld = counted.get(id) === "plain";
      assert.ok(counted.has(id), "both are counted in the holdout");
      assert.equal(menu, isHeld ? "old" : "new");
      assert.equal(gb.evalFeature("new-button").source, isHeld ? "defaultValue" : "experiment");
      assert.equal(gb.run(onPage).inExperiment, !isHeld);
      assert.equal(gb.evalFeature(`$holdout:${holdout}`).value, counted.get(id));
    }
    const held = [...counted.values()].filter((variation) => variation === "plain").length;
    assert.ok(held > 90 && held < 210, `${held} of 300`);
    gb.destroy();

    const ask = async (id, rest) => (await fetch(`${attune.url}/ofrep/v1/evaluate/flags${rest}`, {
      method: "POST", headers: { "content-type": "application/json", "x-api-key": site.id },
      body: JSON.stringify({ context: { targetingKey: id } }) })).json();
    for (let n = 0; n < 40; ++n) assert.equal((await ask(`kept-${n}`, "/new-menu")).value, counted.get(`kept-${n}`) === "plain" ? "old" : "new");
    const listed = (await ask("kept-0", "")).flags.map(({ key }) => key);
    assert.ok(listed.includes("new-menu") && !listed.some((key) => key.startsWith("$")), listed.join());
    const rows = await waitFor("their exposures", async () => {
      const found = await attune.query(`select visitor_id, variation_id from test_exposure
        where site_id = '${site.id}' and test_key = '${holdout}' and visitor_id like 'kept-%'`);
      return found.length === 40 && found;
    });
    for (const row of rows) assert.equal(row.variation_id, counted.get(row.visitor_id));

    for (const id of ["kept-0", "kept-1", "kept-2", "kept-3", "kept-4", "kept-5"]) {
      const reported = [];
      const remote = new GrowthBook({ ...growthbook, remoteEval: true, attributes: { id },
        trackingCallback: (experiment, result) => { reported.push([experiment.key, result.key]); } });
      await remote.init({ timeout: 5000 });
      assert.equal(remote.getFeatureValue("new-menu", ""), counted.get(id) === "plain" ? "old" : "new");
      assert.deepEqual(reported.filter(([key]) => key === holdout), [[holdout, counted.get(id)]], "once");
      if (counted.get(id) === "plain") assert.ok(!reported.some(([key]) => key === "new-page"), "the page's test is not theirs");
      remote.destroy();
    }
    for (const id of ids.reverse()) await attune.api("POST", `/api/v1/ab_tests/${id}/complete`, { reason: "seen enough" });
    await waitFor("the end of it", async () => (await ask([...counted].find(([, variation]) => variation === "plain")[0], "/new-menu")).value === "new");
    await flags("DELETE", "/new-menu");
  });

  test("OpenFeature's web provider: all flags at once, a stream, an ETag", async () => {
    const provider = new OFREPWebProvider({ baseUrl: attune.url, headers: [["X-API-Key", site.id]], cacheMode: "disabled" });
    await Web.setContext({ targetingKey: "web-person", country: "DE" });
    await Web.setProviderAndWait(provider);
    const client = Web.getClient();
    const details = client.getStringDetails("button", "none");
    assert.equal(details.reason, "SPLIT");
    assert.ok(["plain", "large", "green"].includes(details.value));
    assert.equal(details.flagMetadata.test, "button-test");
    assert.deepEqual(client.getObjectValue("limits", {}), { daily: 7 });
    assert.equal(client.getBooleanDetails("unheard-of", true).errorCode, "FLAG_NOT_FOUND");
    await flags("PATCH", "/menu", { default_value: false });
    await waitFor("the new value", () => client.getBooleanValue("menu", true) === false, { timeoutMs: 10_000 });
    await flags("PATCH", "/menu", { enabled: false });
    await waitFor("the switch", () => client.getBooleanValue("menu", true) === true, { timeoutMs: 10_000 });
    assert.equal(client.getBooleanDetails("menu", true).reason, "DISABLED");
    await flags("PATCH", "/menu", { enabled: true, default_value: true });
    await waitFor("the exposure", async () => (await journal()).includes("web-person"));
    await Web.close();
  });

  test("OpenFeature's server provider: one flag, with a secret key", async () => {
    const provider = new OFREPProvider({ baseUrl: attune.url, headers: [["Authorization", `Bearer ${site.key}`]] });
    await Server.setProviderAndWait(provider);
    const client = Server.getClient();
    const details = await client.getStringDetails("button", "none", { targetingKey: "server-person", country: "DE" });
    assert.ok(["SPLIT", "UNKNOWN"].includes(details.reason), JSON.stringify(details));
    assert.equal(await client.getStringValue("button", "none", { targetingKey: "x", staff: true }), "secret");
    const missing = await client.getStringDetails("button", "none", { country: "DE" });
    assert.equal(missing.errorCode, "TARGETING_KEY_MISSING");
    assert.equal(missing.value, "none");
    assert.equal((await client.getBooleanDetails("unheard-of", true, { targetingKey: "x" })).errorCode, "FLAG_NOT_FOUND");
    await Server.close();
  });

  test("OFREP's errors are the protocol's", async () => {
    const ask = (body, headers = { "x-api-key": site.id }, rest = "/button") => fetch(
      `${attune.url}/ofrep/v1/evaluate/flags${rest}`,
      { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    const code = async (answer) => [answer.status, (await answer.json()).errorCode];
    assert.deepEqual(await code(await ask("{")), [400, "PARSE_ERROR"]);
    assert.deepEqual(await code(await ask("{}")), [400, "INVALID_CONTEXT"]);
    assert.deepEqual(await code(await ask('{"context":{"targetingKey":7}}')), [400, "INVALID_CONTEXT"]);
    assert.deepEqual(await code(await ask('{"context":{}}')), [400, "TARGETING_KEY_MISSING"]);
    assert.deepEqual(await code(await ask('{"context":{"targetingKey":"x"}}', undefined, "/no")), [404, "FLAG_NOT_FOUND"]);
    assert.equal((await ask('{"context":{}}', {})).status, 401);
    assert.equal((await ask('{"context":{}}', { authorization: "Bearer sk_wrong" })).status, 401);
    const all = await ask('{"context":{"targetingKey":"x","country":"DE"}}', undefined, "");
    const etag = all.headers.get("etag");
    const body = await all.json();
    assert.equal(body.flags.length, 3);
    assert.equal(body.eventStreams[0].type, "sse");
    const again = await ask('{"context":{"targetingKey":"x","country":"DE"}}', { "x-api-key": site.id, "if-none-match": etag }, "");
    assert.equal(again.status, 304);
  });
});
