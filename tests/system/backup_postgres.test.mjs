// `attune backup` of a PostgreSQL database under load, `attune restore` into an empty one, and what must
// be refused.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { appendFile, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { attune, browserHeaders, queryAll, seeded, serve, temporaryFolder, waitFor } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = postgresPrograms() === null ? 'no PostgreSQL under /usr/lib/postgresql: nothing checked' : false;
const cluster = skip ? null : startPostgres();
after(() => cluster?.remove());

const tables = ['events_log', 'user_sessions', 'pageviews', 'user_events', 'orders', 'users', 'product',
  'user_product_interactions', 'daily_site_metrics', 'website', 'api_key', 'retention_mark', 'archive_file'];

/** Commands and servers from here on use this database. */
function use(database, role) {
  process.env.ATTUNE_STORE_URL = cluster.url(database, role);
  return process.env.ATTUNE_STORE_URL;
}

async function refused(args, what) {
  await assert.rejects(attune(args), (error) => {
    assert.match(error.stderr, what);
    return true;
  });
}

const tablesOf = (database) => Number(cluster.psql(database, "select count(*) from pg_tables where schemaname = 'public' and tablename not like 'schema_migrations%'"));

test('a backup under load, restored into an empty database, goes on from there', { skip, timeout: 300_000 }, async () => {
  const { folder, remove } = await temporaryFolder('backup-postgres', { database: false });
  const [data, copy, fresh] = ['data', 'copy', 'fresh'].map((name) => path.join(folder, name));
  const first = cluster.createDatabase();
  use(first);
  const env = { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0', ATTUNE_JOURNAL_SEGMENT_BYTES: `${1 << 20}` };
  let server = await serve(data, { env });
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  await attune(['key', 'add', '--data', data, '--site', site, '--scope', 'read']);
  // Old interactions, archived: their files belong to the backup.
  const past = path.join(folder, 'past.ndjson');
  await writeFile(past, Array.from({ length: 30 }, (_, i) => JSON.stringify({ type: 'product_view', visitor_id: `old${i}`,
    url: 'https://shop.example/x.html', timestamp: new Date(Date.now() - (250 + i) * 86_400_000).toISOString(), items: [{ id: 'p1', price: 2 }] })).join('\n'));
  await attune(['import', 'events', '--data', data, '--site', site, past]);
  await attune(['archive', '--data', data]);

  const random = seeded(11);
  let sent = 0;
  async function send(count) {
    const events = Array.from({ length: count }, () => {
      sent += 1;
      const event = { site, visitor_id: `v${Math.floor(random() * 300)}`, url: `https://shop.example/${sent}.html` };
      if (sent % 5 === 0) return { ...event, type: 'product_view', items: [{ id: `p${sent % 40}`, name: 'A\tthing\\\n\u00e4', price: 3.5 }] };
      if (sent % 31 === 0) return { ...event, type: 'purchase', order_id: `o${sent}`, revenue: 9.5, currency: 'EUR', items: [{ id: 'p1', price: 9.5 }] };
      return { ...event, type: 'pageview', title: `Page ${sent}` };
    });
    const answer = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify(events) });
    assert.equal(answer.status, 200, await answer.text());
  }
  for (let i = 0; i < 30; i += 1) await send(100);
  // Somebody else's rows, with numbers of a sequence, are part of it.
  cluster.psql(first, `insert into events_log (event_type, site_id, timestamp, raw_event_data) values ('pageview', '${site}', now(), '{}')`);

  let copying = true;
  const load = (async () => { while (copying) await send(20); })();
  await attune(['backup', '--data', data, copy]).finally(() => { copying = false; });
  await load;
  const manifest = JSON.parse(await readFile(path.join(copy, 'manifest.json'), 'utf8'));
  assert.equal(manifest.engine, 'postgres');
  assert.ok(manifest.schema >= 14 && manifest.journal.position <= manifest.journal.end);
  assert.ok(manifest.sequences.events_log_id_sequence >= 2 ** 62);
  assert.ok(manifest.files.some(({ file }) => file.startsWith('archive/')));
  const inside = await readdir(copy);
  assert.ok(!inside.includes('salts') && !inside.includes('secret'));

  const settled = (of) => waitFor('the tables to catch up', async () => {
    const status = JSON.parse(await attune(['status', '--json', '--data', of]));
    return status.etl.position >= status.journal.durable_end;
  });
  await settled(data);
  const all = await queryAll(data, 'select * from events_log where id < 4611686018427387904 order by id');
  assert.equal(await server.stop(), 0);

  // Into a database whose login is bound by row-level security, as an operator's would be.
  const second = cluster.createDatabase();
  cluster.psql(second, 'create role operator login createrole bypassrls; grant create on schema public to operator');
  use(second, 'operator');
  const restored = await attune(['restore', copy, '--data', fresh]);
  assert.match(restored, /go on from there/);
  assert.ok(tablesOf(second) > 40);
  server = await serve(fresh, { env });
  await settled(fresh);
  const rows = await queryAll(fresh, 'select * from events_log where id < 4611686018427387904 order by id');
  assert.ok(rows.length >= 3000 && rows.length <= all.length, `${rows.length} of ${all.length}`);
  assert.deepEqual(rows, all.slice(0, rows.length));
  assert.equal(JSON.parse(await attune(['query', '--archive', '--format', 'json', '--data', fresh,
    'select count(*) as n from user_product_interactions']))[0].n, 30);
  await attune(['check', '--data', fresh]);
  await send(100);
  await settled(fresh);
  assert.equal((await queryAll(fresh, 'select id from events_log where id < 4611686018427387904 order by id')).length, rows.length + 100);
  cluster.psql(second, `insert into events_log (event_type, site_id, timestamp, raw_event_data) values ('pageview', '${site}', now(), '{}')`);
  assert.equal(cluster.psql(second, 'select count(*) from events_log where id >= 4611686018427387904'), '2');
  assert.equal(await server.stop(), 0);

  // A stopped folder is backed up by the same command, and every table is the same in the restored one.
  const still = path.join(folder, 'still');
  const again = path.join(folder, 'again');
  await attune(['backup', '--data', fresh, still]);
  const third = cluster.createDatabase();
  use(third);
  await attune(['restore', still, '--data', again]);
  const prints = (database) => tables.map((table) => cluster.psql(database, `select '${table}', count(*), sum(hashtextextended(t::text, 0)::numeric) from ${table} as t`));
  assert.deepEqual(prints(third), prints(second));
  assert.equal(cluster.psql(third, 'select count(*) from pg_inherits where inhparent = \'user_product_interactions\'::regclass'), '4');
  await remove();
});

