// Old interactions in files: still answered under their table's name, gone with the person they are of,
// in step with replay, check, backup and restore.
import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { attune, postgres, query, temporaryFolder } from './attune.mjs';

const dayMs = 24 * 3_600_000;
const days = 300;

async function archiveFiles(data) {
  const all = await readdir(path.join(data, 'archive'), { recursive: true, withFileTypes: true }).catch(() => []);
  return all.filter((entry) => entry.isFile()).map((entry) => path.join(entry.path ?? entry.parentPath, entry.name)).sort();
}

/** Rows of a statement over interactions, hot and cold, by the id in the first column. */
async function everywhere(data, sql) {
  const ask = async (...args) => JSON.parse(await attune(['query', '--data', data, '--format', 'json', '--rows', '100000', ...args, sql]));
  const rows = postgres ? [...await ask(), ...await ask('--archive')] : await ask();
  return rows.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}
const whole = `select id, user_id, product_id, interaction_type, session_id, cast(extract(epoch from timestamp) as bigint) as at,
  reward, site_id, visitor_id, item_id, quantity, price, decision_id from user_product_interactions order by id`;

test('archived interactions are asked, erased, kept by replay and backup like the others', { timeout: 300_000 }, async () => {
  const { folder, remove } = await temporaryFolder('archive');
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'past.ndjson');
  const site = (await attune(['site', 'add', '--data', data, '--domain', 'shop.example'])).split('\n')[0];
  await writeFile(file, Array.from({ length: days }, (_, i) => JSON.stringify({
    type: i % 9 === 0 ? 'purchase' : 'product_view', visitor_id: i % 5 === 3 ? 'needle-visitor' : `v${i % 5}`,
    ...(i % 9 === 0 ? { order_id: `o${i}`, revenue: 3.5, currency: 'EUR' } : {}), url: `https://shop.example/${i}.html`,
    timestamp: new Date(Date.now() - (days - i) * dayMs + 3_600_000).toISOString(), items: [{ id: `p${i % 4}`, price: 3.5, quantity: 2 }] })).join('\n'));
  await attune(['import', 'events', '--data', data, '--site', site, file]);
  const before = await everywhere(data, whole);
  assert.equal(before.length, days);
  assert.deepEqual(await archiveFiles(data), []);

  await attune(['archive', '--data', data]);
  const files = await archiveFiles(data);
  assert.ok(files.length >= 3, `${files.length} files`);
  for (const each of files) assert.match(each, new RegExp(`archive/user_product_interactions/site_id=${site}/month=\\d{4}-\\d{2}/\\d+\\.parquet$`));
  const [{ n: kept }] = await query(data, 'select sum(row_count) as n from archive_file');
  assert.ok(Number(kept) > 80 && Number(kept) < 140, `${kept} rows moved`);
  assert.deepEqual(await everywhere(data, whole), before);
  if (postgres) {
    const [{ n }] = await query(data, 'select count(*) as n from user_product_interactions');
    assert.equal(Number(n), days - Number(kept));
  }
  assert.match(await attune(['archive', '--data', data]), /rows +0/);   // once is enough

  // Neither check nor replay miss or repeat them.
  assert.match(await attune(['check', '--data', data]), new RegExp(` user_product_interactions +archived +${kept} `));
  await attune(['replay', '--data', data]);
  assert.deepEqual(await everywhere(data, whole), before);

  // A backup holds them, and a restored folder finds them.
  if (!postgres) {
    await attune(['backup', '--data', data, path.join(folder, 'copy')]);
    await attune(['restore', path.join(folder, 'copy'), '--data', path.join(folder, 'fresh')]);
    assert.deepEqual(await everywhere(path.join(folder, 'fresh'), whole), before);
  }

  // A person leaves the files.
  const needles = async () => {
    const texts = await Promise.all(files.concat(await archiveFiles(data)).map((name) => readFile(name).catch(() => Buffer.alloc(0))));
    return texts.filter((text) => text.includes('needle')).length;
  };
  const others = before.filter((row) => row.visitor_id !== 'needle-visitor');
  assert.ok(others.length < days);
  const erased = await attune(['erase', '--data', data, '--site', site, '--visitor', 'needle-visitor']);
  assert.match(erased, /archived_rows +[1-9]/);
  assert.deepEqual(await everywhere(data, whole), others);
  assert.equal(await needles(), 0);
  const [left] = await everywhere(data, "select 1 as id, count(*) as n from user_product_interactions where visitor_id like 'needle%'");
  assert.equal(Number(left.n), 0);
  await attune(['check', '--data', data]);

  // Limits reach into the archive: a month whose newest row is too old goes.
  await attune(['retention', '--data', data, '--site', site, '--table', 'user_product_interactions', '--days', '250']);
  await attune(['maintain', '--data', data, 'monthly']);
  assert.ok((await archiveFiles(data)).length < files.length);
  await remove();
});
