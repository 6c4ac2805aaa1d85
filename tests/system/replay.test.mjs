// `attune replay` and `attune check` on a running server: events go on coming in, nobody is refused,
// and the tables that the replay made say what the old ones said, in every column.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attune, browserHeaders, queryAll, seeded, serve, temporaryFolder, waitFor } from './attune.mjs';

const tables = ['events_log', 'user_sessions', 'pageviews', 'user_events', 'form_submissions', 'orders', 'users',
  'product', 'user_product_interactions', 'recommendations', 'daily_site_metrics', 'website'];

test('a replay of a running server changes nothing and refuses nobody', { timeout: 300_000 }, async (t) => {
  const { folder, remove } = await temporaryFolder('replay');
  const server = await serve(folder, { env: { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0' } });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const random = seeded(5);
  let sent = 0;

  async function send(count) {
    const events = Array.from({ length: count }, () => {
      sent += 1;
      const item = { id: `p${Math.floor(random() * 30)}`, name: 'A thing', price: 9.5 };
      const event = { site, visitor_id: `v${Math.floor(random() * 200)}`, url: `https://shop.example/${sent}.html` };
      if (sent % 3 === 0) return { ...event, type: 'product_view', items: [item] };
      if (sent % 17 === 0) return { ...event, type: 'purchase', order_id: `o${sent}`, revenue: 9.5, currency: 'EUR', items: [item] };
      if (sent % 23 === 0) return { ...event, type: 'form_submit', form: { id: 'letter', data: { topic: 'tea' } } };
      return { ...event, type: 'pageview', title: `Page ${sent}` };
    });
    const answer = await fetch(`${server.url}/api/v1/events`, {
      method: 'POST', headers: browserHeaders, body: JSON.stringify(events) });
    assert.equal(answer.status, 200, await answer.text());
  }
  const settled = () => waitFor('the tables to catch up', async () => {
    const status = JSON.parse(await attune(['status', '--json', '--data', folder]));
    return status.etl.position >= status.journal.durable_end;
  });
  // Days are computed a little later than the rest; only for them a second question may differ.
  const dump = async () => {
    const all = {};
    for (const table of tables) all[table] = await queryAll(folder, `select * from ${table} order by all`);
    return all;
  };

  for (let i = 0; i < 40; i += 1) await send(100);
  await settled();
  await waitFor('the days', async () => (await queryAll(folder, 'select * from daily_site_metrics order by all'))
    .reduce((sum, day) => sum + Number(day.total_pageviews) + Number(day.total_events), 0) === 4000);
  const before = await dump();
  assert.equal(before.events_log.length, 4000);

  let replaying = true;
  const replay = attune(['replay', '--data', folder]).finally(() => { replaying = false; });
  const stream = (async () => { while (replaying) await send(10); })();
  await replay;
  await stream;
  const during = sent - 4000;
  t.diagnostic(`${during} events came in while the tables were made again`);
  assert.ok(during > 0);
  await settled();
  assert.equal((await queryAll(folder, 'select id from events_log order by id')).length, sent);

  // Rows of before, by what they say of the first 4,000 events: these tables only grow.
  for (const table of ['events_log', 'form_submissions', 'orders', 'user_product_interactions', 'users', 'product']) {
    const after = new Set((await queryAll(folder, `select * from ${table} order by all`)).map((row) => JSON.stringify(row)));
    const gone = before[table].filter((row) => !after.has(JSON.stringify(row)));
    assert.deepEqual(gone, [], `${table} lost or changed rows`);
  }
  await attune(['check', '--data', folder]);  // every table and column against another replay

  // Quiet now: a second replay leaves every table as it is.
  const quiet = await dump();
  await attune(['replay', '--data', folder]);
  await settled();
  assert.deepEqual(await dump(), quiet);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal(await server.stop(), 0);

  // And on the stopped folder.
  await attune(['replay', '--data', folder]);
  assert.equal((await queryAll(folder, 'select id from events_log order by id')).length, sent);
  await remove();
});