test('what a backup or a restore must not do is refused, and nothing is touched', { skip, timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('refused-postgres', { database: false });
  const [data, copy, other] = ['data', 'copy', 'other'].map((name) => path.join(folder, name));
  const full = cluster.createDatabase();
  use(full);
  await attune(['site', 'add', '--data', data, '--domain', 'shop.example']);
  await attune(['backup', '--data', data, copy]);

  await refused(['restore', copy, '--data', path.join(folder, 'x')], /holds Attune's tables/);
  const empty = cluster.createDatabase();
  cluster.psql(empty, 'create table website (name text); insert into website values (\'theirs\')');
  await refused(['restore', copy, '--data', path.join(folder, 'x'), '--database', cluster.url(empty)], /not Attune's: website/);
  cluster.psql(empty, 'drop table website');
  cluster.psql(full, "insert into extension_choice (extension, version) values ('citus', '1')");
  await refused(['backup', '--data', data, path.join(folder, 'y')], /citus|extension/);
  cluster.psql(full, 'delete from extension_choice');
  delete process.env.ATTUNE_STORE_URL;
  await refused(['restore', copy, '--data', path.join(folder, 'x')], /name an empty one with --database/);
  await attune(['site', 'add', '--data', other, '--domain', 'other.example']);
  await attune(['backup', '--data', other, path.join(folder, 'embedded')]);
  use(empty);
  await refused(['restore', path.join(folder, 'embedded'), '--data', path.join(folder, 'x')], /leave out --database/);

  const altered = path.join(folder, 'altered');
  const change = async (edit) => {
    const manifest = JSON.parse(await readFile(path.join(altered, 'manifest.json'), 'utf8'));
    edit(manifest);
    await writeFile(path.join(altered, 'manifest.json'), JSON.stringify(manifest));
  };
  const breakings = [
    [() => appendFile(path.join(altered, 'tables/website.copy'), 'x'), /not as it was written/],
    [() => rm(path.join(altered, 'tables/website.copy')), /lacks tables/],
    [() => change((manifest) => { manifest.schema = 9999; }), /schema 9999, which this program does not know/],
    [() => change((manifest) => { manifest.tables.find((table) => table.table === 'website').rows += 1; }), /table website is not what/],
  ];
  const before = (await readdir(folder)).sort();
  for (const [breaking, what] of breakings) {
    await cp(copy, altered, { recursive: true });
    await breaking();
    await refused(['restore', altered, '--data', path.join(folder, 'x')], what);
    assert.deepEqual((await readdir(folder)).sort(), [...before, 'altered'].sort(), 'nothing was made');
    assert.equal(tablesOf(empty), 0, 'the database is as it was');
    await rm(altered, { recursive: true });
  }
  await mkdir(path.join(folder, 'x'));
  await attune(['restore', copy, '--data', path.join(folder, 'x')]);
  assert.match(await attune(['site', 'list', '--data', path.join(folder, 'x')]), /shop\.example/);
  await remove();
});
