// Attune on PostgreSQL, as an operator meets it: a database that is down, full, read only, half
// migrated, without rights, of another Attune; and a server that goes away and comes back.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { attune, browserHeaders, serve, temporaryFolder, waitFor } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = postgresPrograms() === null ? 'no PostgreSQL under /usr/lib/postgresql: nothing checked' : false;
const cluster = skip ? null : startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements' } });
after(() => cluster?.remove());

/** What `attune site list` says of a database: it opens everything but a socket. */
async function complaint(url, folder) {
  try {
    await attune(['site', 'list', '--data', folder, '--database', url]);
    return '';
  } catch (error) {
    assert.equal(error.code, 1, error.stderr);
    return error.stderr;
  }
}

async function fresh(name) {
  const { folder, remove } = await temporaryFolder(name, { database: false });
  const database = cluster.createDatabase();
  return { folder, remove, database, url: cluster.url(database) };
}

const tablesOf = (database) => Number(cluster.psql(database,
  "select count(*) from pg_tables where schemaname = 'public'"));

test('what is wrong with a database is said, and nothing is touched', { skip, timeout: 120_000 }, async () => {
  const { folder, remove, database, url } = await fresh('wrong');
  assert.match(await complaint('postgres:///nowhere?user=postgres&host=/nonexistent', folder), /database.*\n?.*unavailable/s);
  assert.match(await complaint(cluster.url('no_such_database'), folder), /no_such_database.*not_found/s);
  assert.match(await complaint(cluster.url(database, 'nobody'), folder), /nobody.*permission_denied/s);
  assert.match(await complaint('mysql://localhost/shop', folder), /invalid_argument/);
  assert.equal(tablesOf(database), 0);

  // A role that may not make tables.
  cluster.psql(database, 'create role reader login; revoke create on schema public from public');
  assert.match(await complaint(cluster.url(database, 'reader'), folder), /permission_denied/);
  assert.equal(tablesOf(database), 0);

  // Read only.
  cluster.psql(database, `alter database ${database} set default_transaction_read_only = on`);
  assert.match(await complaint(url, folder), /read-only/);
  assert.equal(tablesOf(database), 0);
  cluster.psql('postgres', `set default_transaction_read_only = off; alter database ${database} reset default_transaction_read_only`);

  // Well, and then of a newer version.
  assert.equal(await complaint(url, folder), '');
  cluster.psql(database, "insert into schema_migrations (number, name, hash) values (9999, 'future', 'f')");
  const tables = tablesOf(database);
  assert.match(await complaint(url, folder), /newer version/);
  cluster.psql(database, 'delete from schema_migrations where number = 9999');
  const hash = cluster.psql(database, 'select hash from schema_migrations where number = 1');
  cluster.psql(database, "update schema_migrations set hash = 'other' where number = 1");
  assert.match(await complaint(url, folder), /changed since it was applied/);
  assert.equal(tablesOf(database), tables);

  cluster.psql(database, `update schema_migrations set hash = '${hash}' where number = 1`);
  cluster.psql(database, "update schema_migrations set hash = '' where number = (select max(number) from schema_migrations)");
  await assert.rejects(attune(['migrate', 'status', '--database', url]),
    (error) => /was not finished: `attune migrate up` runs it again/.test(error.stderr) && /half done/.test(error.stdout));
  assert.equal(tablesOf(database), tables);

  // Of somebody else, with tables of the same names.
  const foreign = await fresh('foreign');
  cluster.psql(foreign.database, 'create table website (x integer); create table events_log (x integer); insert into website values (7)');
  assert.match(await complaint(foreign.url, foreign.folder),
    /tables of the same names that are not Attune's: events_log, website.*give Attune a database or schema of its own/);
  assert.equal(cluster.psql(foreign.database, 'select x from website'), '7');
  assert.equal(tablesOf(foreign.database), 2);
  await foreign.remove();

  // A folder keeps to its engine.
  assert.match(await complaint('', folder), /in postgres, not in duckdb/);
  await remove();
});

test('one database has one writer', { skip, timeout: 120_000 }, async () => {
  const { folder, remove, url } = await fresh('writer');
  const other = await temporaryFolder('writer-two', { database: false });
  const server = await serve(folder, { args: ['--empty', '--database', url] });
  assert.match(await complaint(url, other.folder), /another Attune writes to this database/);
  assert.equal(await server.stop(), 0);
  await other.remove();
  await remove();
});

test('psql finds what the sources describe, and check and replay agree', { skip, timeout: 180_000 }, async () => {
  const { folder, remove, database, url } = await fresh('psql');
  const server = await serve(folder, { args: ['--empty', '--database', url] });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const send = async (events) => {
    const answer = await fetch(`${server.url}/api/v1/events`, {
      method: 'POST', headers: browserHeaders, body: JSON.stringify(events.map((event) => ({ site, ...event }))) });
    assert.equal(answer.status, 200, await answer.text());
  };
  const key = (await attune(['key', 'add', '--data', folder, '--site', 'shop.example', '--scope', 'read'])).trim();
  const overview = async () => (await fetch(`${server.url}/api/v1/sites/shop.example/stats/overview?from=2026-01-01&to=2026-01-31`,
    { headers: { authorization: `Bearer ${key}` } })).status;
  const seen = (n) => waitFor(`${n} events`, async () =>
    cluster.psql(database, 'select count(*) from events_log') === `${n}`);
  const url_ = 'https://shop.example/tea.html?utm_source=letter&utm_medium=email';
  const item = { id: 'tea-1', name: 'Tea', price: 4.5, category: 'tea' };
  await send([
    { type: 'pageview', visitor_id: 'v1', session_id: 's1', url: url_, title: 'Tea "and" späti' },
    { type: 'product_view', visitor_id: 'v1', session_id: 's1', url: url_, items: [item] },
    { type: 'form_submit', visitor_id: 'v1', session_id: 's1', url: url_, form: { id: 'letter', fields: { topic: 'tea' } } },
    { type: 'purchase', visitor_id: 'v1', session_id: 's1', url: url_, order_id: 'o1', revenue: 9, currency: 'EUR',
      items: [{ ...item, quantity: 2 }] },
  ]);
  await seen(4);
  assert.equal(cluster.psql(database, 'select pageview_count, event_count, bounce, utm_source, session_end is null from user_sessions'), '1|3|f|letter|t');
  assert.equal(cluster.psql(database, 'select title from pageviews'), 'Tea "and" späti');
  assert.equal(cluster.psql(database, "select form_data ->> 'topic' from form_submissions"), 'tea');
  assert.equal(cluster.psql(database, 'select interaction_type, reward from user_product_interactions order by id'), 'VIEW|0.10\nPURCHASE|10.00');
  assert.equal(cluster.psql(database, "select count(*) from events_log where raw_event_data @> '{\"order_id\": \"o1\"}'"), '1');
  assert.equal(cluster.psql(database, 'select session_id from active_sessions'), 's1');
  await waitFor('the day', async () => cluster.psql(database, 'select orders, revenue from daily_site_metrics') === '1|9.0000');

  // The database goes away: events are taken, and are in the tables when it is back.
  cluster.crash();
  for (let n = 0; n < 20; n += 1) {
    await send([{ type: 'pageview', visitor_id: `v${n}`, url: `https://shop.example/${n}.html` }]);
  }
  assert.equal((await fetch(`${server.url}/t.js`)).status, 200);
  assert.equal(await overview(), 503);
  cluster.start();
  await seen(24);
  assert.equal(await overview(), 200);

  await attune(['check', '--data', folder]);
  const before = cluster.psql(database, 'select * from user_sessions order by session_key');
  await attune(['replay', '--data', folder]);
  await seen(24);
  assert.equal(cluster.psql(database, 'select * from user_sessions order by session_key'), before);
  await attune(['check', '--data', folder]);
  const status = JSON.parse(await attune(['status', '--json', '--data', folder]));
  assert.equal(status.store.engine, 'postgres');
  assert.ok(status.store.bytes > 1_000_000);
  const rows = JSON.parse(await attune(['query', '--data', folder, '--format', 'json', 'select count(*) as n from pageviews']));
  assert.deepEqual(rows, [{ n: 21 }]);
  await assert.rejects(attune(['query', '--data', folder, 'delete from pageviews']), /only statements that read|read-only/);
  assert.equal(await server.stop(), 0);
  await remove();
});

test('rows that others put into events_log become pages, sessions and days', { skip, timeout: 120_000 }, async () => {
  const { folder, remove, database, url } = await fresh('others');
  const server = await serve(folder, { args: ['--empty', '--database', url] });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const sql = (text) => cluster.psql(database, text);
  sql(`insert into events_log (event_type, session_id, visitor_id, site_id, timestamp, url, path, raw_event_data)
    select 'pageview', 's1', 'v1', '${site}', timestamptz '2026-01-05 10:00:00Z' + n * interval '40 seconds',
      'https://shop.example/' || n, '/' || n, jsonb_build_object('title', 'Page ' || n)
    from generate_series(0, 4) as n`);
  sql(`insert into events_log (event_type, site_id, timestamp, raw_event_data) values ('pageview', '${site}', now(), '{}')`);
  assert.equal(sql('select count(*) from events_log where processed_at is null'), '6');
  const report = async () => JSON.parse(await attune(['status', '--json', '--data', folder])).database;
  const before = await report();
  assert.deepEqual(before.backlog.map((row) => [row.event_type, row.unprocessed]), [['pageview', 6]]);
  assert.ok(Date.parse(before.backlog[0].oldest) > Date.now() - 600_000);
  assert.deepEqual(before.database_statements, [], 'the extension is not there');
  sql('create extension pg_stat_statements');
  const step = async (...args) => attune(['etl', ...args, '--data', folder]);
  assert.match(await step('process', '--batch-size', '2'), /processed +6\nunprocessed +0/);
  const after = await report();
  assert.deepEqual(after.backlog, []);
  assert.equal(after.processed.events, 6);
  assert.deepEqual(after.skipped.map((row) => [row.reason, row.events]), [['no_visitor', 1]]);
  assert.ok(after.tables.some((row) => row.name === 'user_product_interactions' && row.bytes > 0 && row.index_bytes > 0));
  assert.ok(!after.tables.some((row) => /_\d{4}_\d\d$/.test(row.name)), 'partitions are within their table');
  assert.ok(after.indexes[0].scans > 0 && after.unused_indexes.length > 0);
  assert.ok(after.statements.some((row) => row.file === 'etl/process' && row.calls > 0 && row.max_ms > 0));
  assert.ok(after.database_statements.some((row) => /process_events_batch/.test(row.query) && row.calls > 0), JSON.stringify(after.database_statements));
  assert.match(await attune(['status', '--data', folder]), /^ {2}skipped\n +reason +events.*\n +no_visitor +1\b/m);
  assert.equal(sql('select pageview_count, duration_seconds, exit_path from user_sessions'), '5|160|/4');
  assert.equal(sql("select time_on_page_seconds from pageviews where path = '/2'"), '40');
  await step('sessions');
  await step('daily', '--from', '2026-01-01', '--to', '2026-01-31');
  assert.equal(sql('select metric_date, total_pageviews, total_sessions from daily_site_metrics'), '2026-01-05|5|1');
  sql("update events_log set created_at = now() - interval '40 days'");
  assert.match(await step('cleanup', '--days', '30'), /removed +6/);
  assert.equal(sql('select count(*) from events_log'), '0');
  assert.equal(sql('select count(*) from pageviews'), '5');
  await assert.rejects(step('daily', '--from', '2026-01-32', '--to', '2026-02-01'), /start_date/);

  // As the document calls them.
  sql('call process_events_batch(batch_size := 1000)');
  sql('call update_active_sessions()');
  sql("call calculate_daily_metrics(start_date := '2025-06-01', end_date := '2025-06-30')");
  sql('call cleanup_processed_events(retention_days := 90)');
  assert.equal(await server.stop(), 0);
  await remove();
});

test('a full database loses nothing', { skip, timeout: 180_000 }, async (t) => {
  const { folder: disk, remove: removeDisk } = await temporaryFolder('small-disk', { database: false });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=150m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('no small disk can be mounted here: nothing checked');
    return;
  }
  chmodSync(disk, 0o777);
  const small = startPostgres({ inside: disk, settings: { max_wal_size: '48MB', min_wal_size: '32MB' } });
  const { folder, remove } = await temporaryFolder('full', { database: false });
  try {
    const database = small.createDatabase();
    const server = await serve(folder, { args: ['--empty', '--database', small.url(database)],
      env: { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0' } });
    const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
    let sent = 0;
    const send = async () => {
      const events = Array.from({ length: 500 }, () => {
        sent += 1;
        return { site, type: 'pageview', visitor_id: `v${sent % 997}`, url: `https://shop.example/${sent}.html`,
          title: `A page with a title of some length, so that the disk is soon full ${sent}` };
      });
      const answer = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify(events) });
      assert.equal(answer.status, 200, await answer.text());
    };
    const etl = async () => JSON.parse(await attune(['status', '--json', '--data', folder])).etl;
    await send();
    const filler = path.join(disk, 'filler');
    try { writeFileSync(filler, Buffer.alloc(200 << 20)); } catch { /* full now */ }
    await waitFor('the ETL to meet the full disk', async () => {
      await send();
      return (await etl()).error !== '';
    }, { timeoutMs: 60_000 });
    for (let n = 0; n < 4; n += 1) await send();   // events are taken all the same
    t.diagnostic(`the ETL says: ${(await etl()).error}`);
    rmSync(filler);
    try { small.start(); } catch { /* it had not stopped for it */ }
    await waitFor('the tables to catch up', async () => {
      const now = await etl();
      return now.error === '' && small.psql(database, 'select count(*) from events_log') === `${sent}`;
    }, { timeoutMs: 60_000 });
    await attune(['check', '--data', folder]);
    assert.equal(await server.stop(), 0);
  } finally {
    small.remove();
    execFileSync('umount', ['-l', disk]);
    await removeDisk();
  }
  await remove();
});
