// Kills the server under load, again and again, and then holds the tables against what was acknowledged:
// every acknowledged event is there exactly once, and the tables equal a replay of the journal.
// kill -9 keeps the page cache, so this says nothing of syncs: tests/journal's faulty files do.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { attune, browserHeaders, freePort, pause, postgres, queryAll, seeded, serve, temporaryFolder, waitFor } from './attune.mjs';

const kills = Number(process.env.KILLS ?? 20);
const seed = Number(process.env.SEED ?? 7);
const clients = 16;

function makeEvent(random, site, number, eventId) {
  const visitor = Math.floor(random() * 400);
  const kind = random();
  const event = {
    site, event_id: eventId, visitor_id: `visitor-${visitor}`,
    url: `https://shop.example/page-${Math.floor(random() * 50)}.html?n=${number}`,
    title: `Page ${number}`,
  };
  if (random() < 0.5) event.session_id = `session-${visitor}-${Math.floor(number / 4000)}`;
  if (kind < 0.6) return { ...event, type: 'pageview', referrer: 'https://www.google.com/' };
  if (kind < 0.8) return { ...event, type: 'click', element: { tag: 'a', id: 'buy' } };
  if (kind < 0.95) return { ...event, type: 'product_view', items: [{ id: `p${Math.floor(random() * 30)}`, price: 9.5 }] };
  return { ...event, type: 'purchase', order_id: `o${number}`, revenue: 19, currency: 'EUR',
    items: [{ id: `p${Math.floor(random() * 30)}`, price: 19, quantity: 1 }] };
}

test(`${kills} kills under load lose and repeat nothing`, { timeout: 900_000 }, async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const random = seeded(seed);
  const { folder, remove } = await temporaryFolder('crash');
  const port = await freePort();
  let server = await serve(folder, { port, env: { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0' } });
  const site = (await attune(['site', 'add', '--data', folder, '--domain', 'shop.example'])).split('\n')[0];
  const acknowledged = new Set();
  const sent = new Set();
  let running = true;
  let number = 0;

  // Half the requests are single events, half batches. What was not acknowledged is sent again with the
  // same id, as a tracker would: it may be in the journal already and must not count twice.
  async function client() {
    let retry = null;
    while (running) {
      const ids = retry?.ids ?? Array.from({ length: random() < 0.5 ? 1 : 20 }, () => randomUUID());
      const events = retry?.events ?? ids.map((id) => makeEvent(random, site, number++, id));
      ids.forEach((id) => sent.add(id));
      retry = { ids, events };
      try {
        const answer = await fetch(`${server.url}/api/v1/events`, {
          method: 'POST',
          headers: browserHeaders,
          body: JSON.stringify(events.length === 1 ? events[0] : events),
        });
        const body = await answer.json();
        if (answer.status === 200) {
          assert.equal(body.accepted, ids.length, JSON.stringify(body));
          ids.forEach((id) => acknowledged.add(id));
          retry = null;
        } else {
          assert.ok([429, 503].includes(answer.status), `${answer.status} ${JSON.stringify(body)}`);
          await pause(50);
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await pause(20);  // the server is down
      }
    }
  }

  const load = Promise.all(Array.from({ length: clients }, client));
  for (let kill = 0; kill < kills; kill += 1) {
    const before = acknowledged.size;
    await waitFor('progress', async () => acknowledged.size > before + 200);
    await pause(random() * 400);
    if (postgres && kill % 2 === 1) {  // the database dies, and the server goes on taking events
      postgres.crash();
      await waitFor('events while the database is down', async () => acknowledged.size > before + 1000);
      postgres.start();
      continue;
    }
    await server.kill();
    server = await serve(folder, { port, env: { ATTUNE_COLLECT_RATE_PER_ADDRESS: '0' } });
  }
  running = false;
  await load;
  await waitFor('the tables to catch up', async () => {
    const status = JSON.parse(await attune(['status', '--json', '--data', folder]));
    return status.etl.position >= status.journal.durable_end;
  });
  await server.stop();

  const rows = await queryAll(folder,
    'select cast(event_id as varchar) as id, count(*) as n from events_log group by event_id order by event_id');
  const counts = new Map(rows.map((row) => [row.id, row.n]));
  t.diagnostic(`${acknowledged.size} acknowledged, ${sent.size} sent, ${rows.length} stored, ${kills} kills`);
  assert.deepEqual([...acknowledged].filter((id) => counts.get(id) !== 1), [], 'acknowledged, stored exactly once');
  assert.deepEqual(rows.filter((row) => !sent.has(row.id)), [], 'nothing that nobody sent');
  assert.deepEqual(rows.filter((row) => row.n !== 1), [], 'nothing twice');
  const [{ sessions }] = await queryAll(folder, 'select count(*) as sessions from user_sessions');
  assert.ok(sessions > 0, 'the events were no bots');
  await attune(['check', '--data', folder]);  // exits non-zero when a table differs from a replay
  await remove();
});
