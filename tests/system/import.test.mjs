// Imports of real data, their closing accounts, and the tables against counts made by awk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { attune, browserHeaders, query, serve, temporaryFolder, testData, waitFor } from './attune.mjs';

const accessLog = path.join(testData, 'apache_access_log/access.log');
const sessionFile = path.join(testData, 'bol_sessions/train.txt');
const skip = existsSync(accessLog) && existsSync(sessionFile) ? false : `no real data in ${testData}`;

function awk(program, file) {
  return Number(execFileSync('awk', ['-F', '\t', program, file], { encoding: 'utf8' }));
}

async function importFile(kind, file, folder, extra = []) {
  const { folder: here, remove } = await temporaryFolder('rejects', { database: false });
  const text = await attune(['import', kind, file, '--data', folder, '--site', 'shop.example',
    '--format', 'json', ...extra], { cwd: here });
  await remove();
  return JSON.parse(text.trim().split('\n').at(-1));
}

test('the access log is accounted for to the last line', { skip }, async () => {
  const { folder, remove } = await temporaryFolder('import');
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example']);
  const account = await importFile('access-log', accessLog, folder);
  assert.equal(account.lines, 10_000);
  assert.equal(account.stored + account.skipped + account.rejected, 10_000);
  const [{ n }] = await query(folder, 'select count(*) as n from events_log');
  assert.equal(n, account.stored);
  const others = 'png|jpe?g|gif|ico|svg|css|js|txt|xml|rss|atom|pdf|zip|t?gz|bz2|tar|mp[34]|ogg|webm|woff2?|ttf|' +
    'json|deb|rpm|exe|iso|jar|swf|webp|bmp|avi|mov|c|h|py|rb|sh|conf|log|diff|patch|yml|csv|md';
  const count = (condition) => Number(execFileSync('awk',
    [`function page(p) { sub(/[?#].*/, "", p); return tolower(p) !~ /\\.(${others})$/ && p !~ /robots/ }
      $6 ~ /^"/ && (${condition}) { n++ } END { print n + 0 }`, accessLog], { encoding: 'utf8' }));
  const get = '$6 == "\\"GET"';
  assert.equal(account.skipped_by_reason.not_get, count('$6 != "\\"GET"'));
  assert.equal(account.skipped_by_reason.client_error, count(`${get} && $9 ~ /^4/`));
  assert.equal(account.skipped_by_reason.redirect, count(`${get} && $9 ~ /^3/ && $9 != 304`));
  // Pages by a rule of awk's own: not a file of the usual other kinds, and no feed.
  const [{ views }] = await query(folder, "select count(*) as views from events_log where event_type = 'pageview'");
  const pages = count(`${get} && ($9 == 200 || $9 == 304) && page($7) && $7 !~ /flav=(rss|atom)|\\/feed|rss/`);
  assert.ok(Math.abs(views - pages) / pages < 0.02, `${views} pageviews, awk counts ${pages}`);
  await remove();
});

test('the session file is 113,601 clicks in 23,753 sessions, in tables and on the API', { skip }, async () => {
  const { folder, remove } = await temporaryFolder('import');
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example']);
  const clicks = awk('NR > 1 { n++ } END { print n }', sessionFile);
  const sessions = awk('NR > 1 && !seen[$1]++ { n++ } END { print n }', sessionFile);
  assert.deepEqual([clicks, sessions], [113_601, 23_753]);
  const account = await importFile('sessions', sessionFile, folder);
  assert.deepEqual([account.stored, account.sessions, account.rejected], [clicks, sessions, 0]);

  const one = async (sql) => Object.values((await query(folder, sql))[0])[0];
  assert.equal(await one('select count(*) from events_log'), clicks);
  assert.equal(await one('select count(*) from user_sessions'), sessions);
  assert.equal(await one('select count(*) from user_sessions where session_end is null'), 0);
  assert.equal(await one("select count(*) from user_product_interactions where interaction_type = 'VIEW'"), clicks);
  assert.equal(await one('select sum(total_sessions) from daily_site_metrics'), sessions);
  const items = awk('NR > 1 && !seen[$2]++ { n++ } END { print n }', sessionFile);
  assert.equal(await one('select count(distinct product_id) from user_product_interactions'), items);
  const busiest = awk('NR > 1 { c[$1]++ } END { for (s in c) if (c[s] > m) m = c[s]; print m }', sessionFile);
  assert.equal(await one('select max(event_count) from user_sessions'), busiest);

  const server = await serve(folder);
  const key = (await attune(['key', 'add', '--data', folder, '--site', 'shop.example', '--scope', 'read'])).trim();
  const answer = await fetch(
    `${server.url}/api/v1/sites/shop.example/stats/overview?from=2020-01-01&to=2020-12-31&compare=none`,
    { headers: { authorization: `Bearer ${key}` } });
  const overview = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(overview));
  assert.equal(overview.metrics.sessions.value, sessions);
  assert.equal(overview.metrics.events.value, clicks);
  await server.stop();
  await remove();
});

