// How long outcomes are credited to a recommendation is a site's own setting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attune, browserHeaders, query, serve, temporaryFolder, waitFor } from './attune.mjs';

test('a site has windows of its own', { timeout: 120_000 }, async () => {
  const { folder, remove } = await temporaryFolder('windows');
  const server = await serve(folder);
  const call = async (method, path, body) => {
    const answer = await fetch(`${server.url}${path}`, {
      method, headers: { ...browserHeaders, authorization: `Bearer ${key}` }, body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, text);
    return JSON.parse(text);
  };
  let key = '';
  const outcomes = {};
  for (const domain of ['usual.example', 'quick.example']) {
    const site = (await attune(['site', 'add', '--data', folder, '--domain', domain])).split('\n')[0];
    const made = await attune(['key', 'add', '--data', folder, '--site', domain, '--scope', 'admin']);
    [key] = /sk_[\w-]+/.exec(made);
    if (domain === 'quick.example') {
      const own = { click_window_min: 1, cart_window_h: null, purchase_window_h: 1 };
      assert.deepEqual(await call('PUT', `/api/v1/sites/${domain}/windows`, own), own);
      assert.deepEqual(await call('GET', `/api/v1/sites/${domain}/windows`), own);
      assert.deepEqual(await query(folder, 'select click_window_min as n from site_windows'), [{ n: 1 }]);
    }
    await call('PUT', `/api/v1/sites/${domain}/products`, [{ id: 'a' }, { id: 'b' }]);
    const shown = await waitFor('two items', async () => {
      const answer = await call('GET', `/api/v1/sites/${domain}/recommendations?visitor=v1&n=2`);
      return answer.items.length === 2 && answer;
    });
    const [late, early] = shown.items.map((item) => item.item_id);
    const now = Date.now();
    const event = (type, item, at, more) => ({
      site, type, visitor_id: 'v1', url: '/', timestamp: new Date(now + at).toISOString(),
      items: [{ id: item, price: 5, quantity: 1 }], ...more,
    });
    await call('POST', '/api/v1/events', [
      event('recommendation_click', late, 90_000, { decision_id: shown.decision_id }),
      event('recommendation_click', early, -7_200_000, { decision_id: shown.decision_id }),
      event('purchase', early, 0, { order_id: 'o1', revenue: 5 }),
    ]);
    await waitFor('the order', async () =>
      (await query(folder, `select 1 as n from orders where site_id = '${site}'`)).length === 1);
    const rows = await query(folder, `select item_id, clicked, converted from recommendations
      where decision_id = '${shown.decision_id}'`);
    const row = (item) => rows.find((each) => each.item_id === item);
    outcomes[domain] = [row(late).clicked, row(early).clicked, row(early).converted];
  }
  assert.deepEqual(outcomes, {
    'usual.example': [true, true, true],
    'quick.example': [false, true, false],
  });
  // A replay knows the windows too.
  const clicked = 'select count(*) as n from recommendations where clicked';
  const before = await query(folder, clicked);
  await attune(['replay', '--data', folder]);
  assert.deepEqual(await query(folder, clicked), before);
  assert.equal(await server.stop(), 0);
  await remove();
});
