// Gorse's API as its own client uses it: gorsejs as published, against the real server. What newer
// clients send otherwise (gorsejs 0.5, PyGorse, gorse-go) is sent by hand.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import gorsejs from "gorsejs";
import { startAttune, waitFor } from "./harness.mjs";

const { Gorse } = gorsejs;
const embedding = { embedding: [0.1, 0.2, 0.3] };
const users = ["ann", "bob", "cid", "dan"];

describe("Gorse's clients", { timeout: 600_000 }, () => {
  let attune;
  let site;
  let key;
  let gorse;

  before(async () => {
    attune = await startAttune();
    site = await attune.addSite({ domain: "shop.example" });
    ({ key } = await attune.api("POST", `/api/v1/sites/${site.id}/keys`, { name: "gorse", scope: "admin" }));
    gorse = new Gorse({ endpoint: `${attune.url}/gorse`, secret: key });
  });
  after(() => attune?.stop());

  /** One request as it is; its answer with `text`, and `json` where it is JSON. */
  async function send(method, path, { body, headers = {}, secret = key } = {}) {
    const answer = await fetch(`${attune.url}/gorse/api${path}`, {
      method,
      headers: {
        ...(secret ? { "X-API-Key": secret } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: answer.status, headers: answer.headers, text, json };
  }
  const rows = (sql) => attune.query(sql.replaceAll("{site}", site.id));
  const refused = (promise, code, text) =>
    assert.rejects(promise, (error) => error.code === code && text.test(`${error.data ?? error.message}`));

  test("users come back as they were sent", async () => {
    const labels = { age: 24, gender: "M", occupation: "technician", zip_code: "85711" };
    assert.equal(await gorse.insertUser({ UserId: "ann", Labels: labels, Comment: "the first" }), 1);
    assert.equal(await gorse.insertUsers(users.slice(1).map((UserId) => ({ UserId, Labels: ["tea"] }))), 3);
    const ann = await gorse.getUser("ann");
    assert.deepEqual(ann.Labels, labels);
    assert.equal(ann.Comment, "the first");
    assert.equal(await gorse.updateUser("ann", { Comment: "changed" }), 1);
    assert.deepEqual((await gorse.getUser("ann")).Labels, labels);
    assert.equal((await gorse.getUser("ann")).Comment, "changed");
    const first = await gorse.getUsers({ n: 2 });
    assert.deepEqual(first.Users.map((user) => user.UserId), ["ann", "bob"]);
    const second = await gorse.getUsers({ n: 3, cursor: first.Cursor });
    assert.deepEqual(second.Users.map((user) => user.UserId), ["cid", "dan"]);
    assert.equal(second.Cursor, "");
    await refused(gorse.getUser("nobody"), 404, /not found/);
  });

  test("items come back exactly, and an update keeps what it does not name", async () => {
    const item = {
      ItemId: "tea1", IsHidden: false, Categories: ["tea", "green"], Timestamp: "2026-01-02T03:04:05Z",
      Labels: embedding, Comment: "Sencha",
    };
    assert.equal(await gorse.upsertItem(item), 1);
    assert.deepEqual(await gorse.getItem("tea1"), item);
    assert.equal(await gorse.updateItem("tea1", { Comment: "Sencha, fresh" }), 1);
    assert.deepEqual(await gorse.getItem("tea1"), { ...item, Comment: "Sencha, fresh" });
    const more = Array.from({ length: 9 }, (_, n) => ({
      ItemId: `tea${n + 2}`, Categories: n % 2 === 0 ? ["tea"] : ["tea", "black"],
      Timestamp: `2026-02-0${n + 1}`, Labels: null, Comment: `Tea ${n + 2}`, IsHidden: false,
    }));
    assert.equal(await gorse.upsertItems(more), 9);
    const page = await gorse.getItems({ n: 4 });
    assert.deepEqual(page.Items.map((each) => each.ItemId), ["tea1", "tea10", "tea2", "tea3"]);
    // gorsejs 0.5 sends the cursor as "Cursor".
    const next = await send("GET", `/items?n=4&Cursor=${page.Cursor}`);
    assert.deepEqual(next.json.Items.map((each) => each.ItemId), ["tea4", "tea5", "tea6", "tea7"]);
    assert.equal(await gorse.insertItemCategory("tea1", "new"), 1);
    assert.deepEqual((await gorse.getItem("tea1")).Categories, ["tea", "green", "new"]);
    assert.equal(await gorse.deleteItemCategory("tea1", "new"), 1);
    assert.deepEqual((await gorse.getItem("tea1")).Categories, ["tea", "green"]);
    assert.deepEqual((await send("GET", "/items?q=FRESH&n=3")).json.Items.map((each) => each.ItemId), ["tea1"]);
    await refused(gorse.getItem("nothing"), 404, /not found/);
  });

  test("new items are recommended within about a second", async () => {
    const begin = Date.now();
    const ids = await waitFor("the catalogue", async () => {
      const answer = await gorse.getRecommend({ userId: "zoe", cursorOptions: { n: 20 } });
      return answer.length === 10 && answer;
    });
    assert.ok(Date.now() - begin < 5000, `${Date.now() - begin} ms`);
    assert.equal(new Set(ids).size, 10);
    const black = await gorse.getRecommend({ userId: "zoe", category: "black", cursorOptions: { n: 20 } });
    assert.deepEqual([...black].sort(), ["tea3", "tea5", "tea7", "tea9"]);
  });

  test("feedback is stored as Gorse stores it, and becomes events", async () => {
    const star = (user, item, Value = 1) => ({ FeedbackType: "star", UserId: user, ItemId: item, Value });
    const all = users.flatMap((user, n) => [star(user, "tea1"), star(user, `tea${n + 2}`)]);
    all.push({ FeedbackType: "read", UserId: "ann", ItemId: "tea5", Timestamp: new Date().toISOString(), Comment: "x" });
    assert.equal(await gorse.insertFeedbacks(all), 9);
    assert.equal(await gorse.insertFeedbacks([star("ann", "tea1", 2)]), 1);
    assert.equal((await send("GET", "/feedback/star/ann/tea1")).json.Value, 3, "POST adds to the value");
    assert.equal(await gorse.upsertFeedbacks([star("ann", "tea1", 7)]), 1);
    const one = await gorse.getFeedback({ type: "star", userId: "ann", itemId: "tea1" });
    assert.equal(one.Value, 7, "PUT puts it in its place");
    assert.deepEqual(Object.keys(one),
      ["FeedbackType", "UserId", "ItemId", "Value", "Timestamp", "Updated", "Labels", "Comment"]);
    assert.equal((await gorse.getUserFeedback("ann")).length, 3);
    assert.equal((await gorse.getUserFeedbackByType("ann", "read")).length, 1);
    assert.equal((await gorse.getItemFeedback("tea1")).length, 4);
    assert.deepEqual(await gorse.getItemFeedbackByType("tea1", "read"), []);
    const page = await gorse.getFeedbacks("star", { n: 5 });
    assert.equal(page.Feedback.length, 5);
    const rest = (await send("GET", `/feedback/star?n=100&cursor=${page.Cursor}`)).json;
    assert.equal(rest.Feedback.length, 3);
    assert.equal(rest.Cursor, "");
    const kinds = await waitFor("the interactions", async () => {
      const found = await rows("select interaction_type as kind, count(distinct user_id) as people, count(*) as n " +
        "from user_product_interactions where site_id = '{site}' group by 1 order by 1");
      return found.length === 2 && Number(found[1].n) === 10 && found;
    });
    assert.deepEqual(kinds.map((row) => [row.kind, Number(row.people)]), [["VIEW", 1], ["WISHLIST", 4]]);
  });

  test("feedback of years ago counts as well, and unknown types are kept", async () => {
    const old = { FeedbackType: "click", UserId: "bob", ItemId: "tea9", Timestamp: "2024-03-01 10:00:00" };
    const odd = { FeedbackType: "Nose Wrinkle", UserId: "bob", ItemId: "tea9" };
    assert.equal(await gorse.insertFeedbacks([old, odd]), 2);
    assert.equal((await gorse.getFeedback({ type: "Nose Wrinkle", userId: "bob", itemId: "tea9" })).Value, 0);
    const [click] = await waitFor("the old click", async () => {
      const found = await rows("select cast(timestamp as varchar) as at from user_product_interactions " +
        "where site_id = '{site}' and interaction_type = 'CLICK'");
      return found.length > 0 && found;
    });
    assert.match(click.at, /^2024-03-01 10:00/);
    await waitFor("the custom event", async () => Number((await rows(
      "select count(*) as n from user_events where site_id = '{site}' and event_type = 'nose_wrinkle'"))[0].n) === 1);
  });

  test("neighbours, rankings and sessions come from what people did", async () => {
    const near = (await send("GET", "/item/tea1/neighbors/")).json;
    assert.deepEqual(near.map((each) => each.Id).sort(), ["tea2", "tea3", "tea4", "tea5"]);
    for (const { Score } of near) assert.ok(Score > 0 && Score <= 1);
    assert.deepEqual(await gorse.getItemNeighbors({ itemId: "tea1", cursorOptions: { n: 10 } }), near);
    assert.deepEqual((await send("GET", "/item-to-item/neighbors/tea1?n=10")).json, near);
    assert.deepEqual((await send("GET", "/item/tea1/neighbors/black")).json.map((each) => each.Id).sort(), ["tea3", "tea5"]);
    assert.equal((await send("GET", "/item-to-item/other/tea1")).status, 404);
    assert.deepEqual((await send("GET", "/item/none/neighbors")).json, []);
    const people = await gorse.getUserNeighbors({ userId: "bob" });
    assert.deepEqual(people.map((each) => each.Id).sort(), ["ann", "cid", "dan"]);
    assert.deepEqual((await send("GET", "/user-to-user/neighbors/bob?n=1&offset=1")).json, people.slice(1, 2));
    const popular = await gorse.getPopular({});
    assert.equal(popular[0].Id, "tea1");
    assert.deepEqual((await send("GET", "/non-personalized/popular?n=1")).json.map((each) => each.Id), ["tea1"]);
    assert.equal((await send("GET", "/non-personalized/trending?n=1")).json[0].Id, "tea1");
    assert.equal((await send("GET", "/non-personalized/unheard")).status, 404);
    const latest = await gorse.getLatest({ cursorOptions: { n: 2 } });
    assert.deepEqual(latest.map((each) => each.Id), ["tea10", "tea9"]);
    assert.equal(latest[0].Score, Date.parse("2026-02-09") / 1000);
    assert.deepEqual((await send("GET", "/latest/?n=9&user-id=ann")).json.map((each) => each.Id),
      ["tea10", "tea9", "tea8", "tea7", "tea6", "tea4", "tea3"]);
    const session = [{ FeedbackType: "star", UserId: "", ItemId: "tea2" }, { FeedbackType: "read", UserId: "", ItemId: "tea1" }];
    const answer = await gorse.getSessionRecommend(session.map((row) => ({ ...row, UserId: "x" })));
    assert.ok(answer.length > 0);
    assert.ok(answer.every((each) => !["tea1", "tea2"].includes(each.Id)), JSON.stringify(answer));
    const collaborative = (await send("GET", "/collaborative-filtering/ann?n=10&user-id=ann")).json;
    assert.deepEqual(collaborative.map((each) => each.Id).sort(), ["tea3", "tea4"]);
  });

  test("recommendations leave out what the user gave feedback on, are decisions, and write back", async () => {
    const scored = await send("GET", "/recommend/ann/?n=20", { headers: { "X-API-Version": "2" } });
    assert.equal(scored.json.length, 7);
    for (const each of scored.json) {
      assert.equal(typeof each.Score, "number");
      assert.ok(!["tea1", "tea2", "tea5"].includes(each.Id));
    }
    const plain = await send("GET", "/recommend/ann?n=2", { body: undefined });
    assert.ok(plain.json.every((id) => typeof id === "string"));
    const written = await gorse.getRecommend({ userId: "ann", cursorOptions: { n: 2 }, writeBackType: "read", writeBackDelay: "0s" });
    assert.equal(written.length, 2);
    const after = (await send("GET", "/recommend/ann?n=20")).json;
    assert.equal(after.length, 5);
    assert.ok(after.every((id) => !written.includes(id)));
    await gorse.getRecommend({ userId: "ann", cursorOptions: { n: 2 }, writeBackType: "read", writeBackDelay: "10m" });
    assert.equal((await send("GET", "/recommend/ann?n=20")).json.length, 5, "not yet read");
    await waitFor("what was shown", async () => Number((await rows(
      "select count(*) as n from recommendations where shown and user_id = 'ann' " +
      "and placement = 'gorse'"))[0]?.n ?? 0) >= 4);
  });

  test("deletion", async () => {
    assert.equal((await gorse.deleteFeedback({ type: "star", userId: "ann", itemId: "tea1" })).RowAffected, 1);
    assert.equal((await gorse.deleteFeedback({ type: "star", userId: "ann", itemId: "tea1" })).RowAffected, 0);
    await refused(gorse.getFeedback({ type: "star", userId: "ann", itemId: "tea1" }), 404, /not found/);
    await waitFor("the wish to be taken back", async () => Number((await rows(
      "select count(*) as n from user_product_interactions where site_id = '{site}' and interaction_type = 'REMOVE_WISHLIST'"))[0].n) === 1);
    assert.equal((await send("DELETE", "/feedback/ann/tea2")).json.RowAffected, 1);
    assert.equal(await gorse.deleteItem("tea10"), 1);
    await refused(gorse.getItem("tea10"), 404, /not found/);
    await waitFor("the item to go", async () => {
      const ids = await gorse.getRecommend({ userId: "zoe", cursorOptions: { n: 20 } });
      return ids.length === 9 && !ids.includes("tea10");
    });
    assert.equal(await gorse.deleteUser("bob"), 1);
    await refused(gorse.getUser("bob"), 404, /not found/);
    assert.deepEqual(await gorse.getUserFeedback("bob"), []);
    assert.ok(!(await gorse.getUsers({ n: 100 })).Users.some((user) => user.UserId === "bob"));
    assert.equal(Number((await rows("select count(*) as n from gorse_feedback where site_id = '{site}' and user_id = 'bob'"))[0].n), 0);
    assert.equal(Number((await rows("select count(*) as n from gorse_user where site_id = '{site}' and deleted_at is null"))[0].n), 3);
  });

  test("a site may refuse ids that nobody inserted, and name its own types", async () => {
    const target = `/api/v1/sites/${site.id}/gorse`;
    const rules = await attune.api("GET", target);
    assert.equal(rules.unknown_ids, "create");
    assert.equal(rules.feedback_kinds.star, "wishlist_add");
    await attune.api("PUT", target, { unknown_ids: "reject", feedback_kinds: { slurp: "purchase" } });
    await refused(gorse.insertFeedbacks([{ FeedbackType: "slurp", UserId: "eve", ItemId: "tea3" }]), 400, /unknown user "eve"/);
    await refused(gorse.insertFeedbacks([{ FeedbackType: "slurp", UserId: "ann", ItemId: "tea99" }]), 400, /unknown item "tea99"/);
    assert.equal(await gorse.insertFeedbacks([{ FeedbackType: "slurp", UserId: "ann", ItemId: "tea3" }]), 1);
    await waitFor("the purchase", async () => Number((await rows(
      "select count(*) as n from user_product_interactions where site_id = '{site}' and interaction_type = 'PURCHASE'"))[0].n) === 1);
    assert.equal((await rows("select unknown_ids from gorse_site where site_id = '{site}'"))[0].unknown_ids, "reject");
    await attune.api("PUT", target, { unknown_ids: "create" });
  });

  test("exports are JSON lines, page by page", async () => {
    const first = await send("GET", "/bulk/items?n=5");
    assert.equal(first.text.trim().split("\n").length, 5);
    const cursor = first.headers.get("x-next-cursor");
    const rest = await send("GET", `/bulk/items?cursor=${cursor}`);
    assert.equal(rest.headers.get("x-next-cursor"), null);
    assert.equal(rest.text.trim().split("\n").length, 4);
    assert.deepEqual(JSON.parse(first.text.split("\n")[0]).Labels, embedding);
    // And come back as they are.
    const again = await send("POST", "/bulk/items", { body: first.text });
    assert.deepEqual(again.json, { RowAffected: 5 });
    assert.equal((await send("GET", "/bulk/items?n=5")).text, first.text);
    const halves = await send("POST", "/bulk/users", { body: '{"UserId":"zoe"}\n{"UserId":7}\n' });
    assert.equal(halves.status, 400);
    await refused(gorse.getUser("zoe"), 404, /not found/);
  });

  test("erasing a person reaches their records", async () => {
    await attune.command("erase", "--data", attune.folder, "--site", site.id, "--user", "cid");
    assert.deepEqual(await gorse.getUserFeedback("cid"), []);
    await refused(gorse.getUser("cid"), 404, /not found/);
  });
});
