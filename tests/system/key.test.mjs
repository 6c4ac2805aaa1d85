// `attune key add`: a key of a site sees its site, one of the whole server sees all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attune, serve, temporaryFolder } from './attune.mjs';

test('keys of a site and of the whole server', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('key');
  const make = async (...args) => (await attune(['key', 'add', '--data', folder, ...args])).trim();
  await attune(['site', 'add', '--data', folder, '--domain', 'shop.example']);
  const stopped = await make('--whole-server', '--scope', 'admin', '--name', 'made while it stands still');
  const server = await serve(folder);
  const running = await make('--whole-server', '--scope', 'admin');
  const ours = await make('--site', 'shop.example', '--scope', 'admin');
  const ask = async (key, path, body) => {
    const answer = await fetch(`${server.url}/api/v1/${path}`, {
      method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    return { status: answer.status, ...await answer.json() };
  };

  assert.deepEqual((await ask(stopped, 'keys')).keys.map(({ name, scope }) => [name, scope]),
    [['made while it stands still', 'admin'], ['admin key', 'admin']]);
  assert.deepEqual((await ask(running, 'sites/shop.example/keys')).keys.map((key) => key.name), ['admin key']);
  assert.equal((await ask(running, 'sites', { domain: 'second.example' })).status, 201);

  assert.equal((await ask(ours, 'sites/shop.example/keys')).status, 200);
  assert.equal((await ask(ours, 'keys')).status, 403);
  assert.equal((await ask(ours, 'sites', { domain: 'third.example' })).status, 403);
  assert.equal(await server.stop(), 0);
  await remove();
});