test('a broken file is imported as far as it goes, and the rest is named', async () => {
  const { folder, remove } = await temporaryFolder('import');
  const file = path.join(folder, 'events.ndjson');
  const { writeFileSync, readFileSync } = await import('node:fs');
  writeFileSync(file, [
    '{"type":"pageview","visitor_id":"a","url":"https://shop.example/","timestamp":"2026-01-01T10:00:00Z"}',
    '{"type":"pageview","visitor_id":"a"',
    'not json at all',
    '{"type":"pageview","visitor_id":"a","url":"https://shop.example/b","timestamp":"0001-01-01T00:00:00Z"}',
    '',
    '{"type":"click","visitor_id":"a","url":"https://shop.example/","timestamp":"2026-01-01T10:01:00Z"}',
  ].join('\n'));
  const data = path.join(folder, 'data');
  await attune(['site', 'add', '--data', data, '--domain', 'shop.example']);
  const rejects = path.join(folder, 'rejects.tsv');
  const account = await importFile('events', file, data, ['--rejects', rejects]);
  assert.equal(account.lines, 6);
  assert.equal(account.stored, 2);
  assert.equal(account.stored + account.skipped + account.rejected, 6);
  const kept = readFileSync(rejects, 'utf8');
  for (const line of ['2\t', '3\t', '4\t']) assert.ok(kept.includes(`\n${line}`), `line ${line} in\n${kept}`);
  await remove();
});

test('a shop sends its own names; interactions by number are refused by the name of the constraint', async () => {
  const { folder, remove } = await temporaryFolder('import');
  const server = await serve(folder);
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const file = path.join(folder, 'shop.ndjson');
  writeFileSync(file, [
    { type: 'product_view', visitor_id: 'v1', timestamp: '2026-01-05T10:00:00Z', url: '/tea', data: { wc_product_id: '7' } },
    { type: 'scroll_depth', visitor_id: 'v1', timestamp: '2026-01-05T10:00:20Z', url: '/tea', scroll_depth: '75' },
    { type: 'purchase', visitor_id: 'v1', timestamp: '2026-01-05T10:01:00Z', url: '/paid', wc_product_id: 7,
      wc_order_id: 12, wc_revenue: '9.90', wc_checkout_step: 'paid' },
  ].map((event) => JSON.stringify(event)).join('\n'));
  assert.equal((await importFile('events', file, folder)).stored, 3);
  const answer = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify(
    { site, visitor_id: 'v2', events: [{ type: 'add_to_cart', wc_product_id: 8, wc_cart_value: 20 }] }) });
  assert.equal(answer.status, 200, await answer.text());
  const rows = async () => query(folder, `select interaction_type as t, item_id as i, context ->> 'order_id' as o,
    context ->> 'cart_value' as c from user_product_interactions order by timestamp`);
  await waitFor('three interactions', async () => (await rows()).length === 3);
  assert.deepEqual(await rows(), [{ t: 'VIEW', i: '7', o: null, c: null }, { t: 'PURCHASE', i: '7', o: '12', c: null },
    { t: 'CART_ADD', i: '8', o: null, c: '20' }]);
  assert.deepEqual(await query(folder, 'select order_id as o, cast(revenue as double precision) as r from orders'), [{ o: '12', r: 9.9 }]);
  assert.deepEqual(await query(folder, 'select scroll_percentage as s from user_events where scroll_percentage is not null'), [{ s: 75 }]);

  const { database } = JSON.parse(await attune(['status', '--json', '--data', folder]));
  assert.deepEqual(database.backlog, []);
  assert.equal(database.processed.events, 4);
  assert.equal(database.errors.etl, '');
  assert.ok(database.tables.some((row) => row.name === 'events_log' && row.bytes >= 0));
  assert.ok(database.statements.some((row) => row.calls > 0 && row.total_ms >= row.max_ms && row.errors >= 0));

  // The table's own rows, as another program has them.
  const [{ user, product }] = await query(folder,
    "select cast(user_id as varchar) as user, cast(product_id as varchar) as product from user_product_interactions where item_id = '8'");
  const table = path.join(folder, 'interactions.csv');
  const rejects = path.join(folder, 'rejected.tsv');
  writeFileSync(table, ['user_id,product_id,interaction_type,session_id,timestamp,reward',
    `${user},${product},WISHLIST,"s ""1""",2026-01-06 10:00:00+00,1.00`,
    `999999,${product},VIEW,s2,2026-01-06 10:00:00+00,0.1`,
    `${user},999999,VIEW,s2,2026-01-06 10:00:00+00,0.1`,
    `${user},${product},GLANCE,s2,2026-01-06 10:00:00+00,0.1`].join('\n'));
  const account = await importFile('interactions', table, folder, ['--rejects', rejects]);
  assert.equal(account.stored, 1);
  assert.deepEqual(account.rejected_by_reason, {
    'failed_precondition user_id fk_user_product_interactions_users': 1,
    'failed_precondition product_id fk_user_product_interactions_product': 1,
    'invalid_argument interaction_type user_product_interactions_type_check': 1 });
  assert.match(readFileSync(rejects, 'utf8'), /^3\tfailed_precondition user_id fk_user_product_interactions_users\t999999,/m);
  assert.deepEqual(await query(folder, `select visitor_id as v, session_id like 's "1"%' as s, cast(reward as double precision) as r
    from user_product_interactions where interaction_type = 'WISHLIST'`), [{ v: 'v2', s: true, r: 1 }]);
  const key = (await attune(['key', 'add', '--data', folder, '--site', 'shop.example', '--scope', 'write'])).trim();
  const refused = await fetch(`${server.url}/api/v1/sites/shop.example/interactions`, { method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: `{"user_id":999999,"product_id":${product},"interaction_type":"VIEW"}` });
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /fk_user_product_interactions_users/);
  assert.equal(await server.stop(), 0);
  await remove();
});
