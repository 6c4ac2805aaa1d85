// `attune migrate` as an operator uses it, on both engines.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { attune, serve, temporaryFolder } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = postgresPrograms() === null ? 'no PostgreSQL under /usr/lib/postgresql: nothing checked' : false;
const cluster = skip ? null : startPostgres();
after(() => cluster?.remove());

async function refusal(args) {
  try {
    return `done: ${await attune(args)}`;
  } catch (error) {
    assert.equal(error.code, 1, error.stderr);
    return error.stderr;
  }
}

// The follower of profiles notes its sweep in a table, whose row would hold a migration back.
const withoutProfiles = { ATTUNE_PROFILES_FOLLOW: 'false' };

/** `restored` is given where the copy is that was taken of what went. */
async function roundTrip(where, restored) {
  const migrate = (action, ...more) => attune(['migrate', action, ...where, ...more]);
  assert.match(await migrate('status'), /0001 {2}base .* applied .*0010 {2}source_views .* applied/s);
  assert.match(await migrate('verify'), /is that of this version/);
  // What was set up is in the audit log: rows do not go without a word, and are copied first.
  assert.match(await refusal(['migrate', 'down', ...where, '--to', '9']), /rows would be lost: .*audit_log 1.*--yes-lose-data/);
  assert.match(await migrate('down', '--to', '9', '--yes-lose-data'), /^\d+ taken back$/m);
  assert.match(await migrate('status'), /source_views .* pending/);
  assert.match(await refusal(['migrate', 'verify', ...where]), /missing.*failed_precondition/s);
  assert.match(await refusal(['migrate', 'down', ...where, '--to', '0']), /rows would be lost: .*website 1.*--yes-lose-data/);
  assert.match(await migrate('up'), /^\d+ applied$/m);
  assert.match(await migrate('verify'), /is that of this version/);
  const down = await migrate('down', '--to', '0', '--yes-lose-data');
  assert.match(down, /taken back/);
  await restored(/^(?:a copy of the database is in|copies of \d+ tables are in schema) (\S+)$/m.exec(down)[1]);
  assert.match(await migrate('up'), /applied/);
  assert.match(await migrate('verify'), /is that of this version/);
  assert.match(await migrate('snapshot'), /^--- table: website$/m);
}

test('a folder is migrated while its server is stopped', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('migrate', { database: false });
  assert.match(await refusal(['migrate', 'status', '--data', folder]), /no database in .*not_found/);
  const server = await serve(folder, { env: { ATTUNE_STORE_URL: '', ...withoutProfiles } });
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example']);
  assert.match(await refusal(['migrate', 'status', '--data', folder]), /running server has .*stop it first/);
  await server.stop();
  await roundTrip(['--data', folder], async (copy) => {
    assert.equal(path.dirname(copy), folder);
    // It is a database of its own, with the site in it.
    const again = path.join(folder, 'again');
    mkdirSync(again);
    for (const file of readdirSync(copy)) copyFileSync(path.join(copy, file), path.join(again, file));
    assert.match(await refusal(['migrate', 'down', '--data', again, '--to', '0']), /rows would be lost: .*website 1/);
  });
  await remove();
});

test('a PostgreSQL database is migrated, also beside a server', { skip, timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('migrate', { database: false });
  const database = cluster.createDatabase();
  const url = cluster.url(database);
  assert.match(await attune(['migrate', 'status', '--database', url]), /0001 {2}base .* pending/);
  const server = await serve(folder, { args: ['--empty', '--database', url], env: withoutProfiles });
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example']);
  assert.match(await attune(['migrate', 'verify', '--database', url]), /is that of this version/);
  assert.equal(await attune(['migrate', 'up', '--database', url]), '0 applied\n');
  await server.stop();
  assert.match(await refusal(['migrate', 'status', '--data', folder]), /on a server: name it with --database/);
  await roundTrip(['--database', url], async (copy) => {
    assert.equal(cluster.psql(database, `select domain from ${copy}.website`), 'shop.example');
    assert.equal(cluster.psql(database, `select count(*) from pg_tables where schemaname = 'public' and tablename = 'website'`), '0');
  });
  await remove();
});
