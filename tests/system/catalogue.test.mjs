// A shop's catalogue from a file: whole or in part, and what it must not do by mistake.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { attune, query, temporaryFolder } from './attune.mjs';

const shop = 'shop.example';

test('a catalogue is imported whole or not at all', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('catalogue');
  await attune(['site', 'add', '--data', folder, '--domain', shop]);
  const file = path.join(folder, 'catalogue');
  const put = async (text, ...options) => {
    writeFileSync(file, text);
    return JSON.parse(await attune(['import', 'products', file, '--data', folder, '--site', shop,
      '--format', 'json', ...options]));
  };
  const shown = async () => (await query(folder,
    'select external_id from product where not hidden order by 1')).map((row) => row.external_id);
  const csv = (count, more = '') => `id,name,price,brand\n${
    Array.from({ length: count }, (_, i) => `p${i},Tea ${i},${i}.50,Acme\n`).join('')}${more}`;

  assert.deepEqual(await put(csv(20)), { stored: 20, hidden: 0, wrong: 0, errors: [], ignored: [] });
  const [row] = await query(folder, "select name, price, brand, source from product where external_id = 'p7'");
  assert.deepEqual(row, { name: 'Tea 7', price: 7.5, brand: 'Acme', source: 'catalogue' });

  // One wrong line: nothing of the others either, unless it may be left out.
  const wrong = `${csv(21)}p99,Tea,cheap,\n`;
  await assert.rejects(put(wrong), /1 of 22 products cannot be read, nothing was stored; line 23: price must be/);
  assert.equal((await shown()).length, 20);
  const left = await put(wrong, '--skip-errors');
  assert.deepEqual([left.stored, left.wrong, left.errors[0].line], [21, 1, 23]);

  // What a whole catalogue does not name is hidden, and shown when it is named again.
  assert.equal((await put(csv(11), '--complete')).hidden, 10);
  assert.equal((await shown()).length, 11);
  assert.equal((await put('{"id":"p20"}\n')).hidden, 0);
  assert.equal((await shown()).length, 12);

  // One that is named and cannot be read is not taken for gone.
  assert.equal((await put(csv(11, 'p20,Tea,cheap,\n'), '--complete', '--skip-errors')).hidden, 0);

  // Types.
  await put('id,type\na1,content\no1,offer\n');
  assert.deepEqual(await query(folder, "select external_id, type from product where type <> 'product' order by 1"),
    [{ external_id: 'a1', type: 'content' }, { external_id: 'o1', type: 'offer' }]);
  await assert.rejects(put('id,type\na1,book\n'), /line 2: type must be one of product, content, offer/);
  await put('{"id":"a1","hidden":true}\n{"id":"o1","hidden":true}\n');

  // A cut file.
  const cut = ['<rss><item><id>p0</id><title>Tea</title></item></rss>', '--complete'];
  await assert.rejects(put(...cut), /would hide 11 of the 12 products .* nothing was changed.*--yes/);
  assert.equal((await shown()).length, 12);
  assert.equal((await put(...cut, '--yes')).hidden, 11);
  assert.deepEqual(await shown(), ['p0']);
  await remove();
});
