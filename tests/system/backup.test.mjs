// `attune backup` of a server under load, `attune restore` into an empty place, and what must be refused.
import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { attune, browserHeaders, queryAll, seeded, serve, temporaryFolder, waitFor } from './attune.mjs';

const tables = ['events_log', 'user_sessions', 'pageviews', 'user_events', 'form_submissions', 'orders', 'users',
  'product', 'user_product_interactions', 'recommendations', 'daily_site_metrics', 'website', 'api_key'];

async function refused(args, what) {
  await assert.rejects(attune(args), (error) => {
    assert.match(error.stderr, what);
    return true;
  });
}

test('a backup of a server under load, restored into an empty folder, goes on from there', { timeout: 300_000 }, async () => {
  const { folder, remove } = await temporaryFolder('backup');
  const data = path.join(folder, 'data');
  const copy = path.join(folder, 'copy');
  const fresh = path.join(folder, 'fresh');
  const env = { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0', ATTUNE_JOURNAL_SEGMENT_BYTES: `${1 << 20}` };
  let server = await serve(data, { env });
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  await attune(['key', 'add', '--data', data, '--site', site, '--scope', 'read']);
  const random = seeded(11);
  let sent = 0;
  async function send(count) {
    const events = Array.from({ length: count }, () => {
      sent += 1;
      const event = { site, visitor_id: `v${Math.floor(random() * 300)}`, url: `https://shop.example/${sent}.html` };
      if (sent % 5 === 0) return { ...event, type: 'product_view', items: [{ id: `p${sent % 40}`, name: 'A thing', price: 3.5 }] };
      if (sent % 31 === 0) return { ...event, type: 'purchase', order_id: `o${sent}`, revenue: 9.5, currency: 'EUR', items: [{ id: 'p1', price: 9.5 }] };
      return { ...event, type: 'pageview', title: `Page ${sent}` };
    });
    const answer = await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders, body: JSON.stringify(events) });
    assert.equal(answer.status, 200, await answer.text());
  }
  for (let i = 0; i < 40; i += 1) await send(100);

  await waitFor('enough to train on', async () => (await queryAll(data, 'select id from user_product_interactions order by id')).length > 500);
  await attune(['train', '--data', data, '--site', site]);

  let copying = true;
  const load = (async () => { while (copying) await send(20); })();
  const text = await attune(['backup', '--data', data, copy]).finally(() => { copying = false; });
  await load;
  assert.match(text, /rows/);
  const manifest = JSON.parse(await readFile(path.join(copy, 'manifest.json'), 'utf8'));
  assert.ok(manifest.journal.position <= manifest.journal.end);
  assert.ok(manifest.files.some((file) => file.file.startsWith('journal/')));
  assert.ok(manifest.tables.find((table) => table.table === 'events_log').rows >= 1);
  const inside = await readdir(copy);
  assert.ok(!inside.includes('salts') && !inside.includes('secret'), 'salts and the secret stay where they are');
  assert.ok(sent > 4000, 'events came in meanwhile');

  const restored = await attune(['restore', copy, '--data', fresh]);
  assert.match(restored, /go on from there/);
  assert.deepEqual((await readdir(folder)).filter((name) => name.includes('restoring')), []);

  // The restored folder catches up with its journal: then it holds a prefix of what the server has.
  const settled = (of) => waitFor('the tables to catch up', async () => {
    const status = JSON.parse(await attune(['status', '--json', '--data', of]));
    return status.etl.position >= status.journal.durable_end;
  });
  await settled(data);
  const all = await queryAll(data, 'select * from events_log order by id');
  assert.equal(await server.stop(), 0);
  server = await serve(fresh, { env });
  await settled(fresh);
  const rows = await queryAll(fresh, 'select * from events_log order by id');
  assert.ok(rows.length >= 4000 && rows.length <= all.length, `${rows.length} of ${all.length}`);
  assert.deepEqual(rows, all.slice(0, rows.length));
  const [model] = await queryAll(fresh, 'select artifact_path, artifact_size_bytes from ml_models order by id');
  assert.ok(model.artifact_path.startsWith(`${fresh}/models/`), model.artifact_path);
  assert.equal((await stat(model.artifact_path)).size, Number(model.artifact_size_bytes));
  await attune(['check', '--data', fresh]);   // every derived table against a replay of the copied journal
  assert.equal((await queryAll(fresh, 'select * from api_key order by id')).length, 1);
  await send(100);   // and it takes events
  await settled(fresh);
  assert.equal((await queryAll(fresh, 'select id from events_log order by id')).length, rows.length + 100);
  assert.equal(await server.stop(), 0);
  assert.deepEqual(await queryAll(fresh, 'select table_name from information_schema.tables order by all'),
    await queryAll(data, 'select table_name from information_schema.tables order by all'));

  // A stopped folder is backed up by the same command, and every table is the same in the restored one.
  const still = path.join(folder, 'still');
  const again = path.join(folder, 'again');
  await attune(['backup', '--data', fresh, still]);
  await attune(['restore', still, '--data', again]);
  for (const table of tables) {
    assert.deepEqual(await queryAll(again, `select * from ${table} order by all`),
      await queryAll(fresh, `select * from ${table} order by all`), table);
  }
  await remove();
});

