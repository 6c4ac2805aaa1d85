// Data folders that cannot be used: each is refused with the reason and what to do, and left as it was. The
// tables of others, newer versions, changed and half done migrations: tests/store/migrate_test.cpp.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { attune, temporaryFolder } from './attune.mjs';

async function complaint(...args) {
  try {
    await attune(args, { env: { ...process.env, ATTUNE_STORE_URL: '' } });
    return '';
  } catch (error) {
    assert.equal(error.code, 1, error.stderr);
    return error.stderr;
  }
}

/** A disk of a few megabytes; null where none can be mounted. */
async function smallDisk(megabytes) {
  const { folder, remove } = await temporaryFolder('disk', { database: false });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    await remove();
    return null;
  }
  const remount = (how) => execFileSync('mount', ['-o', `remount,${how}`, folder]);
  return { folder, remount, remove: async () => { execFileSync('umount', ['-l', folder]); await remove(); } };
}

test('a file that is no database is left as it is', async () => {
  const { folder, remove } = await temporaryFolder('foreign', { database: false });
  for (const content of ['somebody else wrote this\n', '', Buffer.alloc(20_000, 7)]) {
    const data = path.join(folder, `${content.length}`);
    mkdirSync(data);
    const file = path.join(data, 'attune.duckdb');
    writeFileSync(file, content);
    const said = await complaint('site', 'list', '--data', data);
    assert.match(said, /not a valid DuckDB database file.*left as it is: restore a backup/);
    assert.deepEqual(readFileSync(file), Buffer.from(content));
  }
  await remove();
});

test('a database that was cut off is damage, and is not mended', async () => {
  const { folder, remove } = await temporaryFolder('cut', { database: false });
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'], { env: { ...process.env, ATTUNE_STORE_URL: '' } });
  const file = path.join(folder, 'attune.duckdb');
  const cut = readFileSync(file).subarray(0, 5000);
  writeFileSync(file, cut);
  rmSync(`${file}.wal`, { force: true });
  assert.notEqual(await complaint('site', 'list', '--data', folder), '');
  assert.deepEqual(readFileSync(file), cut);
  await remove();
});

test('a folder that cannot be written to, or is full, loses nothing', async (t) => {
  const disk = await smallDisk(60);
  if (disk === null) {
    t.skip('no small disk can be mounted here: nothing checked');
    return;
  }
  try {
    const data = path.join(disk.folder, 'data');
    const env = { ...process.env, ATTUNE_STORE_URL: '' };
    await attune(['site', 'add', '--data', data, '--domain', 'shop.example'], { env });
    disk.remount('ro');
    const before = readdirSync(data);
    assert.match(await complaint('site', 'list', '--data', data), /Read-only file system; name a data folder that this user can write to/);
    assert.match(await complaint('site', 'list', '--data', path.join(disk.folder, 'new')), /Read-only file system; name a data folder/);
    assert.match(await complaint('migrate', 'down', '--data', data, '--to', '0'), /Read-only file system/);
    assert.deepEqual(readdirSync(data), before);
    disk.remount('rw');

    const filler = path.join(disk.folder, 'filler');
    try { writeFileSync(filler, Buffer.alloc(80 << 20)); } catch { /* full now */ }
    assert.match(await complaint('site', 'add', '--data', data, '--domain', 'other.example'), /No space left on device/);
    assert.match(await complaint('migrate', 'down', '--data', data, '--to', '0', '--yes-lose-data'), /No space left|no room for a copy/);
    rmSync(filler);
    assert.match(await attune(['site', 'list', '--data', data], { env }), /shop\.example/);
    assert.doesNotMatch(await attune(['site', 'list', '--data', data], { env }), /other\.example/);
    await attune(['site', 'add', '--data', data, '--domain', 'other.example'], { env });
    assert.ok(existsSync(path.join(data, 'attune.duckdb')));
  } finally {
    await disk.remove();
  }
});
