// `attune init --with ...` on a PostgreSQL that has stand-ins of the extensions: functions of the same
// names and parameters that hold the tables against the real ones' rules about keys, and remember what
// they were asked. The extensions themselves are in no package registry. PostgreSQL 18 finds
// extensions in a folder of the test's own.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attune, browserHeaders, serve, temporaryFolder, waitFor } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = process.env.ATTUNE_TEST_POSTGRES ? false : 'wants PostgreSQL 18: tests/store/on_postgres18 runs it';

const keysHold = (extension) => `
  create table ${extension}_asked (call text, name text, other text, position int generated always as identity);
  create function ${extension}_keys_hold(tested regclass, wanted text) returns void language plpgsql as $f$
  begin
    if exists (
      select from pg_index where indrelid = tested and indisunique and not exists (
        select from pg_attribute where attrelid = tested and attname = wanted and attnum = any (indkey)))
    then
      raise exception 'a unique index of % lacks %', tested, wanted;
    end if;
  end $f$;`;
const standIns = {
  timescaledb: `${keysHold('timescaledb')}
    create function by_range(name, interval) returns text language sql as 'select $1::text';
    create function create_hypertable(tested regclass, dimension text, create_default_indexes bool, migrate_data bool)
    returns void language plpgsql as $f$
    begin
      perform timescaledb_keys_hold(tested, dimension);
      if (select relkind from pg_class where oid = tested) = 'p' then raise exception '% is partitioned', tested; end if;
      insert into timescaledb_asked (call, name, other) values ('hypertable', tested, dimension);
    end $f$;
    create function drop_chunks(tested regclass, older_than timestamptz) returns setof text language sql as
      $f$ insert into timescaledb_asked (call, name, other) values ('drop', tested, older_than is not null) returning name $f$;`,
  citus: `${keysHold('citus')}
    create function create_reference_table(tested regclass) returns void language sql as
      $f$ insert into citus_asked (call, name) values ('reference', tested) $f$;
    create function create_distributed_table(tested regclass, dimension text, colocate_with text)
    returns void language plpgsql as $f$
    begin
      perform citus_keys_hold(tested, dimension);
      insert into citus_asked (call, name, other) values ('distributed', tested, colocate_with);
    end $f$;`,
  age: `
    create domain graphid as bigint;
    create domain agtype as json;
    create table ag_graph (graphid int generated always as identity, name name);
    create table ag_label (id int generated always as identity, graph int, name name, kind "char");
    create function _graphid(int, bigint) returns ag_catalog.graphid language sql as 'select $1 * 281474976710656 + $2';
    create function create_graph(called name) returns void language plpgsql as $f$
    begin
      execute format('create schema %I', called);
      insert into ag_catalog.ag_graph (name) values (called);
    end $f$;
    create function create_label(graph name, label name, what "char") returns void language plpgsql as $f$
    declare number int;
    begin
      insert into ag_catalog.ag_label (graph, name, kind) select graphid, label, what from ag_catalog.ag_graph returning id into number;
      execute format('create sequence %I.%I', graph, label || '_id_seq');
      execute format('create table %1$I.%2$I (id ag_catalog.graphid primary key default ag_catalog._graphid(%3$s, nextval(%4$L)), '
        || case when what = 'e' then 'start_id ag_catalog.graphid, end_id ag_catalog.graphid, ' else '' end
        || 'properties ag_catalog.agtype)', graph, label, number, format('%I.%I', graph, label || '_id_seq'));
    end $f$;
    create function create_vlabel(name, label text) returns void language sql as $f$ select ag_catalog.create_label($1, label::name, 'v') $f$;
    create function create_elabel(name, label text) returns void language sql as $f$ select ag_catalog.create_label($1, label::name, 'e') $f$;`,
};

function install() {
  const folder = mkdtempSync(path.join(tmpdir(), 'attune-extensions-'));
  mkdirSync(path.join(folder, 'extension'));
  for (const [name, script] of Object.entries(standIns)) {
    writeFileSync(path.join(folder, 'extension', `${name}.control`),
      `default_version = '0.1'\nrelocatable = false\n${name === 'age' ? "schema = 'ag_catalog'\n" : ''}`);
    writeFileSync(path.join(folder, 'extension', `${name}--0.1.sql`), script);
  }
  chmodSync(folder, 0o755);
  return folder;
}

const folder = skip ? null : install();
const cluster = skip ? null : startPostgres({ settings: { extension_control_path: `${folder}:\\$system` } });
after(() => {
  cluster?.remove();
  if (folder) rmSync(folder, { recursive: true, force: true });
});
const init = (database, name) => attune(['init', '--with', name, '--database', cluster.url(database)]);

