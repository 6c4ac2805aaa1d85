// Rows that are too old go, by the limits of their site; replay and check agree with that. And a site goes
// as a whole.
import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { attune, logIn, postgres, query, serve, temporaryFolder, waitFor } from './attune.mjs';

const dayMs = 24 * 3_600_000;

/** A view of a product each day, `days` days back from today, in a file of events; or of the first and
    last of those days. */
async function pastDays(file, days, visitor, { first = days, last = 0 } = {}) {
  const lines = Array.from({ length: days }, (_, i) => i).filter((i) => i < first || i >= days - last).map((i) => JSON.stringify({
    type: 'product_view', visitor_id: `${visitor}${i % 7}`, url: `https://shop.example/${visitor}${i}.html`,
    timestamp: new Date(Date.now() - (days - i) * dayMs + 3_600_000).toISOString(), items: [{ id: `p${i % 5}`, price: 2 }] }));
  await writeFile(file, `${lines.join('\n')}\n`);
}

async function addSite(data, domain) {
  return (await attune(['site', 'add', '--data', data, '--domain', domain])).split('\n')[0];
}

async function counts(data, site) {
  const one = async (table) => Number((await query(data, `select count(*) as n from ${table} where site_id = '${site}'`))[0].n);
  return { events: await one('events_log'), interactions: await one('user_product_interactions'), visits: await one('user_sessions') };
}

test('rows that are too old go, each site by its own limits, and stay away after a replay', { timeout: 600_000 }, async () => {
  const { folder, remove } = await temporaryFolder('retention');
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'past.ndjson');
  const usual = await addSite(data, 'usual.example');
  const other = await addSite(data, 'other.example');
  await pastDays(file, 400, 'person', { first: 40, last: 20 });
  for (const site of [usual, other]) await attune(['import', 'events', '--data', data, '--site', site, file]);
  const all = { events: 60, interactions: 60, visits: 60 };
  assert.deepEqual(await counts(data, usual), all);

  const limits = ['retention', '--data', data, '--site', other];
  await attune([...limits, '--table', 'user_product_interactions', '--days', '0']);
  await attune([...limits, '--table', 'events_log', '--days', '30']);
  const shown = await attune(limits);
  assert.match(shown, /events_log +archived after never +removed after 30 days\n/);
  assert.match(shown, /user_product_interactions +archived after 183 days +removed after never\n/);

  // Raw events count from when they came, interactions from when they happened.
  const text = await attune(['maintain', '--data', data, 'daily']);
  assert.match(text, /user_product_interactions/);
  assert.deepEqual(await counts(data, usual), { ...all, interactions: 26 });
  assert.deepEqual(await counts(data, other), all);
  const left = / user_product_interactions +removed +34 /;
  assert.match(await attune(['check', '--data', data]), left);
  await attune(['replay', '--data', data]);
  assert.deepEqual(await counts(data, usual), { ...all, interactions: 26 });

  // What comes late is removed by the next run, not by the mark of the last. A limit that grew reaches
  // less far back: what a former run removed stays away, and what came since stays.
  await attune(['import', 'events', '--data', data, '--site', usual, file]);
  assert.deepEqual(await counts(data, usual), { events: 120, interactions: 86, visits: 120 });
  await attune(['replay', '--data', data]);
  assert.deepEqual(await counts(data, usual), { events: 120, interactions: 86, visits: 120 });
  const later = ['retention', '--data', data, '--site', usual, '--table', 'user_product_interactions', '--days'];
  await attune([...later, '380']);
  await attune(['maintain', '--data', data, 'daily']);
  assert.deepEqual(await counts(data, usual), { events: 120, interactions: 66, visits: 120 });
  await attune(['check', '--data', data]);
  await attune(['replay', '--data', data]);
  assert.deepEqual(await counts(data, usual), { events: 120, interactions: 66, visits: 120 });

  for (const [args, what] of [
    [['retention', '--data', data, '--site', usual, '--table', 'website', '--days', '30'], /events_log or/],
    [['retention', '--data', data, '--site', usual, '--table', 'events_log', '--days', '1'], /7/],
    [['retention', '--data', data, '--site', usual, '--table', 'events_log', '--archive-after', '30'], /only user_product/],
    [['maintain', '--data', data, 'yearly'], /daily, weekly or monthly/],
  ]) {
    await assert.rejects(attune(args), (error) => {
      assert.match(error.stderr, what);
      return true;
    });
  }
  await remove();
});