test('what a backup or a restore must not do is refused, and nothing is touched', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('refused');
  const data = path.join(folder, 'data');
  const copy = path.join(folder, 'copy');
  await attune(['site', 'add', '--data', data, '--domain', 'shop.example']);
  await attune(['backup', '--data', data, copy]);

  await refused(['backup', '--data', data, copy], /is there already/);
  await refused(['backup', '--data', data, path.join(data, 'inside')], /outside of the data folder/);
  await refused(['restore', copy, '--data', data], /is not empty/);
  await refused(['restore', path.join(folder, 'nothing'), '--data', path.join(folder, 'x')], /no manifest\.json/);

  const altered = path.join(folder, 'altered');
  const segment = (await readdir(path.join(copy, 'journal')))[0];
  const breakings = [
    [async () => appendFile(path.join(altered, 'attune.duckdb'), 'x'), /not as it was written/],
    [async () => rm(path.join(altered, 'journal', segment)), /lacks journal/],
    [async () => writeFile(path.join(altered, 'manifest.json'), '{"format":1}'), /manifest\.json is damaged/],
    [async () => writeFile(path.join(altered, 'manifest.json'), '{"format":9}'), /format 9/],
    [async () => rm(path.join(altered, 'manifest.json')), /not finished/],
    [async () => {
      const manifest = JSON.parse(await readFile(path.join(altered, 'manifest.json'), 'utf8'));
      manifest.files[0].file = '../outside';
      await writeFile(path.join(altered, 'manifest.json'), JSON.stringify(manifest));
    }, /not within the backup/],
    [async () => {
      const manifest = JSON.parse(await readFile(path.join(altered, 'manifest.json'), 'utf8'));
      manifest.tables.find((table) => table.table === 'website').rows += 1;
      await writeFile(path.join(altered, 'manifest.json'), JSON.stringify(manifest));
    }, /table website is not what/],
  ];
  for (const [breaking, what] of breakings) {
    await cp(copy, altered, { recursive: true });
    await breaking();
    await refused(['restore', altered, '--data', path.join(folder, 'x')], what);
    assert.deepEqual((await readdir(folder)).sort(), ['altered', 'copy', 'data'], 'nothing was made');
    await rm(altered, { recursive: true });
  }
  await mkdir(path.join(folder, 'empty'));
  await attune(['restore', copy, '--data', path.join(folder, 'empty')]);
  assert.match(await attune(['site', 'list', '--data', path.join(folder, 'empty')]), /shop\.example/);
  await remove();
});
