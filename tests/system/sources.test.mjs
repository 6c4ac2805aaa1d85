// Somebody who knows only the source documents points psql or `attune query` at a database that the demo
// has filled: the statements that docs/sources.md expects to find rows find them. And that document has
// each statement of the sources, where those lie beside this folder.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { attune, query, serve, sourceDir, temporaryFolder, waitFor } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = postgresPrograms() === null ? 'no PostgreSQL under /usr/lib/postgresql: nothing checked' : false;
const cluster = skip ? null
  : startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements', autovacuum_naptime: '1s' } });
after(() => cluster?.remove());

const blocks = (markdown) => [...markdown.matchAll(/^```sql\n(.*?)^```$/gms)].map((match) => match[1]);

/** The rows of docs/sources.md: { name, sql, duckdb, postgres }, an engine's part as written. */
function matrix() {
  const document = readFileSync(path.join(sourceDir, 'docs/sources.md'), 'utf8');
  return document.split(/^### /m).slice(1).map((text) => {
    const [, name, source, duckdb, postgres] =
      text.match(/^(.*?)\n(.*?)^DuckDB: (.*?)^PostgreSQL: (.*?)(?=^## |(?![\s\S]))/ms);
    return { name, sql: blocks(source)[0], duckdb, postgres };
  });
}

/** What an engine is asked to find rows with: { name: statement }. */
function readers(engine) {
  const found = matrix().filter((row) => /^(verbatim|translated), rows/.test(row[engine]))
    .map((row) => [row.name, blocks(row[engine])[0] ?? row.sql]);
  assert.ok(found.length > 10, `${found.length} statements for ${engine}`);
  return found;
}

/** Beyond the documents' own statements: what they define. */
const relations = ['active_sessions', 'page_performance', 'traffic_sources', 'events_log', 'user_sessions',
  'pageviews', 'user_events', 'form_submissions', 'daily_site_metrics', 'recommendations', 'ml_models',
  'user_product_interactions', 'users', 'product', 'user_profiles', 'user_context_features'];

/** A demo with a past, a session of now and a nightly refresh. count  asks for one number. */
async function fill(folder, count) {
  const rows = (what, least, timeoutMs) => waitFor(what,
    async () => (await count(`select count(*) as n from ${what}`)) >= least, { timeoutMs });
  await rows('events_log', 50_000, 180_000);
  await rows('daily_site_metrics', 14, 60_000);
  await rows('active_sessions', 1, 60_000);
  await rows('recommendations', 1, 60_000);
  await rows('ml_models', 1, 120_000);
  await attune(['profiles', 'refresh', '--data', folder, '--site', 'demo-shop.example']);
}

test('on PostgreSQL, psql finds rows after the demo ran', { skip, timeout: 480_000 }, async (t) => {
  const { folder, remove } = await temporaryFolder('sources', { database: false });
  const database = cluster.createDatabase();
  cluster.psql(database, 'create extension pg_stat_statements');
  const server = await serve(folder, { args: ['--database', cluster.url(database)] });
  await fill(folder, async (sql) => Number(cluster.psql(database, sql)));
  // What others insert is what nobody has processed.
  cluster.psql(database, `insert into events_log
    (event_type, session_id, visitor_id, site_id, timestamp, path, raw_event_data)
    select 'pageview', 'other', 'other', site_id, now(), '/', '{}' from website`);
  cluster.psql(database, 'analyze');
  const relation = relations.map((name) => [name, `select * from ${name} limit 1`]);
  for (const [name, sql] of [...readers('postgres'), ...relation]) {
    await t.test(name, () => assert.notEqual(cluster.psql(database, sql), '', 'no row'));
  }
  assert.equal(await server.stop(), 0);
  await remove();
});

test('on DuckDB, attune query finds rows after the demo ran', { timeout: 480_000 }, async (t) => {
  const { folder, remove } = await temporaryFolder('sources-duckdb', { database: false });
  const server = await serve(folder, { args: [] });
  await fill(folder, async (sql) => Number((await query(folder, sql))[0].n));
  const relation = relations.map((name) => [name, `select * from ${name} limit 1`]);
  for (const [name, sql] of [...readers('duckdb'), ...relation]) {
    await t.test(name, async () => assert.notDeepEqual(await query(folder, sql), [], 'no row'));
  }
  assert.equal(await server.stop(), 0);
  await remove();
});

test('commands stand in for the procedures that DuckDB has not', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('sources-commands', { database: false });
  const commands = new Set(matrix().flatMap((row) =>
    [...row.duckdb.matchAll(/`attune (etl \w+)`/g)].map((match) => match[1])));
  const today = new Date().toISOString().slice(0, 10);
  const options = {
    'etl process': ['--batch-size', '1000'], 'etl sessions': [], 'etl daily': ['--from', today, '--to', today],
    'etl cleanup': ['--days', '90'] };
  assert.deepEqual([...commands].sort(), Object.keys(options).sort());
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example']);
  const file = path.join(folder, 'old.ndjson');
  await writeFile(file, JSON.stringify({ type: 'pageview', visitor_id: 'v', url: 'https://shop.example/', timestamp: new Date().toISOString() }));
  await attune(['import', 'events', '--data', folder, '--site', 'shop.example', file]);
  const run = async (command) => attune([...command.split(' '), ...options[command], '--data', folder]);
  assert.match(await run('etl process'), /unprocessed +0/);
  assert.match(await run('etl sessions'), /open_sessions +0/);
  assert.match(await run('etl daily'), /days +1/);
  assert.equal((await query(folder, 'select total_pageviews as n from daily_site_metrics'))[0].n, 1);
  assert.match(await run('etl cleanup'), /removed +0/);
  await remove();
});

/** One statement an entry, without comments, white space made one. */
function statements(sql) {
  const bare = sql.replace(/'[^'\n]*'|--[^\n]*/g, (found) => (found.startsWith('--') ? '' : found));
  return bare.match(/(?:'[^']*'|[^';])+/g)
    .map((each) => each.replace(/\s+/g, ' ').replace(/\s*([(),])\s*/g, '$1').trim())
    .filter((each) => each !== '');
}

const sources = path.join(sourceDir, '../shared/sources');
test('no statement of the sources is missing, and none is made up', {
  skip: existsSync(sources) ? false : `${path.relative(sourceDir, sources)} is not there: nothing checked`,
}, () => {
  const theirs = readdirSync(sources).flatMap((name) => {
    const text = readFileSync(path.join(sources, name), 'utf8');
    return (name.endsWith('.sql') ? [text] : blocks(text)).flatMap(statements);
  });
  assert.ok(theirs.length > 100, `only ${theirs.length} statements were found`);
  const ours = matrix().filter((row) => !row.name.startsWith('personalization')).flatMap((row) => statements(row.sql));
  assert.deepEqual([...new Set(theirs)].filter((each) => !ours.includes(each)), [], 'missing in docs/sources.md');
  assert.deepEqual(ours.filter((each) => !theirs.includes(each)), [], 'not in the sources');
});
