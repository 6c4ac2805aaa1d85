// `attune erase`: afterwards no file of the data folder holds what the person did, in any table or byte,
// the others' rows are what a replay makes of them, and nothing brings the person back.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { attune, browserHeaders, logIn, query, queryAll, serve, temporaryFolder, waitFor } from './attune.mjs';

const env = { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0', ATTUNE_JOURNAL_SEGMENT_BYTES: `${1 << 20}` };
const visitor = 'needlevisitor7f3a91';
const user = 'needleuser4c20@example.org';
const words = ['needlevisitor7f3a91', 'needlepath55', 'needletitle66', 'needletopic77', 'needlecampaign88', 'needleorder99',
  'needleuser4c20', 'needlesession12', 'needleown34'];

async function files(folder) {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map((entry) => path.join(entry.path ?? entry.parentPath, entry.name));
}

/** Which of the words lie in which files, as bytes. */
async function found(folder, needles) {
  const hits = [];
  for (const file of await files(folder)) {
    const bytes = await readFile(file);
    for (const word of needles) if (bytes.includes(word)) hits.push(`${word} in ${path.relative(folder, file)}`);
  }
  return hits;
}

/** Which of the words lie in which tables: values, however the engine packs them. */
async function inTables(folder, needles) {
  const tables = await query(folder, 'select table_name from duckdb_tables() where not internal order by all');
  const list = needles.map((word) => `'${word}'`).join(', ');
  const parts = tables.map(({ table_name: table }) => `select word, '${table}' as place, count(*) as n
    from ${table} as t, (select unnest([${list}]) as word) where contains(cast(t as varchar), word) group by word`);
  return (await query(folder, parts.join(' union all '))).map((hit) => `${hit.word}: ${hit.n} rows of ${hit.place}`);
}

const settled = (folder) => waitFor('the tables to catch up', async () => {
  const status = JSON.parse(await attune(['status', '--json', '--data', folder]));
  return status.etl.position >= status.journal.durable_end;
});

async function makeSender(server, site) {
  return async (events) => {
    const answer = await fetch(`${server.url}/api/v1/events`, {
      method: 'POST', headers: browserHeaders,
      body: JSON.stringify(events.map((event) => ({ site, url: 'https://shop.example/plain.html', ...event }))) });
    assert.equal(answer.status, 200, await answer.text());
  };
}

function othersEvents(count) {
  return Array.from({ length: count }, (_, i) => {
    const event = { visitor_id: `other${i % 60}`, url: `https://shop.example/page${i % 40}.html` };
    if (i % 4 === 0) return { ...event, type: 'product_view', items: [{ id: `p${i % 20}`, name: 'A thing', price: 3.5 }] };
    return { ...event, type: 'pageview', title: `Page ${i % 40}` };
  });
}

function personEvents(extra) {
  return [
    { type: 'pageview', url: 'https://shop.example/needlepath55.html?utm_source=x&utm_campaign=needlecampaign88', title: 'needletitle66' },
    { type: 'form_submit', form: { id: 'letter', data: { topic: 'needletopic77' } } },
    { type: 'needleown34', data: { what: 'needletopic77' } },
    { type: 'product_view', items: [{ id: 'p1', name: 'A thing', price: 3.5 }] },
    { type: 'purchase', order_id: 'needleorder99', revenue: 3.5, currency: 'EUR', items: [{ id: 'p1', price: 3.5 }] },
  ].map((event) => ({ ...event, session_id: 'needlesession12', ...extra }));
}

const groupOf = async (folder) => JSON.parse((await query(folder, 'select cast(members as varchar) as members from saved_group'))[0].members);

test('an erased visitor is in no table and no byte, and stays away', { timeout: 90_000 }, async () => {
  const { folder, remove } = await temporaryFolder('erase');
  const server = await serve(folder, { env });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const send = await makeSender(server, site);
  const call = await logIn(server);
  await call('PUT', `/sites/${site}/saved-groups/staff`, { members: ['other1', visitor, 'other2', 7] });
  await call('PUT', `/sites/${site}/flags/desk`, { default_value: false, rules: [{ force: true, condition: { id: { $inGroup: 'staff' } } }] });
  const served = async () => (await fetch(`${server.url}/growthbook/api/features/${site}`)).json();
  assert.equal((await served()).savedGroups.staff.length, 4);
  for (let i = 0; i < 20; i += 1) await send(othersEvents(200));
  await send(personEvents({ visitor_id: visitor, user_id: user }));
  await settled(folder);
  await waitFor('something to recommend', async () => {
    const asked = await fetch(`${server.url}/api/v1/sites/${site}/recommendations?visitor=${visitor}&session=needlesession12&n=3`,
      { headers: { origin: 'https://shop.example' } });
    return (await asked.json()).items.length > 0;
  });
  for (let i = 0; i < 20; i += 1) await send(othersEvents(200));
  await settled(folder);
  await waitFor('the decision', async () => Number((await query(folder, 'select count(*) as n from recommendations'))[0].n) > 0);

  // So that what is searched for below is known to be findable.
  const bytesBefore = await found(folder, words);
  for (const word of words) assert.ok(bytesBefore.some((hit) => hit.startsWith(word) && hit.includes('journal')), word);
  const tablesBefore = await inTables(folder, words);
  for (const table of ['events_log', 'form_submissions', 'orders', 'users', 'recommendations', 'saved_group']) {
    assert.ok(tablesBefore.some((hit) => hit.endsWith(table)), table);
  }
  const othersRows = `select id, visitor_id, url, timestamp from events_log where visitor_id <> '${visitor}' order by id`;
  const others = await queryAll(folder, othersRows);
  assert.equal(others.length, 8000);
  await waitFor('the day with the order', async () =>
    Number((await query(folder, 'select sum(orders) as orders from daily_site_metrics'))[0].orders) === 1);

  const text = await attune(['erase', '--data', folder, '--site', 'shop.example', '--visitor', visitor]);
  assert.match(text, /events_log +5\n/);
  assert.match(text, /orders +1\n/);
  assert.match(text, /records +\d/);
  assert.deepEqual(await found(folder, words), []);
  assert.deepEqual(await inTables(folder, words), []);
  assert.deepEqual(await queryAll(folder, othersRows), others, 'the others lost nothing, and no position changed');
  assert.deepEqual(await groupOf(folder), ['other1', 'other2', 7]);
  await waitFor('the group in service without them', async () => (await served()).savedGroups.staff.length === 3);
  await attune(['check', '--data', folder]);
  const [days] = await query(folder, 'select sum(orders) as orders from daily_site_metrics');
  assert.equal(Number(days.orders), 0);

  // A batch that a browser kept, and a replay.
  await send([...personEvents({ visitor_id: visitor }), ...othersEvents(10)]);
  await settled(folder);
  assert.deepEqual(await inTables(folder, words), []);
  await attune(['replay', '--data', folder]);
  assert.deepEqual(await groupOf(folder), ['other1', 'other2', 7]);
  assert.deepEqual(await inTables(folder, words), []);
  assert.equal((await queryAll(folder, othersRows)).length, 8010);
  await attune(['check', '--data', folder]);
  // Once more takes the late batch's bytes as well.
  await attune(['erase', '--data', folder, '--site', site, '--visitor', visitor]);
  assert.deepEqual(await found(folder, words), []);
  const names = await query(folder, 'select site_id, kind, id_hash from erased_person');
  assert.equal(names.length, 1);
  assert.match(names[0].id_hash, /^[0-9a-f]{64}$/);
  assert.equal(await server.stop(), 0);
  assert.deepEqual(await found(folder, words), []);
  await remove();
});

test('an erased user takes the visitors along that were theirs alone, on a stopped folder', { timeout: 90_000 }, async () => {
  const { folder, remove } = await temporaryFolder('erase-user');
  const server = await serve(folder, { env });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const send = await makeSender(server, site);
  await send(othersEvents(300));
  await (await logIn(server))('PUT', `/sites/${site}/saved-groups/staff`, { members: [user, visitor] });
  await send([{ type: 'pageview', visitor_id: visitor, url: 'https://shop.example/needlepath55.html' }]);   // before the login
  await send(personEvents({ visitor_id: visitor, user_id: user, session_id: undefined }));
  // A shared computer: what the other one did there stays.
  await send([{ type: 'pageview', visitor_id: 'shared', user_id: user, session_id: 'needlesession12', title: 'needletitle66' }]);
  await send([{ type: 'pageview', visitor_id: 'shared', user_id: 'neighbour', session_id: 'next', title: 'kept' }]);
  await settled(folder);
  assert.equal(await server.stop(), 0);

  await attune(['erase', '--data', folder, '--site', site, '--user', user]);
  assert.deepEqual(await inTables(folder, words), []);
  assert.deepEqual(await found(folder, words), []);
  assert.deepEqual(await groupOf(folder), []);
  assert.equal((await query(folder, "select id from events_log where visitor_id = 'shared'")).length, 1);
  assert.equal((await query(folder, "select id from events_log where visitor_id like 'other%'")).length, 300);
  await attune(['check', '--data', folder]);

  for (const [args, what] of [
    [['--site', 'nowhere.example', '--visitor', 'x'], /no such site/],
    [['--site', site], /visitor or a user/],
  ]) {
    await assert.rejects(attune(['erase', '--data', folder, ...args]), (error) => {
      assert.match(error.stderr, what);
      return true;
    });
  }
  await remove();
});