test('upkeep says what it did, and the longer does the shorter', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('upkeep');
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'past.ndjson');
  const server = await serve(data);
  const site = await addSite(data, 'shop.example');
  await pastDays(file, 400, 'person');
  await attune(['import', 'events', '--data', data, '--site', site, file]);
  await attune(['maintain', '--data', data, 'weekly']);
  const status = async () => JSON.parse(await attune(['status', '--json', '--data', data])).maintenance;
  const weekly = await status();
  assert.deepEqual(Object.keys(weekly).sort(), ['daily', 'weekly']);
  assert.equal(weekly.daily.ok, true);
  assert.equal(weekly.weekly.did.analyzed, true);
  assert.deepEqual(weekly.weekly.did.removed, [{ site, table: 'user_product_interactions', rows: 34 }]);
  await attune(['maintain', '--data', data, 'monthly']);
  const monthly = await status();
  assert.deepEqual(monthly.daily.did.removed, []);
  if (postgres) {
    assert.equal(monthly.monthly.did.partitions_dropped, 0);
    const [{ n }] = await query(data, "select count(*) as n from pg_inherits where inhparent = 'user_product_interactions'::regclass");
    assert.equal(Number(n), 4);   // this month, two ahead, and the rest
  } else {
    assert.ok(monthly.monthly.did.archived.length >= 5);
    assert.ok(monthly.monthly.did.rows_clustered > 100);
  }
  assert.equal(await server.stop(), 0);
  await remove();
});

test('the server does by itself what is due, once', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('due');
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'past.ndjson');
  const site = await addSite(data, 'shop.example');
  await pastDays(file, 400, 'person');
  await attune(['import', 'events', '--data', data, '--site', site, file]);
  const server = await serve(data, { env: { ATTUNE_RETENTION_MAINTAIN_AFTER_S: '1' } });
  const status = async () => JSON.parse(await attune(['status', '--json', '--data', data]));
  const { maintenance } = await waitFor('maintenance', async () => {
    const now = await status();
    return now.maintenance.monthly && now;
  }, { timeoutMs: 60_000 });
  for (const period of ['daily', 'weekly', 'monthly']) assert.equal(maintenance[period].ok, true, period);
  const { archive } = await status();
  assert.ok(archive.rows > 150 && archive.files >= 5, JSON.stringify(archive));
  const [{ n }] = await query(data, 'select sum(row_count) as n from archive_file');
  assert.equal(Number(n), archive.rows);
  assert.equal(await server.stop(), 0);

  // It was done: the next server has nothing to do.
  const next = await serve(data, { env: { ATTUNE_RETENTION_MAINTAIN_AFTER_S: '1' } });
  await new Promise((resolve) => { setTimeout(resolve, 12_000); });
  assert.deepEqual((await status()).maintenance, maintenance);
  assert.equal(await next.stop(), 0);
  await remove();
});

test('a deleted site leaves nothing, and the others lose nothing', { timeout: 300_000 }, async () => {
  const { folder, remove } = await temporaryFolder('site-delete');
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'past.ndjson');
  const gone = await addSite(data, 'needlesite21.example');
  const kept = await addSite(data, 'kept.example');
  await pastDays(file, 40, 'needlegone');
  await attune(['import', 'events', '--data', data, '--site', gone, file]);
  await pastDays(file, 40, 'stays');
  await attune(['import', 'events', '--data', data, '--site', kept, file]);
  const server = await serve(data);
  const call = await logIn(server);
  for (const [site, member] of [[gone, 'needlemember'], [kept, 'stays']]) {
    await call('PUT', `/sites/${site}/saved-groups/staff`, { members: [member] });
    await call('POST', `/sites/${site}/sdk-connections`, { name: 'Phone' });
  }
  assert.equal(await server.stop(), 0);
  const before = await counts(data, kept);

  const text = await attune(['site', 'delete', '--data', data, 'needlesite21.example']);
  assert.match(text, /events_log +40\n/);
  assert.deepEqual(await counts(data, kept), before);
  for (const table of ['saved_group', 'sdk_connection']) {
    assert.deepEqual(await query(data, `select site_id from ${table}`), [{ site_id: kept }], table);
  }
  assert.doesNotMatch(await attune(['site', 'list', '--data', data]), /needlesite21/);
  const tables = await query(data, `select table_name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('main', 'public') order by table_name`);
  // What was erased is noted, and who deleted the site: by its id alone.
  const noted = ['erased_person', 'audit_log'];
  const left = await query(data, tables.map(({ table_name: table }) => `select '${table}' as place from ${table} as t
    where (${!noted.includes(table)} and strpos(cast(t as text), '${gone}') > 0)
      or ('${table}' <> 'erased_person' and strpos(cast(t as text), 'needle') > 0)`).join(' union all '));
  assert.deepEqual(left, []);
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = path.join(entry.path ?? entry.parentPath, entry.name);
    const bytes = await readFile(name);
    assert.ok(!bytes.includes('needle'), `${name} still names it`);
  }
  await attune(['check', '--data', data]);
  await remove();
});
