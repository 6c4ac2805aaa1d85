// The server on PostgreSQL as a login that owns nothing special: what it answers to people it reads
// as attune_app, for one site or one account, and row-level security would hide the others' rows.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { adminPassword, attune, browserHeaders, serve, temporaryFolder, waitFor } from './attune.mjs';
import { postgresPrograms, startPostgres } from './postgres.mjs';

const skip = postgresPrograms() === null ? 'no PostgreSQL under /usr/lib/postgresql: nothing checked' : false;
const cluster = skip ? null : startPostgres();
after(() => cluster?.remove());

test('a server without superuser reads and writes as the tenant', { skip, timeout: 180_000 }, async () => {
  const { folder, remove } = await temporaryFolder('tenants', { database: false });
  const database = cluster.createDatabase();
  cluster.psql('postgres', 'create role shop login; create role attune_app nologin; '
    + 'create role attune_etl nologin bypassrls; grant attune_app, attune_etl to shop');
  cluster.psql(database, 'grant create, usage on schema public to shop, attune_etl');
  const server = await serve(folder, { args: ['--empty', '--database', cluster.url(database, 'shop')] });
  const login = await fetch(`${server.url}/api/v1/login`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'admin', password: adminPassword }) });
  assert.equal(login.status, 200, await login.clone().text());
  const { csrf_token: csrf } = await login.json();
  const cookie = login.headers.get('set-cookie').split(';')[0];
  const call = async (method, path, body) => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method, headers: { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text), text };
  };
  const sites = {};
  for (const domain of ['one.example', 'two.example']) {
    sites[domain] = (await attune(['site', 'add', '--data', folder, '--domain', domain])).split('\n')[0];
    await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders,
      body: JSON.stringify([{ site: sites[domain], type: 'pageview', visitor_id: 'v1', url: `https://${domain}/` }]) });
  }
  await waitFor('both pages', async () => cluster.psql(database, 'select count(*) from pageviews') === '2');
  assert.equal(cluster.psql(database, "select pg_get_userbyid(relowner) from pg_class where relname = 'pageviews'"), 'attune_etl');

  const good = async (method, path, body) => {
    const answer = await call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
    return answer.body;
  };
  const visitors = async () => (await good('GET', '/sites/one.example/stats/realtime')).visitors_now;
  assert.equal(await visitors(), 1);
  await good('GET', '/sites/two.example/stats/overview?period=7d');
  await good('PUT', '/sites/one.example/products', [{ id: 'tea', name: 'Tea', price: 3 }]);
  await good('PUT', '/sites/one.example/rl-models', { model_name: 'm', algorithm_type: 'DQN', version: '1' });
  await good('POST', '/campaigns', { name: 'Spring' });
  assert.equal((await good('GET', '/campaigns')).campaigns.length, 1);

  // What people ask is asked as attune_app: without its rights there is no answer, while events go on.
  cluster.psql(database, 'revoke select on all tables in schema public from attune_app');
  for (const path of ['/sites/one.example/stats/realtime', '/sites/one.example/rl-models', '/campaigns']) {
    assert.notEqual((await call('GET', path)).status, 200, path);
  }
  await fetch(`${server.url}/api/v1/events`, { method: 'POST', headers: browserHeaders,
    body: JSON.stringify([{ site: sites['one.example'], type: 'pageview', visitor_id: 'v2', url: 'https://one.example/' }]) });
  await waitFor('the third page', async () => cluster.psql(database, 'select count(*) from pageviews') === '3');
  cluster.psql(database, 'grant select on all tables in schema public to attune_app');
  assert.equal(await visitors(), 2);

  // The policy itself: were it wrong, the statement's own predicate would not show it.
  cluster.psql(database, "alter policy tenant on pageviews using (false)");
  assert.equal(await visitors(), 0);
  assert.equal(await server.stop(), 0);
  await remove();
});
