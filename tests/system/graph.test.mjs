// The graph's edges, from events to rows, as an operator and the clock make them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attune, browserHeaders, query, serve, temporaryFolder, waitFor } from './attune.mjs';

const edgesOf = (folder, site) => query(folder,
  `select edge_type, from_type, from_id, to_type, to_id, weight from graph_edges
   where site_id = '${site}' order by edge_type, from_id, to_id`);
const text = (rows) => rows.map((row) =>
  `${row.from_type} ${row.from_id} ${row.edge_type} ${row.to_type} ${row.to_id} ${row.weight}`);

test('events become edges, of one site or of all', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('graph');
  const server = await serve(folder);
  const add = async (domain) =>
    (await attune(['site', 'add', '--data', folder, '--domain', domain])).split('\n')[0];
  const shop = await add('shop.example');
  const other = await add('other.example');
  const send = async (site, type, more) => {
    const event = {
      site, type, session_id: 's1', visitor_id: 'v1', url: '/list', ...more,
    };
    const answer = await fetch(`${server.url}/api/v1/events`, {
      method: 'POST', headers: browserHeaders, body: JSON.stringify(event),
    });
    assert.ok(answer.ok, await answer.text());
  };
  const item = (id) => ({ id, name: id, category: 'shoes' });
  const at = (second) => ({ timestamp: new Date(Date.now() - 60_000 + second * 1000).toISOString() });
  await send(shop, 'pageview', at(0));
  await send(shop, 'search', { query: 'Boots', ...at(1) });
  await send(shop, 'pageview', { url: '/boots', ...at(2) });
  await send(shop, 'product_view', { items: [item('a')], ...at(3) });
  await send(shop, 'product_view', { items: [item('b')], ...at(4) });
  await send(shop, 'cart_add', { items: [item('a')], user_id: 'ann', ...at(5) });
  await send(shop, 'purchase', { items: [item('a'), item('b')], user_id: 'ann', revenue: 5, ...at(6) });
  await send(other, 'product_view', { items: [item('z')] });
  await waitFor('the tables', async () =>
    (await query(folder, 'select count(*) as n from user_product_interactions'))[0].n === 6);

  assert.match(await attune(['graph', 'refresh', '--data', folder, '--site', 'shop.example']), /BOUGHT_TOGETHER +2/);
  assert.deepEqual(text(await edgesOf(folder, shop)), [
    'User ann ADDED_TO_CART Product a 1',
    'Product a BOUGHT_TOGETHER Product b 1',
    'Product b BOUGHT_TOGETHER Product a 1',
    'Product a IN_CATEGORY Category shoes 1',
    'Product b IN_CATEGORY Category shoes 1',
    'Page /list NAVIGATED_TO Page /boots 1',
    'User ann PURCHASED Product a 1',
    'User ann PURCHASED Product b 1',
    'User v1 SEARCHED_FOR Event boots 1',
    'User v1 VIEWED Product a 1',
    'User v1 VIEWED Product b 1',
    'Product a VIEWED_TOGETHER Product b 1',
    'Product b VIEWED_TOGETHER Product a 1',
  ]);
  assert.deepEqual(await edgesOf(folder, other), []);

  assert.match(await attune(['graph', 'refresh', '--data', folder]), /sites +2/);
  assert.deepEqual(text(await edgesOf(folder, other)), [
    'Product z IN_CATEGORY Category shoes 1', 'User v1 VIEWED Product z 1',
  ]);
  await assert.rejects(attune(['graph', 'refresh', '--data', folder, '--site', 'nowhere.example']), /not_found/);

  // A replay makes them again.
  const before = await edgesOf(folder, shop);
  await attune(['replay', '--data', folder]);
  assert.deepEqual(await edgesOf(folder, shop), before);
  assert.equal(await server.stop(), 0);
  await remove();
});

test('the clock refreshes after new events', { timeout: 180_000 }, async () => {
  const { folder, remove } = await temporaryFolder('graph-clock');
  const server = await serve(folder, { env: { ATTUNE_ETL_GRAPH_EVERY_MIN: '1' } });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const answer = await fetch(`${server.url}/api/v1/events`, {
    method: 'POST', headers: browserHeaders,
    body: JSON.stringify({ site, type: 'product_view', visitor_id: 'v1', url: '/a', items: [{ id: 'a' }] }),
  });
  assert.ok(answer.ok, await answer.text());
  await waitFor('the edge', async () =>
    text(await edgesOf(folder, site)).includes('User v1 VIEWED Product a 1'), { timeoutMs: 120_000, everyMs: 1000 });
  assert.equal(await server.stop(), 0);
  await remove();
});