test('TimescaleDB: hypertables by time, chosen once', { skip, timeout: 120_000 }, async () => {
  const database = cluster.createDatabase();
  assert.match(await init(database, 'timescaledb'), /made for timescaledb/);
  assert.equal(cluster.psql(database, 'select string_agg(name, \',\' order by name) from timescaledb_asked where call = \'hypertable\''),
    'events_log,form_submissions,orders,pageviews,recommendations,user_events');
  assert.match(await init(database, 'timescaledb'), /made for timescaledb/);
  assert.equal(cluster.psql(database, 'select count(*) from timescaledb_asked'), '6');
  await assert.rejects(init(database, 'citus'), /made for timescaledb/);
  await assert.rejects(init(database, 'postgis'), /timescaledb, citus or age/);
  await assert.rejects(attune(['migrate', 'down', '--to', '0', '--yes-lose-data', '--database', cluster.url(database)]),
    /made for the extension timescaledb/);

  const { folder: data, remove } = await temporaryFolder('extensions', { database: false });
  const server = await serve(data, { args: ['--empty', '--database', cluster.url(database)] });
  assert.equal(JSON.parse(await attune(['status', '--json', '--data', data])).store.extension, 'timescaledb');
  await assert.rejects(init(database, 'age'), /running server/);
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders,
    body: JSON.stringify([{ site, type: 'pageview', visitor_id: 'v1', url: 'https://shop.example/' }]) });
  await waitFor('the page', async () => cluster.psql(database, 'select count(*) from pageviews') === '1');
  await attune(['maintain', 'daily', '--data', data]);
  assert.equal(cluster.psql(database, "select string_agg(name, ',' order by name) from timescaledb_asked where call = 'drop'"),
    'events_log,pageviews');
  await server.stop();
  cluster.psql(database, 'create extension citus');
  await assert.rejects(serve(data, { args: ['--empty', '--database', cluster.url(database)] }), /TimescaleDB and Citus are both/);
  cluster.psql(database, 'drop extension citus; drop extension timescaledb cascade');
  await assert.rejects(serve(data, { args: ['--empty', '--database', cluster.url(database)] }), /made for timescaledb 0.1/);
  await remove();
});

test('Citus: tables by site beside each other, and not with TimescaleDB', { skip, timeout: 120_000 }, async () => {
  const database = cluster.createDatabase();
  cluster.psql(database, 'create extension timescaledb');
  await assert.rejects(init(database, 'citus'), /a database of its own/);
  assert.equal(cluster.psql(database, 'select count(*) from extension_choice'), '0');
  cluster.psql(database, 'drop extension timescaledb');
  assert.match(await init(database, 'citus'), /made for citus/);
  assert.equal(cluster.psql(database, "select string_agg(name, ',') from citus_asked where call = 'reference'"), 'website');
  assert.equal(cluster.psql(database, "select string_agg(name, ',' order by position) from citus_asked where other = 'none'"),
    'users,recommendations');
  assert.equal(cluster.psql(database, "select other from citus_asked where name = 'events_log'"), 'users');
});

test('AGE: the graph is kept in step with the edges', { skip, timeout: 120_000 }, async () => {
  const database = cluster.createDatabase();
  assert.match(await init(database, 'age'), /made for age/);
  const { folder: data, remove } = await temporaryFolder('age', { database: false });
  const server = await serve(data, { args: ['--empty', '--database', cluster.url(database)] });
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  const send = async (events) => assert.equal((await fetch(`${server.url}/api/v1/events`, { method: 'POST',
    headers: browserHeaders, body: JSON.stringify(events.map((event) => ({ site, visitor_id: 'v1', url: 'https://shop.example/', ...event }))) })).status, 200);
  const seen = (n) => waitFor(`${n} events`, async () => cluster.psql(database, 'select count(*) from events_log') === `${n}`);
  const counts = () => cluster.psql(database, 'select (select count(*) from attune."User") || \',\' || (select count(*) from attune."Product")'
    + ' || \',\' || (select count(*) from attune."VIEWED") || \',\' || (select count(*) from graph_edges where edge_type = \'VIEWED\')');
  await send([{ type: 'product_view', items: [{ id: 'tea', name: 'Tea' }] }, { type: 'product_view', items: [{ id: 'cup', name: "The 'cup'" }] }]);
  await seen(2);
  await attune(['graph', 'refresh', '--data', data]);
  assert.equal(counts(), '1,2,2,2');
  await send([{ type: 'product_view', items: [{ id: 'pot', name: 'Pot' }] }]);
  await seen(3);
  await attune(['graph', 'refresh', '--data', data]);
  assert.equal(counts(), '1,3,3,3');
  assert.equal(cluster.psql(database, `select head.properties ->> 'id' from attune."VIEWED" as edge
    inner join attune."Product" as head on head.id = edge.end_id order by 1`), 'cup\npot\ntea');
  assert.equal(await server.stop(), 0);
  await remove();
});
